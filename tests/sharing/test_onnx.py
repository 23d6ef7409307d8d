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
from editor.editing.filtered_photo import Filtered
from editor.editing.windows import Windows
from editor.grain import seed_of, with_grain
from editor.images import to_tensor
from editor.levels import MEASURES, Levels
from editor.models.autoencoder import DECODED_CHANNELS, blend, split_move
from editor.models.color_map import ColorMap, identity_table, look_up
from editor.models.editing_model import EditingModel
from editor.pasting import paste
from editor.pasting.cutout import CutoutPicture
from editor.pasting.placing import place
from editor.sharing import onnx_graph
from editor.sharing.answer_graph import CHANNELS, AnswerGraph, uniform
from editor.sharing.cutouts import numbers
from editor.sharing.errors import SharingError
from editor.sharing.formats import export
from editor.sharing.onnx_graph import ASSETS, SCRIPTS, plain_grain, plain_map
from editor.sharing.web_page import GLUE, WASM
from tests.conftest import draw_toy_pair
from tests.standins.noise import same_noise

SIZES = [(32, 32), (100, 60), (20, 50)]  # of photos: the model's own, larger and smaller

pytestmark = pytest.mark.usefixtures("placed_well")


def read_exr(path):
    """The channels of an uncompressed OpenEXR file of 32-bit floats, by the format's description."""
    data, at, names = path.read_bytes(), 8, []
    assert data[:4] == b"\x76\x2f\x31\x01"
    while data[at]:  # attributes: name, kind, size, value
        name, kind, rest = data[at:].split(b"\0", 2)
        start = at + len(name) + len(kind) + 6
        value = data[start : start + int.from_bytes(rest[:4], "little")]
        at = start + len(value)
        if name == b"channels":
            names = [part.decode() for part in value[:-1].split(b"\x02\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0")[:-1]]
            names = [part.rstrip("\0") for part in names]
        if name == b"dataWindow":
            width, height = (side + 1 for side in np.frombuffer(value, "<i4")[2:])
    assert names == sorted(names)
    offsets = np.frombuffer(data, "<u8", height, at + 1)
    rows = [np.frombuffer(data, "<f4", len(names) * width, int(offset) + 8) for offset in offsets]
    assert int(offsets[-1]) + 8 + 4 * len(names) * width == len(data)
    return dict(zip(names, np.stack(rows).reshape(height, len(names), width).transpose(1, 0, 2)))


def largest_difference(one, other):
    """In 8-bit levels."""
    return np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max()


@pytest.fixture(scope="module")
def effect(trained_run, pasting, tmp_path_factory):
    """An effect as ONNX that pastes, and beside it the same as an effect file."""
    folder = tmp_path_factory.mktemp("onnx") / "toy_effect"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(onnx_graph, "graphs_of", lambda run: pasting)
        patch.setattr(Editor, "adds", True)
        export(trained_run, folder / "toy.zip")
        export(trained_run, folder / "toy.pairbrush")
    with zipfile.ZipFile(folder / "toy.zip") as archive:
        names = archive.namelist()
        scripts = {script.name for script in SCRIPTS}
        assert {*scripts, "__init__.py", "toy.json", "toy.onnx"} == {name for name in names if ".cutouts/" not in name}
        assert {name.rpartition("/")[0] for name in names if ".cutouts/" in name} == {
            f"toy.cutouts/{size}" for size in ("small", "large")
        }
        archive.extractall(folder)
    return folder / "toy.onnx"


