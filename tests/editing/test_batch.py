import math
import os
from pathlib import Path

import pytest

from editor.editing.batch import AskedBefore, Manner, Task, tasks_of
from editor.editing.errors import EditorError


@pytest.fixture
def photos(tmp_path):
    """A folder as a camera leaves it, with what is no photo."""
    folder = tmp_path / "photos"
    for name in ("b.jpg", "a.JPG", "day 2/b.jpg", "day 2/._b.jpg", "notes.txt", "a.xmp"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def relative(tasks, root):
    return [tuple(str(path.relative_to(root)) for path in task) for task in tasks]


def test_photos_folders_and_patterns_become_tasks(photos, tmp_path):
    out = tmp_path / "out"
    flat = [("photos/a.JPG", "out/a.png"), ("photos/b.jpg", "out/b.png")]
    assert relative(tasks_of([photos], out), tmp_path) == flat
    assert relative(tasks_of([photos / "*.[jJ][pP][gG]"], out), tmp_path) == flat
    assert relative(tasks_of([photos / "b.jpg", photos / "a.*"], out), tmp_path) == flat[::-1]
    deep = tasks_of([photos], out, with_subfolders=True)
    assert relative(deep, tmp_path) == [flat[0], flat[1], ("photos/day 2/b.jpg", "out/day 2/b.png")]


def test_a_photo_that_is_not_there_is_left_to_who_opens_it(tmp_path):
    missing = tmp_path / "missing.jpg"
    assert tasks_of([missing], tmp_path / "out") == [Task(missing, tmp_path / "out" / "missing.png")]


def test_edits_in_a_folder_are_no_photos(photos):
    edits = photos / "edited"
    edits.mkdir()
    (edits / "a.png").write_bytes(b"")
    assert len(tasks_of([photos], edits, with_subfolders=True)) == 3


def test_what_would_be_lost_is_refused(photos, tmp_path):
    with pytest.raises(EditorError, match="same name.*--subfolders"):
        tasks_of([photos, photos / "day 2"], tmp_path)
    with pytest.raises(EditorError, match="holds no pictures"):
        tasks_of([photos / "*.png"], tmp_path)
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(EditorError, match="would overwrite"):
        tasks_of([tmp_path / "a.png"], tmp_path)


def test_a_folder_remembers_the_last_way_that_it_was_asked_for(tmp_path):
    first = AskedBefore(tmp_path, Manner(), "run")
    assert first.since == math.inf and not list(tmp_path.iterdir()), "nothing is written before there is an edit"
    first.remember()
    again = AskedBefore(tmp_path, Manner(), "run")
    assert again.since == first.since < math.inf
    other = AskedBefore(tmp_path, Manner(strength=0.5), "run")
    assert other.since == math.inf
    other.remember()
    assert AskedBefore(tmp_path, Manner(), "run").since == math.inf, "only the last way is known"


def test_an_edit_is_done_while_it_is_newer_than_its_photo_and_the_weights(tmp_path):
    task = Task(tmp_path / "photo.jpg", tmp_path / "edit.png")
    task.photo.write_bytes(b"")
    os.utime(task.photo, (100, 100))
    assert not task.is_done(since=0)
    task.edit.write_bytes(b"")
    os.utime(task.edit, (200, 200))
    assert task.is_done(since=150) and not task.is_done(since=250)
    os.utime(task.photo, (300, 300))
    assert not task.is_done(since=150)


def test_names_keep_what_stands_before_their_last_dot():
    (task,) = tasks_of([Path("IMG.2041.edit.jpg")], Path("out"))
    assert task.edit == Path("out/IMG.2041.edit.png")
