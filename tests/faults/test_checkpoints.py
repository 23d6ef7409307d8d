"""Forged and damaged files of weights and training states: refused, and the model or trainer stays as it was."""

import json
import struct
import tracemalloc
from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load_file, save_file

from editor.config import OutputKind
from editor.editing.copying import Copy
from editor.editing.editor import Editor
from editor.editing.errors import MAX_ANSWER, EditorError
from editor.editing.transfer import transfer
from editor.errors import UserError
from editor.images import fit_to_square
from editor.inspection.matrix import MatrixJob
from editor.inspection.trace import trace_edit
from editor.models.autoencoder import OUTPUT_CHANNELS, split_copied
from editor.training.checkpoint import GRAIN, CheckpointError, load_training_state, save_training_state
from editor.training.recording import prepare
from tests.faults.sentences import check_sentence

CPU = torch.device("cpu")
ABOUT = {"format": 1, "step": 3}


def header(entries: dict, tail: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + tail


def refused(run) -> str:
    with pytest.raises(UserError) as caught:
        Editor.load(run.path, "cpu")
    return check_sentence(str(caught.value))


TENSOR = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
FORGED = {
    "empty": b"",
    "seven-bytes": b"\0" * 7,
    "header-8-exabytes": struct.pack("<Q", 2**63) + b"{}",
    "header-all-ones": b"\xff" * 16,
    "header-90-megabytes": struct.pack("<Q", 90 * 2**20) + b"{" + b" " * 100,
    "header-longer-than-file": struct.pack("<Q", 4000) + b"{}",
    "header-zero": struct.pack("<Q", 0),
    "header-no-json": struct.pack("<Q", 8) + b"nonsense",
    "header-deep": struct.pack("<Q", 10**5) + b"[" * 10**5,
    "header-list": header([1, 2]),
    "header-null": header(None),
    "pickle": b"\x80\x04\x95\x10\0\0\0\0\0\0\0cos\nsystem\n(S'true'\ntR.",
    "zip-of-torch": b"PK\x03\x04" + b"\0" * 200,
    "nothing-of-ours": header({"a": TENSOR}, b"\0" * 4),
    "shape-huge": header({"a": TENSOR | {"shape": [2**40, 2**40]}}, b"\0" * 4),
    "shape-negative": header({"a": TENSOR | {"shape": [-1]}}, b"\0" * 4),
    "shape-text": header({"a": TENSOR | {"shape": "1"}}, b"\0" * 4),
    "shape-float": header({"a": TENSOR | {"shape": [1.5]}}, b"\0" * 4),
    "offsets-far": header({"a": TENSOR | {"data_offsets": [0, 2**60]}}, b"\0" * 4),
    "offsets-backwards": header({"a": TENSOR | {"data_offsets": [4, 0]}}, b"\0" * 4),
    "offsets-overlap": header({"a": TENSOR, "b": TENSOR}, b"\0" * 4),
    "dtype-unknown": header({"a": TENSOR | {"dtype": "F7"}}, b"\0" * 4),
    "metadata-numbers": header({"__metadata__": {"pairbrush": 1}}),
    "metadata-list": header({"__metadata__": {"pairbrush": "[1]"}}),
    "metadata-null": header({"__metadata__": {"pairbrush": "null"}}),
    "metadata-no-json": header({"__metadata__": {"pairbrush": "{"}}),
    "metadata-deep": header({"__metadata__": {"pairbrush": "[" * 10**5}}),
    "metadata-digits": header({"__metadata__": {"pairbrush": '{"format": ' + "9" * 10**5 + "}"}}),
    "metadata-other-format": header({"__metadata__": {"pairbrush": '{"format": 99}'}}),
    "no-tensors": header({"__metadata__": {"pairbrush": json.dumps(ABOUT)}}),
    "ten-thousand-tensors": header(
        {"__metadata__": {"pairbrush": json.dumps(ABOUT)}}
        | {f"t{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(10_000)}
    ),
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_forged_weights_are_refused_before_memory_is_taken(run, data):
    run.weights_path.write_bytes(data)
    tracemalloc.start()
    try:
        refused(run)
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()


def change(tensors: dict, name: str, kind: str) -> None:
    value = tensors[name]
    if kind == "missing":
        del tensors[name]
    elif kind == "one-more":
        tensors["../../etc/passwd"] = value.clone()
    elif kind == "renamed":
        tensors["m_x.extra"] = tensors.pop(name)
    elif kind in ("float64", "bfloat16", "int64", "uint8", "bool"):
        tensors[name] = value.to(getattr(torch, kind))
    elif kind == "transposed":
        tensors[name] = value[None].contiguous()
    elif kind == "bigger":
        tensors[name] = torch.zeros(4 * value.numel())
    elif kind == "scalar":
        tensors[name] = torch.tensor(1.0)
    elif kind == "empty":
        tensors[name] = torch.zeros(0)
    elif kind in ("nan", "inf", "-inf"):
        value.view(-1)[0] = float(kind)


KINDS = (
    ["missing", "one-more", "renamed", "float64", "bfloat16", "int64", "uint8", "bool"]
    + ["transposed", "bigger", "scalar", "empty", "nan", "inf", "-inf"]
)  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "float16"])  # which a small copy has
@pytest.mark.parametrize("place", [0, -1])
def test_weights_with_one_thing_wrong_are_refused(run, kind, place):
    tensors = load_file(run.weights_path)
    trained = [name for name in sorted(tensors) if not name.startswith(GRAIN)]  # without grain older files are whole
    change(tensors, trained[place], kind)
    save_file(tensors, run.weights_path, {"pairbrush": json.dumps(ABOUT)})
    assert "weights.safetensors" in refused(run)


@pytest.mark.parametrize("step", [None, "3", -1, 2**70, 1.5, float("nan"), [], {}, True])
def test_weights_of_no_known_step_are_refused(run, step):
    save_file(load_file(run.weights_path), run.weights_path, {"pairbrush": json.dumps(ABOUT | {"step": step})})
    refused(run)


def test_weights_without_pairs_are_refused(run):
    for side in (run.store.source_dir, run.store.target_dir):
        for path in side.iterdir():
            path.unlink()
    assert "pairs" in refused(run)


@pytest.mark.parametrize("size", [1e38, 1e10, -1e4])
def test_extreme_but_finite_weights_are_told(run, size):
    tensors = {
        name: value if name.startswith(GRAIN) else torch.full_like(value, size)
        for name, value in load_file(run.weights_path).items()
    }
    save_file(tensors, run.weights_path, {"pairbrush": json.dumps(ABOUT)})
    editor = Editor.load(run.path, "cpu")
    source = run.store.pairs()[0].source
    (x_i, y_i), (x_j, y_j) = editor.pairs.images[:2]
    for look in (
        lambda: editor.edit(source),
        lambda: editor.edit(source, choice="average", num_steps=2),
        lambda: trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j, y_j=y_j, num_steps=2),
        lambda: MatrixJob(editor, editor.pairs.y).advance(0),
    ):
        with pytest.raises(EditorError) as caught:
            look()
        check_sentence(str(caught.value))


