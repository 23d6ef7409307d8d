import contextlib
import json
from pathlib import Path

import pytest

from editor.pairs.moves import finish_moves, move_all
from tests.disk import failing_disk


@pytest.fixture
def moves(tmp_path):
    """Three files to be moved from one folder to another."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in "xyz":
        (tmp_path / "a" / name).write_text(name)
    return [(tmp_path / "a" / name, tmp_path / "b" / f"new {name}") for name in "xyz"]


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_all_are_moved(tmp_path, moves):
    move_all(tmp_path / "a" / ".moves.json", moves)
    assert content(tmp_path) == {"b/new x": "x", "b/new y": "y", "b/new z": "z"}


@pytest.mark.parametrize("moment", range(1, 6))  # two for the journal, three for the files
def test_when_one_cannot_be_moved_none_is(tmp_path, moves, moment):
    before = content(tmp_path)
    with failing_disk(moment) as disk, pytest.raises(OSError, match="No space"):
        move_all(tmp_path / "a" / ".moves.json", moves)
    assert disk.failed
    assert content(tmp_path) == before


@pytest.mark.parametrize("done", range(4))
def test_what_a_crash_interrupted_is_finished(tmp_path, moves, done, monkeypatch):
    journal = tmp_path / "a" / ".moves.json"

    replace, count = Path.replace, 0

    def crash(path, place):
        nonlocal count
        count += 1
        if count > done + 1:  # the first is the journal's own
            raise KeyboardInterrupt
        return replace(path, place)

    with monkeypatch.context() as patch:
        patch.setattr("editor.pairs.moves.reversed", lambda moves: (), raising=False)  # a crash puts nothing back
        patch.setattr(Path, "replace", crash)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with contextlib.suppress(KeyboardInterrupt):
            move_all(journal, moves)
    assert journal.is_file()
    assert len(list((tmp_path / "b").iterdir())) == done
    finish_moves(journal, within=tmp_path)
    assert content(tmp_path) == {"b/new x": "x", "b/new y": "y", "b/new z": "z"}
    finish_moves(journal, within=tmp_path)


@pytest.mark.parametrize("move", [["x", "../../outside/x"], ["../../outside/secret", "x2"], ["x", "/tmp/outside"]])
def test_a_journal_cannot_reach_outside(tmp_path, move):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    store = tmp_path / "workspace" / "store"
    store.mkdir(parents=True)
    (store / "x").write_text("x")
    (store / ".moves.json").write_text(json.dumps({"format": 1, "moves": [move]}))
    finish_moves(store / ".moves.json", within=tmp_path / "workspace")
    assert content(tmp_path) == {"outside/secret": "secret", "workspace/store/x": "x"}


@pytest.mark.parametrize("text", ["{", '{"format": 9}', '{"format": 1}', '{"format": 1, "moves": [3]}'])
def test_a_journal_that_cannot_be_read_is_left_and_told(tmp_path, text, caplog):
    journal = tmp_path / ".moves.json"
    journal.write_text(text)
    finish_moves(journal, within=tmp_path)
    assert journal.read_text() == text
    assert "left as it is" in caplog.text


def test_a_journal_that_is_left_is_not_written_over(tmp_path, moves, monkeypatch):
    journal = tmp_path / "a" / ".moves.json"
    replace, count = Path.replace, 0

    def stuck(path, place):
        nonlocal count
        count += 1
        if count > 3:  # the journal's own move and two files; then the disk does nothing any more
            raise OSError(5, "Input/output error")
        return replace(path, place)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stuck)
        with pytest.raises(OSError, match="Input/output"):
            move_all(journal, moves)
    left = journal.read_bytes()
    (tmp_path / "a" / "other").write_text("other")
    with pytest.raises(OSError, match="not finished"):
        move_all(journal, [(tmp_path / "a" / "other", tmp_path / "b" / "other")])
    assert journal.read_bytes() == left
    finish_moves(journal, within=tmp_path)
    assert {"b/new x", "b/new y", "b/new z", "a/other"} == set(content(tmp_path))