@pytest.fixture(scope="module")
def node(effect):
    """The archive as a package, which ComfyUI takes for a folder of nodes."""
    folder = effect.parent
    spec = importlib.util.spec_from_file_location(
        "toy_effect", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    with pytest.MonkeyPatch.context() as patch:
        module = importlib.util.module_from_spec(spec)
        patch.setitem(sys.modules, "toy_effect", module)
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def script(node):
    """The script that lies beside the effect, as a module."""
    return sys.modules["toy_effect.edit_with_onnx"]


@pytest.fixture(params=["whole", "crop"])
def editor(request, effect, monkeypatch):
    """What edits the same without pairs, whose pictures become squares in one of both ways. So does the effect."""
    editor = Editor.load(effect.with_suffix(".pairbrush"), "cpu")
    editor.model.config = dataclasses.replace(editor.model.config, fit=request.param)
    monkeypatch.setattr(Windows, "noise", same_noise)
    about = effect.with_suffix(".json")
    before = about.read_text(encoding="utf-8")
    about.write_text(json.dumps(json.loads(before) | {"fit": request.param}))
    yield editor
    about.write_text(before)


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


@pytest.fixture
def chosen(script, monkeypatch):
    """What the editor chose to paste, and what the script did: the cutout, and how much of the answer it explains."""
    by_editor, by_script = [], []
    place_, placed = paste.place, sys.modules["toy_effect.paste_cutouts"].placed

    def place_and_tell(*given):
        index, placement = place_(*given)
        by_editor.append((index, placement.explained))
        return index, placement

    def placed_and_tell(*given):
        index, placement, explained = placed(*given)
        by_script.append((index, explained))
        return index, placement, explained

    monkeypatch.setattr(paste, "place", place_and_tell)
    monkeypatch.setattr(sys.modules["toy_effect.paste_cutouts"], "placed", placed_and_tell)
    return by_editor, by_script


def test_the_script_edits_like_an_effect_file(effect, script, editor, chosen):
    """Where two cutouts explain an answer equally well, each of the two may choose either."""
    num_equal = 0
    for size in SIZES:
        photo = draw_toy_pair(77, max(size))[0].crop((0, 0, *size))
        prediction = editor.predict(photo)
        expected = prediction.apply(photo)
        assert prediction.pasted and largest_difference(expected, photo) > 40, "the effect is seen"
        difference = np.abs(np.asarray(script.edit(effect, photo), float) - expected)
        (index, explained), (found, found_explained) = (choices[-1] for choices in chosen)
        assert found_explained == pytest.approx(explained, abs=5e-3)
        if found == index:
            num_equal += 1
            assert difference.mean() < 0.2 and np.percentile(difference, 99) <= 6, (size, difference.max())
        assert largest_difference(script.edit(effect, photo, 0.0), photo) == 0
    assert num_equal >= 2


def test_placements_are_those_of_the_editor(effect, script):
    """Also what an editor does not paste has a best place, and gradients by hand must find it."""
    cutouts = [CutoutPicture.load(path).at(32) for path in sorted(effect.with_suffix(".cutouts").glob("small/*.png"))]
    source, target = (to_tensor(picture)[None] for picture in draw_toy_pair(3))
    index, placement = place(target, source, torch.cat(cutouts))
    arrays = [maps[0].permute(1, 2, 0).double().numpy() for maps in (target, source, *cutouts)]
    found, placed, explained = sys.modules["toy_effect.paste_cutouts"].placed(*arrays[:2], arrays[2:], numbers())
    bends = placement.bends[0].flatten(1).T
    assert found == index and explained == pytest.approx(placement.explained, abs=1e-3)
    np.testing.assert_allclose(placed, torch.cat([placement.affine, bends]).numpy(), atol=1e-3)


def test_passes_make_the_edit(effect, script, tmp_path):
    photo = draw_toy_pair(77, 60)[0].crop((0, 0, 60, 50))
    found = script.passes(effect, photo)
    path = tmp_path / "passes.exr"
    sys.modules["toy_effect.write_passes"].write_exr(path, *found)
    layers = read_exr(path)
    assert set(layers) == {*"RGB", "keep.Y", "paint.R", "paint.G", "paint.B", "stmap.R", "stmap.G"}
    xs, ys = layers["stmap.R"] * 60 - 0.5, (1 - layers["stmap.G"]) * 50 - 0.5
    for c, color in enumerate("RGB"):
        base = script.taken(np.asarray(photo, float)[..., c, None] / 255, xs.ravel(), ys.ravel()).reshape(50, 60)
        made = layers["keep.Y"] * base + layers[f"paint.{color}"]
        np.testing.assert_allclose(made, layers[color], atol=1e-4)
        np.testing.assert_allclose(layers[color], (found[0][..., c] + 1) / 2, atol=1e-6)


def test_a_node_edits_batches(effect, node, script):
    kind = node.NODE_CLASS_MAPPINGS["Pairbrush toy_effect"]
    required = kind.INPUT_TYPES()["required"]
    assert required["effect"][0] == ["toy"] and (required["image"][0],) == kind.RETURN_TYPES
    photos = [draw_toy_pair(seed, 40)[0] for seed in (1, 2)]
    batch = torch.stack([torch.from_numpy(np.array(photo)) for photo in photos]) / 255
    (edits,) = getattr(kind(), kind.FUNCTION)(batch, "toy", 1.0)
    assert edits.shape == batch.shape and edits.dtype == torch.float32
    for photo, edit in zip(photos, edits):
        assert largest_difference((edit * 255).round(), script.edit(effect, photo)) == 0


def test_the_script_reads_color_maps_like_the_model(script):
    table = identity_table().pow(3)
    colors = torch.rand(1, 3, 20, 30, generator=torch.Generator().manual_seed(0)) * 2.4 - 1.2
    expected = look_up(table, colors)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(script.looked_up(table.numpy(), colors[0].permute(1, 2, 0).numpy()), expected, atol=1e-5)
    color_map = ColorMap()
    color_map.table.copy_(table)
    color_map.gains.copy_(torch.rand(color_map.gains.shape, generator=torch.Generator().manual_seed(2)))
    color_map.explained.fill_(1.0)
    for levels in (None, *(Levels(measure, 0.05, 0.1) for measure in MEASURES)):
        if levels is not None:
            color_map.levels.copy_(levels.encoded())
        about = {"color_map": plain_map(table.numpy(), color_map.gains.numpy(), color_map.auto_levels)}
        found = script.mapped(script.map_of(about), colors[0].permute(1, 2, 0).numpy())
        np.testing.assert_allclose(found, color_map(colors)[0].permute(1, 2, 0).numpy(), atol=1e-4)


def test_the_script_lays_the_grain_of_the_editor(effect, script, film_grain):
    about = effect.with_suffix(".json")
    before = about.read_text(encoding="utf-8")
    photo = draw_toy_pair(77, 60)[0].crop((0, 0, 60, 50))
    for strength in (1.0, 0.5):
        about.write_text(json.dumps(json.loads(before) | {"grain": None}))
        plain = np.asarray(script.edit(effect, photo, strength))
        about.write_text(json.dumps(json.loads(before) | {"grain": plain_grain(film_grain)}))
        expected = with_grain(plain, film_grain, seed_of(np.asarray(photo)), strength)
        assert largest_difference(expected, plain) > 4 * strength
        assert largest_difference(script.edit(effect, photo, strength), expected) <= 1, "rounded once instead of twice"
    about.write_text(before)


def test_the_script_filters_detail_like_the_editor(ink, script, tmp_path):
    path, about, model = tmp_path / "ink.detail.onnx", ink.about["detail"], ink.editor.model
    path.write_bytes(ink.graphs["detail"])
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
