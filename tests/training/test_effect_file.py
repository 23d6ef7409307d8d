"""Effect files that anyone may have made: they edit, or they are refused in a sentence and leave nothing."""

import errno
import json
import struct
import tracemalloc
import warnings
import zipfile
from io import BytesIO

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import load, save

from editor.editing.editor import Editor
from editor.sharing.effect import export_effect
from editor.training.checkpoint import CheckpointError, load_model
from editor.training.effect_file import MAX_TOTAL, EffectFileError, unpack
from editor.training.run_folder import RunFolder
from tests.conftest import draw_toy_pair
from tests.faults.pictures import BOMBS, NOISE, encoded
from tests.faults.sentences import check_sentence
from tests.faults.test_archives import endless
from tests.faults.test_checkpoints import FORGED


@pytest.fixture(scope="module")
def effect_file(trained_run, tmp_path_factory):
    path = tmp_path_factory.mktemp("effect") / "toy.pairbrush"
    export_effect(trained_run, path, license="cc-by-4.0")
    return path


@pytest.fixture(scope="module")
def parts(effect_file):
    with zipfile.ZipFile(effect_file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    data = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(data, "w", compression) as archive:
        warnings.simplefilter("ignore")  # two entries of one name
        for name, content in parts.items() if isinstance(parts, dict) else parts:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return data.getvalue()


def refused(tmp_path, data):
    """Return the sentence by which a file is refused, after making sure that nothing of it is left."""
    (tmp_path / "in").mkdir(exist_ok=True)
    file = tmp_path / "in" / "odd.pairbrush"
    file.write_bytes(data)
    runs = tmp_path / "runs"
    runs.mkdir(exist_ok=True)
    with pytest.raises(EffectFileError) as caught:
        unpack(file, runs / "run")
    assert not list(runs.iterdir())
    sentence = check_sentence(str(caught.value))
    assert "odd.pairbrush" in sentence and str(tmp_path) not in sentence, "a person knows the file, not our folders"
    return sentence


def test_it_edits_as_the_run_does_and_holds_no_photograph(trained_run, effect_file, parts, tmp_path):
    assert set(parts) == {"config.json", "card.md", "model.safetensors"}
    run = unpack(effect_file, tmp_path / "runs" / "toy")
    assert run.effect == run.name == "toy" and run.received.license == "cc-by-4.0" and run.received.agreement > 30
    pair = run.store.pairs()[0]
    assert np.ptp(np.asarray(Image.open(pair.source))) == np.ptp(np.asarray(Image.open(pair.target))) == 0
    photo = draw_toy_pair(100)[0]
    edits = [
        np.asarray(Editor.load(each).edit(photo).image, float) for each in (trained_run.path, run.path, effect_file)
    ]
    assert abs(edits[0] - edits[1]).mean() < 1.5, "8-bit levels"
    assert (edits[1] == edits[2]).all()
    assert not run.store.held_out() and not run.events_path.exists()


def test_the_same_run_gives_the_same_file(trained_run, effect_file, tmp_path):
    export_effect(trained_run, tmp_path / "again.pairbrush", license="cc-by-4.0")
    assert (tmp_path / "again.pairbrush").read_bytes() == effect_file.read_bytes()


def test_chosen_pairs_go_along_as_examples_under_other_names(trained_run, tmp_path):
    name = trained_run.store.pairs()[3].name
    export_effect(trained_run, tmp_path / "toy.pairbrush", pairs=[name])
    run = unpack(tmp_path / "toy.pairbrush", tmp_path / "run")
    assert [pair.name for pair in run.store.held_out()] == ["pair-1"]
    assert "1 pairs of photographs" in zipfile.ZipFile(tmp_path / "toy.pairbrush").read("card.md").decode()
    again = tmp_path / "again.pairbrush"
    export_effect(run, again)  # what came as a file can go on
    assert not [name for name in zipfile.ZipFile(again).namelist() if name.startswith("pairs")]


def odd_config(parts, **changes):
    return {**parts, "config.json": json.dumps({**json.loads(parts["config.json"]), **changes}).encode()}


def test_a_newer_format_is_refused_in_a_sentence(tmp_path, parts):
    assert "newer version" in refused(tmp_path, packed(odd_config(parts, format=2)))


def test_a_damaged_container_is_refused(tmp_path, parts):
    whole = packed(parts)
    twice = [*parts.items(), ("config.json", parts["config.json"])]
    for data in (b"", b"hello", whole[:-40], whole[40:], packed({}), packed(twice), endless(300_000)):
        refused(tmp_path, data)
    assert "same name" in refused(tmp_path, packed(twice))
    assert "far too many" in refused(tmp_path, endless(300_000))
    for compression in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert "unusual" in refused(tmp_path, packed(parts, compression))
    encrypted = bytearray(whole)
    encrypted[whole.find(b"PK\x01\x02") + 8] |= 1
    encrypted[6] |= 1
    refused(tmp_path, bytes(encrypted))
    claims = bytearray(whole)
    claims[whole.find(b"PK\x01\x02") + 24 :][:4] = b""
    place = whole.find(b"PK\x01\x02") + 24
    claims[place : place + 4] = struct.pack("<I", 2**32 - 2)
    refused(tmp_path, bytes(claims))


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.txt",
        "/etc/evil",
        "..\\evil",
        "pairs/../../evil",
        "cutouts/small/0.png",
        "cutouts/small/../1.png",
        "cutouts/huge/1.png",
        "pairs/1-before.png",
        "pairs/1-before.jpg.exe",
        "<img src=x onerror=alert(1)>",
        "config.json/",
        "model.pt",
        "",
        "config.json\n",
    ],
)
def test_what_does_not_belong_there_is_refused(tmp_path, parts, name):
    refused(tmp_path, packed([*parts.items(), (name, b"evil")]))
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]


