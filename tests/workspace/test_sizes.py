import os
import sys
import time
from contextlib import contextmanager

import pytest

from editor.workspace.sizes import FolderSizes, folder_bytes

LISTED = []  # directories while somebody counts; an audit hook stays for as long as the process
COUNTING = []


@pytest.fixture(scope="module", autouse=True)
def audit():
    sys.addaudithook(lambda event, args: LISTED.append(str(args[0])) if COUNTING and event == "os.scandir" else None)


@contextmanager
def counted(root):
    LISTED.clear()
    COUNTING.append(True)
    listed = []
    try:
        yield listed
    finally:
        COUNTING.clear()
        listed += [os.path.relpath(path, root) for path in LISTED]


@pytest.fixture
def root(tmp_path):
    """Three folders with files and folders in them, an hour old."""
    root = tmp_path / "root"
    for name in ("a", "b", "c"):
        (root / name / "inside").mkdir(parents=True)
        (root / name / "events.jsonl").write_bytes(b"1" * 10)
        (root / name / "inside" / "file").write_bytes(b"2" * 100)
    age(root)
    return root


def age(root):
    for path in (root, *root.rglob("*")):
        os.utime(path, (time.time() - 3600,) * 2)


def test_only_what_has_changed_is_listed_again(root):
    sizes = FolderSizes(growing=["events.jsonl"])
    parts = [root / name for name in ("a", "b", "c")]
    assert sizes.measure(root, *parts) == [330, 110, 110, 110]
    with counted(root) as listed:
        assert sizes.measure(root, *parts) == [330, 110, 110, 110]
    assert listed == []

    (root / "a" / "inside" / "more").write_bytes(b"3" * 5)
    with (root / "b" / "events.jsonl").open("ab") as file:  # which its directory does not tell
        file.write(b"4" * 7)
    beside = root / "c" / "inside" / "beside"
    beside.write_bytes(b"5" * 50)
    beside.replace(root / "c" / "inside" / "file")
    with counted(root) as listed:
        assert sizes.measure(root, *parts) == [292, 115, 117, 60]
    assert sorted(listed) == ["a/inside", "b", "c/inside"]

    (root / "a" / "inside" / "more").unlink()
    (root / "b" / "inside" / "file").unlink()
    (root / "b" / "inside").rmdir()
    assert sizes.measure(root, *parts) == [187, 110, 17, 60]


def test_a_change_that_the_clock_cannot_tell_is_seen(root):
    sizes = FolderSizes()
    file = root / "a" / "inside" / "file"
    file.with_name("new").write_bytes(b"")
    moment = file.parent.stat().st_mtime_ns
    assert sizes.measure(root)[0] == 330
    file.unlink()
    os.utime(file.parent, ns=(moment, moment))  # as of a change within one tick
    assert sizes.measure(root)[0] == 230


def test_a_file_with_several_names_counts_once_in_each_folder(root):
    os.link(root / "a" / "inside" / "file", root / "a" / "again")
    os.link(root / "a" / "inside" / "file", root / "b" / "again")
    (root / "c" / "away").symlink_to(root / "a")
    sizes = FolderSizes().measure(root, root / "a", root / "b")
    assert sizes[1:] == [110, 210] == [folder_bytes(root / "a"), folder_bytes(root / "b")]
    assert sizes[0] - (root / "c" / "away").lstat().st_size == 330


def test_a_folder_that_is_not_there_takes_nothing(root):
    assert FolderSizes().measure(root, root / "none") == [330, 0] and folder_bytes(root / "none") == 0
