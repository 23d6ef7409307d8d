import json
import time
from datetime import timedelta

import pytest

from editor.workspace import WorkspaceError
from editor.workspace.trash import Trash
from tests.disk import failing_disk


@pytest.fixture
def trash(tmp_path):
    (tmp_path / "trash").mkdir()
    return Trash(tmp_path / "trash")


def folder(tmp_path, name="hats"):
    (tmp_path / name).mkdir()
    (tmp_path / name / "effect.json").write_text("x" * 1000)
    return tmp_path / name


def test_what_was_deleted_is_listed_with_its_size(tmp_path, trash):
    id = trash.put(folder(tmp_path), kind="effect", name="Hüte")
    (entry,) = trash.list()
    assert (entry.id, entry.kind, entry.name, entry.place) == (id, "effect", "Hüte", "hats")
    assert 1000 < entry.bytes < 1500
    assert not (tmp_path / "hats").exists()
    assert trash.get(id) == entry
    about = json.loads((trash.directory / id / "trash.json").read_text())
    assert about["format"] == 1 and about["name"] == "Hüte"


@pytest.mark.parametrize("id", ["", "..", "../hats", "nothing"])
def test_ids_from_a_browser_must_be_known(tmp_path, trash, id):
    folder(tmp_path)
    with pytest.raises(WorkspaceError, match="no longer in the trash"):
        trash.get(id)


@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_a_disk_that_fails_leaves_the_folder_where_it_was(tmp_path, trash, moment):
    path = folder(tmp_path)
    with failing_disk(moment) as disk, pytest.raises(OSError, match="No space"):
        trash.put(path, kind="effect", name="Hats")
    assert disk.failed
    assert (path / "effect.json").is_file()
    assert trash.list() == []
    assert list(trash.directory.iterdir()) == []


def test_emptying_by_age_and_altogether(tmp_path, trash):
    ids = [trash.put(folder(tmp_path, name), kind="run", name=name) for name in ("a", "b", "c")]
    for id, deleted in zip(ids, ("2001-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00")):
        about = trash.directory / id / "trash.json"
        about.write_text(json.dumps(json.loads(about.read_text()) | {"deleted": deleted}))
    assert trash.empty(timedelta(days=30)) > 1000
    assert {entry.name for entry in trash.list()} == {"b", "c"}
    assert trash.empty(timedelta(0)) > 1000
    assert {entry.name for entry in trash.list()} == {"b"}  # from the future, after the clock was set back
    trash.empty(None)
    assert list(trash.directory.iterdir()) == []


def test_entries_that_were_not_written_by_us_are_not_shown_and_not_removed(tmp_path, trash):
    id = trash.put(folder(tmp_path), kind="effect", name="Hats")
    about = trash.directory / id / "trash.json"
    good = json.loads(about.read_text())
    for bad in ({"place": "../../elsewhere"}, {"place": ".hidden"}, {"kind": "disk"}, {"format": 9}, {"deleted": "?"}):
        about.write_text(json.dumps(good | bad))
        assert trash.list() == []
        trash.recover()
        assert about.is_file()


def test_recovery_removes_entries_without_content(tmp_path, trash):
    kept = trash.put(folder(tmp_path), kind="effect", name="Hats")
    id = trash.begin(kind="pairs", name="Hats", place="hats", pairs=("a",))
    (trash.content(id) / "source").mkdir(parents=True)
    (trash.content(id) / "pairs.json").write_text("{}")
    trash.recover()
    assert [path.name for path in trash.directory.iterdir()] == [kept]


def test_ids_do_not_depend_on_the_clock(tmp_path, trash, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    ids = {trash.put(folder(tmp_path, f"{n}"), kind="run", name="x") for n in range(3)}
    assert len(ids) == len(list(trash.directory.iterdir())) == 3
