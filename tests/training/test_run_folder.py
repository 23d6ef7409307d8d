import json

import pytest

from editor.images import load_image
from editor.pairs.store import PairError, PairStore
from editor.training.run_folder import RunError, RunFolder


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
