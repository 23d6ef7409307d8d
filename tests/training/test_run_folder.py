import contextlib
import json
import os
from dataclasses import replace

import pytest

from editor.image_files import load_image
from editor.pairs.errors import PairError
from editor.pairs.store import PairStore
from editor.training.run_folder import RunError, RunFolder, is_locked
from tests.conftest import draw_toy_pair, fill_with_toy_pairs
from tests.disk import failing_disk


def test_a_run_keeps_its_own_copy_of_the_pairs(tmp_path, tiny_config, toy_store, fresh_run):
    assert [pair.name for pair in fresh_run.store.pairs()] == [pair.name for pair in toy_store.pairs()]
    assert [p.name for p in fresh_run.store.held_out()] == [p.name for p in toy_store.held_out()]
    toy_store.remove([pair.name for pair in toy_store.pairs()])
    assert len(RunFolder.open(fresh_run.path).store.pairs()) == 8
    assert load_image(fresh_run.store.pairs()[0].source).size == (32, 32)


def test_open_gives_back_what_was_made(fresh_run, tiny_config):
    again = RunFolder.open(fresh_run.path)
    assert again == fresh_run
    assert again.config == tiny_config
    assert again.effect == "toy"


def test_what_is_not_a_run_is_refused_in_words(tmp_path, fresh_run, tiny_config, toy_store):
    with pytest.raises(RunError, match="There is no run"):
        RunFolder.open(tmp_path / "nothing")
    with pytest.raises(RunError, match="there already"):
        RunFolder.create(fresh_run.path, config=tiny_config, store=toy_store, effect="toy")
    config = json.loads((fresh_run.path / "config.json").read_text())
    (fresh_run.path / "config.json").write_text(json.dumps(config | {"hiden_size": 3}))
    with pytest.raises(RunError, match="hiden_size"):
        RunFolder.open(fresh_run.path)
    (fresh_run.path / "run.json").write_text('{"format": 99}')
    with pytest.raises(RunError, match="newer version"):
        RunFolder.open(fresh_run.path)
    (fresh_run.path / "run.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        RunFolder.open(fresh_run.path)


def test_too_few_pairs_leave_nothing_behind(tmp_path, tiny_config):
    with pytest.raises(PairError):
        RunFolder.create(tmp_path / "run", config=tiny_config, store=PairStore(tmp_path / "none"), effect="x")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("name", "last_format"), [("edges", 1), ("unchanged", 4)])
def test_a_run_from_before_a_loss_goes_on_without_it(fresh_run, name, last_format):
    config = json.loads((fresh_run.path / "config.json").read_text())
    weights = RunFolder.open(fresh_run.path).config.loss_weights
    assert weights == fresh_run.config.loss_weights and getattr(weights, name) > 0
    del config["loss_weights"][name]
    (fresh_run.path / "config.json").write_text(json.dumps({**config, "format": last_format}))
    assert RunFolder.open(fresh_run.path).config.loss_weights == replace(weights, **{name: 0.0})


def test_runs_of_the_first_format_are_read_and_written_anew_only_when_renamed(fresh_run):
    about = fresh_run.path / "run.json"
    first = '{"format": 1, "effect": "toy", "created": "2025-11-22T18:30:00+00:00"}'
    about.write_text(first)
    config = json.loads((fresh_run.path / "config.json").read_text())
    (fresh_run.path / "config.json").write_text(json.dumps({k: v for k, v in config.items() if k != "format"}))
    run = RunFolder.open(fresh_run.path)
    assert (run.id, run.name, run.effect, run.effect_slug) == ("toy", "toy", "toy", None)
    assert run.config == fresh_run.config
    assert about.read_text() == first
    assert RunFolder.open(run.renamed("Été 🎩").path).name == "Été 🎩"
    assert json.loads(about.read_text())["format"] == 2


@pytest.mark.parametrize("name", ["run.json", "config.json"])
def test_files_of_a_newer_version_are_refused_and_left_alone(fresh_run, name):
    (fresh_run.path / name).write_text('{"format": 99, "new": true}')
    with pytest.raises(RunError, match="newer version of Pairbrush"):
        RunFolder.open(fresh_run.path)
    assert (fresh_run.path / name).read_text() == '{"format": 99, "new": true}'


def test_a_run_is_locked_by_one_at_a_time(fresh_run, monkeypatch):
    monkeypatch.setattr("editor.training.run_folder.LOCK_SECONDS", 0.1)
    assert not is_locked(fresh_run.path)
    lock = fresh_run.lock()
    assert is_locked(fresh_run.path)
    with pytest.raises(RunError, match="being trained already"):
        fresh_run.lock()
    lock.release()
    assert not is_locked(fresh_run.path)
    fresh_run.lock().release()


def test_a_full_disk_leaves_no_half_run(tmp_path, tiny_config, toy_store):
    for moment in range(1, 100, 7):
        with failing_disk(moment) as disk, contextlib.suppress(OSError):
            RunFolder.create(tmp_path / "runs" / "new", config=tiny_config, store=toy_store, effect="x")
        if not disk.failed:
            assert len(RunFolder.open(tmp_path / "runs" / "new").store.pairs()) == 8
            return
        assert not list((tmp_path / "runs").glob("*"))
    pytest.fail("the run was never made")


def test_a_run_that_crops_learns_from_middle_squares(tmp_path, tiny_config):
    store = PairStore(tmp_path / "pairs")
    for seed in range(3):
        source, target = draw_toy_pair(seed, size=48)
        store.add(f"{seed}", source.crop((0, 8, 48, 40)), target.crop((0, 8, 48, 40)))
    config = replace(tiny_config, fit="crop")
    run = RunFolder.create(tmp_path / "run", config=config, store=store, effect="toy")
    assert RunFolder.open(run.path).config.fit == "crop"
    kept = load_image(run.store.pairs()[0].target)
    assert kept.tobytes() == load_image(store.pairs()[0].target).crop((8, 0, 40, 32)).tobytes()


def test_making_a_run_lists_folders_as_often_for_many_pairs_as_for_few(tmp_path, tiny_config, monkeypatch):
    counts = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda *args: counts.append(args) or scandir(*args))
    seen = []
    for number in (8, 24):
        store = fill_with_toy_pairs(PairStore(tmp_path / f"{number}"), number)
        counts.clear()
        run = RunFolder.create(tmp_path / f"run{number}", config=tiny_config, store=store, effect="toy")
        seen.append(len(counts))
        assert len(run.store.pairs()) == number
    assert seen[0] == seen[1]