@pytest.mark.parametrize("place", ["ZipFile", "ZipFile.open"])
def test_a_disk_that_fails_is_no_damage_of_the_file(tmp_path, effect_file, monkeypatch, place):
    def fail(*args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(f"editor.zip_files.zipfile.{place}", fail)
    with pytest.raises(OSError, match="Input/output error"):
        unpack(effect_file, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_bomb_takes_no_memory(tmp_path, parts):
    bombs = {
        "config.json": b" " * (64 * 2**20),
        "model.safetensors": bytes(MAX_TOTAL + 1),
        "card.md": bytes(8 * 2**20),
    }
    files = {name: packed({**parts, name: content}) for name, content in bombs.items()}
    bombs.clear()
    tracemalloc.start()
    try:
        for data in files.values():
            assert "too large" in refused(tmp_path, data)
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("content", [*BOMBS, "text", "not-square", "too-large"])
def test_odd_pictures_are_refused(tmp_path, parts, content):
    data = {
        **BOMBS,
        "text": b"hello",
        "not-square": encoded(NOISE.resize((40, 30)), "PNG"),
        "too-large": encoded(Image.new("RGB", (1030, 1030)), "PNG"),
    }[content]
    cutout = {"cutouts/small/1.png": data, "cutouts/large/1.png": data}
    refused(tmp_path, packed(parts | cutout))
    refused(tmp_path, packed(parts | {"pairs/1-before.jpg": data, "pairs/1-after.jpg": data}))


def test_halves_are_refused(tmp_path, parts):
    square = encoded(NOISE.resize((32, 32)), "PNG")
    refused(tmp_path, packed(parts | {"cutouts/small/1.png": square}))
    refused(tmp_path, packed(parts | {"pairs/1-before.jpg": square}))
    refused(tmp_path, packed(odd_config(parts, needs_pairs=True)))
    for name in ("config.json", "model.safetensors"):
        rest = {other: data for other, data in parts.items() if other != name}
        assert name in refused(tmp_path, packed(rest))


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 10**5,
        b'{"format": 1}',
        b'{"format": "1"}',
        b'{"format": -1}',
        b"\xff\xfe",
        b'{"format": 1, "effect": "\\ud800"}',
    ],
)
def test_hostile_json_is_refused(tmp_path, parts, config):
    refused(tmp_path, packed(parts | {"config.json": config}))


@pytest.mark.parametrize(
    "changes",
    [
        {"config": {}},
        {"config": {"image_size": 2**40}},
        {"config": {"image_size": 1024, "transformer": {"patch_size": 1}}},
        {"config": {"evil": 1}},
        {"config": None},
        {"effect": None},
        {"effect": "x" * 5000},
        {"effect": ["x"]},
        {"created": "now"},
        {"created": 3},
        {"agreement": float("nan")},
        {"agreement": 1e9},
        {"agreement": "42"},
        {"needs_pairs": 1},
        {"license": 5},
    ],
)
def test_values_out_of_range_are_refused(tmp_path, parts, changes):
    if changes == {"config": {}}:  # the defaults are those of another model
        assert "another model" in refused(tmp_path, packed(odd_config(parts, **changes)))
    else:
        refused(tmp_path, packed(odd_config(parts, **changes)))


@pytest.mark.parametrize("weights", FORGED.values(), ids=FORGED)
def test_forged_weights_are_refused(tmp_path, parts, weights):
    refused(tmp_path, packed(parts | {"model.safetensors": weights}))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(tmp_path, parts, value, trained_run):
    tensors = load(parts["model.safetensors"])
    name = sorted(tensors)[0]
    tensors[name].view(-1)[0] = value
    about = {"pairbrush": json.dumps({"format": 1, "step": 3})}
    assert "not numbers" in refused(tmp_path, packed(parts | {"model.safetensors": save(tensors, about)}))


def test_names_are_only_text(tmp_path, parts):
    evil = "<img src=x onerror=alert(1)>\n../../x"
    (tmp_path / "in.pairbrush").write_bytes(packed(odd_config(parts, effect=evil)))
    run = unpack(tmp_path / "in.pairbrush", tmp_path / "run")
    assert run.effect == evil and sorted(path.name for path in tmp_path.iterdir()) == ["in.pairbrush", "run"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), min_size=1, max_size=4))
def test_wrong_bytes_load_or_are_refused(tmp_path, parts, edits):
    data = bytearray(packed(parts))
    for place, value in edits:
        data[place % len(data)] = value
    file = tmp_path / "odd.pairbrush"
    file.write_bytes(bytes(data))
    folder = tmp_path / f"run{len(list(tmp_path.iterdir()))}"
    try:
        unpack(file, folder)
    except EffectFileError as error:
        check_sentence(str(error))
        assert not folder.exists()


def test_the_weights_are_those_of_the_run_at_half_the_precision(trained_run, effect_file, tmp_path):
    run = unpack(effect_file, tmp_path / "run")
    ours, theirs = (load_model(each.editing_weights_path, each.config)[0].state_dict() for each in (trained_run, run))
    assert all(torch.allclose(ours[name].half().float(), theirs[name]) for name in ours)
    with pytest.raises(CheckpointError):
        load_model(tmp_path / "nothing", run.config)
    assert RunFolder.open(run.path).received == run.received