def test_an_answer_that_is_let_through_makes_a_picture():
    picture, answer = Image.new("RGB", (40, 30)), torch.full((1, 10, 32, 32), MAX_ANSWER)
    fit = fit_to_square(picture, 32)[1]
    for kind in get_args(OutputKind):
        kind, channels, copied = split_copied(kind, answer[:, : OUTPUT_CHANNELS[kind]])
        copies = [] if copied is None else [Copy(copied, picture, picture)]
        assert transfer(kind, channels, picture, fit, copies=copies, strength=1.5).size == picture.size


@given(edits=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=6))
def test_weights_with_wrong_bytes_load_or_are_refused(run, edits):
    whole = run.weights_path.read_bytes()
    data = bytearray(whole)
    for place, value in edits:
        data[place] = value
    run.weights_path.write_bytes(data)
    try:
        Editor.load(run.path, "cpu")
    except UserError as error:
        check_sentence(str(error))
    finally:
        run.weights_path.write_bytes(whole)


@pytest.fixture(scope="module")
def trainer(whole_run):
    """A trainer after two steps. Nothing that is refused may change it."""
    trainer = prepare(whole_run, CPU)
    for _ in range(2):
        trainer.training_step()
    return trainer


@pytest.fixture(scope="module")
def state(trainer, tmp_path_factory):
    """What such a trainer saves."""
    path = tmp_path_factory.mktemp("state") / "training_state.safetensors"
    save_training_state(path, trainer)
    return load_file(path)


PROGRESS = {
    "step": 2,
    "seconds": 1.0,
    "segment_step": 0,
    "segment_seconds": 0.0,
    "budget": {"minutes": None, "steps": 5},
}


@pytest.mark.parametrize(
    "progress",
    [
        None,
        [],
        "far",
        {},
        PROGRESS | {"step": "2"},
        PROGRESS | {"step": -2},
        PROGRESS | {"step": 1e300},
        PROGRESS | {"seconds": float("nan")},
        PROGRESS | {"seconds": float("inf")},
        PROGRESS | {"segment_step": None},
        PROGRESS | {"budget": 5},
        PROGRESS | {"budget": {}},
        PROGRESS | {"budget": {"minutes": None, "steps": None}},
        PROGRESS | {"budget": {"minutes": 1, "steps": 1}},
        PROGRESS | {"budget": {"minutes": float("nan"), "steps": None}},
        PROGRESS | {"budget": {"minutes": None, "steps": 2**60}},
        PROGRESS | {"budget": {"minutes": "1", "steps": None}},
    ],
)
def test_training_that_does_not_know_where_it_was_is_refused(tmp_path, trainer, state, progress):
    path = tmp_path / "training_state.safetensors"
    save_file(state, path, {"pairbrush": json.dumps({"format": 1, "progress": progress})})
    with pytest.raises(UserError) as caught:
        load_training_state(path, trainer)
    check_sentence(str(caught.value))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", ["model.", "averaged.", "optimizer."])
def test_training_state_with_one_thing_wrong_is_refused(tmp_path, trainer, state, part, kind):
    path = tmp_path / "training_state.safetensors"
    tensors = {name: value.clone() for name, value in state.items()}
    name = next(name for name in sorted(tensors) if name.startswith(part) and name.endswith(("weight", "exp_avg")))
    change(tensors, name, kind)
    save_file(tensors, path, {"pairbrush": json.dumps({"format": 1, "progress": PROGRESS})})
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    with pytest.raises(CheckpointError) as caught:
        load_training_state(path, trainer)
    check_sentence(str(caught.value))
    assert all(torch.equal(value, before[name]) for name, value in trainer.model.state_dict().items())
