import os
import time

from editor.workspace.file_cache import TICK_NS, CachedFiles


def an_hour_old(path, text):
    path.write_text(text)
    os.utime(path, (time.time() - 3600,) * 2)


def counting(path):
    reads = []

    def read():
        reads.append(path.read_text() if path.is_file() else None)
        return reads[-1]

    return CachedFiles([path], read), reads


def test_a_file_is_read_again_only_after_it_has_changed(tmp_path):
    path = tmp_path / "file"
    an_hour_old(path, "one")
    cached, reads = counting(path)
    assert [cached.get(), cached.get()] == ["one", "one"] and len(reads) == 1
    path.write_text("two")  # as another program does
    assert cached.get() == "two"
    path.unlink()
    assert cached.get() is None


def test_two_changes_within_one_tick_of_the_file_systems_clock_are_told_apart(tmp_path):
    """The second leaves the time, the size and even the inode of the first."""
    path = tmp_path / "file"
    path.write_text("one")
    moment = path.stat().st_mtime_ns
    cached, _ = counting(path)
    assert cached.get() == "one"
    path.write_text("two")
    os.utime(path, ns=(moment, moment))
    assert cached.get() == "two"
    os.utime(path, ns=(moment - 2 * TICK_NS,) * 2)  # once it is older than a tick, it is kept
    cached, reads = counting(path)
    assert [cached.get(), cached.get()] == ["two", "two"] and len(reads) == 1


def test_what_cannot_be_read_is_tried_again(tmp_path):
    path = tmp_path / "file"
    an_hour_old(path, "1")
    cached = CachedFiles([path], lambda: 1 // (len(tries) or tries.append(1) or 0))
    tries = []
    for result in (ZeroDivisionError, 1):
        try:
            found = cached.get()
        except ZeroDivisionError as error:
            found = type(error)
        assert found == result
