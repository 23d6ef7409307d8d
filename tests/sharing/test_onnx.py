"""Effects as ONNX: what leaves home answers and edits like the model that stays."""

import dataclasses
import gzip
import hashlib
import importlib.util
import json
import re
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from editor.editing.editor import Editor
from editor.editing.filtering import Filtered
from editor.models.autoencoder import DECODED_CHANNELS, blend, split_move
from editor.models.color_map import identity_table, look_up
from editor.models.editing_model import EditingModel
from editor.sharing.answer_graph import CHANNELS, AnswerGraph, uniform
from editor.sharing.errors import SharingError
from editor.sharing.formats import export
from editor.sharing.onnx_graph import ASSETS, SCRIPT, detail_graph, detail_of
from editor.sharing.web_page import GLUE, WASM
from tests.conftest import draw_toy_pair

SIZES = [(32, 32), (100, 60), (20, 50)]  # of photos: the model's own, larger and smaller


def largest_difference(one, other):
    """In 8-bit levels."""
    return np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max()


def painted(editor, photo, strength=1.0):
    """Edit a photo as graphs do, which paste nothing."""
    return dataclasses.replace(editor.predict(photo), paste=None).apply(photo, strength=strength)


@pytest.fixture(scope="module")
def effect(trained_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx")
    export(trained_run, folder / "toy.zip")
    with zipfile.ZipFile(folder / "toy.zip") as archive:
        assert archive.namelist() == [SCRIPT, "toy.json", "toy.onnx"]
        archive.extractall(folder)
    return folder / "toy.onnx"


@pytest.fixture(scope="module")
def script(effect):
    """The script that lies beside the effect, as a module."""
    spec = importlib.util.spec_from_file_location("edit_with_onnx", effect.with_name(SCRIPT))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_graph_answers_like_the_model(effect, trained_run):
    editor = Editor.load(trained_run.path, "cpu")
    x_j = editor.pairs[[3]].images[0, :1]
    with torch.inference_mode():
        expected = AnswerGraph(editor.model)(x_j).numpy()
    session = onnxruntime.InferenceSession(str(effect))
    (answer,) = session.run(None, {"picture": x_j.numpy()})
    assert answer.shape == (1, len(CHANNELS), 32, 32)
    assert np.abs(answer).max() > 0.2, "it does something"
    # Weights lose what float16 has no room for, a share of 2**-11 each; moves are pixels, colors half of 255 levels.
    assert np.abs(answer - expected).max() < 1 / 127.5


@pytest.mark.parametrize("kind", [kind for kind in DECODED_CHANNELS if kind != "canvas"])
def test_six_channels_mean_the_same_for_every_kind(kind):
    generator = torch.Generator().manual_seed(0)
    answer = torch.randn(1, DECODED_CHANNELS[kind], 16, 16, generator=generator)
    x_j = torch.rand(1, 3, 16, 16, generator=generator) * 2 - 1
    factor, paint = uniform(kind, answer)[:, 2:].split([1, 3], dim=1)
    torch.testing.assert_close(x_j + factor * x_j + paint, blend(kind, split_move(kind, answer)[1], x_j))


@pytest.mark.parametrize("size", SIZES)
def test_the_script_edits_like_the_editor(effect, script, trained_run, size):
    photo = draw_toy_pair(77, max(size))[0].crop((0, 0, *size))
    editor = Editor.load(trained_run.path, "cpu")
    expected = painted(editor, photo)
    assert largest_difference(expected, photo) > 40, "the effect is seen"
    # The picture is its own reference there, and a pair is here: as much as another pair would change.
    assert largest_difference(script.edit(effect, photo), expected) <= 12
    assert largest_difference(script.edit(effect, photo, 0.0), photo) == 0


def test_the_script_reads_color_maps_like_the_model(script):
    table = identity_table().pow(3)
    colors = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(0)) * 2.4 - 1.2
    expected = look_up(table, colors)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(script.looked_up(table.numpy(), colors[0].permute(1, 2, 0).numpy()), expected, atol=1e-5)


def test_the_script_filters_detail_like_the_editor(script, tmp_path):
    model = Editor.load(ASSETS / "samples" / "ink", "cpu").model
    path, about = tmp_path / "ink.detail.onnx", detail_of(model)
    path.write_bytes(detail_graph(model))
    photo = draw_toy_pair(5, 120)[0].crop((0, 0, 120, 90))
    for strength in (1.0, 0.5):
        expected = Filtered.of(model, photo, model.config.detail).apply(photo, strength)
        difference = np.abs(np.asarray(script.with_detail(path, about, photo, None, strength), float) - expected)
        # A level is rounding; a line may be a little darker, for Python computes in bfloat16 where that is faster.
        assert difference.mean() < 0.5 and difference.max() <= 16
    assert np.abs(np.asarray(expected, float) - photo).max() > 40, "the filter is seen"


def test_files_say_what_they_are_and_nothing_of_this_machine(effect):
    about = json.loads(effect.with_suffix(".json").read_text())
    assert about["output"]["channels"] == list(CHANNELS)
    model = onnx.load(effect)
    assert not {"GridSample"} & {node.op_type for node in model.graph.node}
    for words in (b".py", b"editor", b"stack_trace", str(effect.parent).encode()):
        assert words not in effect.read_bytes()


def test_no_picture_leaves_home(effect, trained_run):
    """No constant of the graph is as large as a picture, but for weights of its layers."""
    editor = Editor.load(trained_run.path, "cpu")
    pictures = editor.pairs.images.flatten(2)
    for tensor in onnx.load(effect).graph.initializer:
        values = torch.from_numpy(onnx.numpy_helper.to_array(tensor).astype(np.float32)).flatten()
        assert len(values) != pictures.shape[-1] or not (pictures - values).abs().mean(dim=-1).min() < 0.05


def test_without_the_packages_it_says_how_to_get_them(trained_run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(SharingError, match="pip install onnx onnxscript"):
        export(trained_run, tmp_path / "toy.onnx")


def test_what_copies_from_pairs_stays_at_home(tiny_config):
    model = EditingModel(dataclasses.replace(tiny_config, output="canvas")).eval()
    with pytest.raises(SharingError, match="cannot edit without them"):
        AnswerGraph(model)


def test_the_runtime_of_web_pages_is_what_its_readme_says():
    folder = ASSETS / "onnxruntime-web"
    sums = re.findall(r"`([0-9a-f]{64})`", (folder / "README.md").read_text(encoding="utf-8"))
    files = [(folder / GLUE).read_bytes(), gzip.decompress((folder / WASM).read_bytes())]
    assert [hashlib.sha256(data).hexdigest() for data in files] == sums
