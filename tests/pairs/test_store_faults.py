"""What a store does when the disk fails, when threads share it, and how often it asks the disk."""

import os
import threading
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from editor.pairs import store as store_module
from editor.pairs.store import PairStore
from tests.disk import failing_disk
from tests.pairs.stores import files, filled, picture


def test_failed_add_leaves_nothing(tmp_path, monkeypatch):
    store = PairStore(tmp_path)
    save = store_module.save_png

    def refuse_source(image, path, **options):
        if path.parent.name == "source":
            raise OSError("disk full")
        save(image, path, **options)

    monkeypatch.setattr(store_module, "save_png", refuse_source)
    with pytest.raises(OSError, match="disk full"):
        store.add("cat", picture(), picture())
    assert files(store) == []


@pytest.fixture
def operations(monkeypatch) -> Counter:
    """How often folders were listed and files opened for writing by name, and which files the disk was waited for."""
    counts = Counter()
    scandir, fsync, write = os.scandir, os.fsync, Path.write_bytes

    def listed(*args):
        counts["listings"] += 1
        return scandir(*args)

    def synced(descriptor):
        counts[os.fstat(descriptor).st_ino] += 1
        return fsync(descriptor)

    def journaled(path, data):
        counts["journals"] += b'"moves"' in data
        return write(path, data)

    monkeypatch.setattr(os, "scandir", listed)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "write_bytes", journaled)
    return counts


def test_the_work_for_a_pair_does_not_grow_with_their_number(tmp_path, operations):
    seen = []
    for count in (1, 40):
        operations.clear()
        PairStore(tmp_path / "effect").add_all([("same", picture(), picture())] * count)
        seen.append((operations["listings"], operations["journals"]))
    assert seen[0] == seen[1] and seen[0][1] == 1


def test_pairs_that_show_would_survive_a_power_cut(tmp_path, operations):
    store = PairStore(tmp_path / "effect")
    store.add_all([("same", picture(), picture())] * 9)
    pictures = [path for pair in store.pairs() for path in (pair.source, pair.target)]
    assert len(pictures) == 18
    assert all(operations[path.stat().st_ino] == 1 for path in pictures)


def test_threads_that_share_a_store_never_see_or_make_half_a_pair(tmp_path):
    store = filled(tmp_path, 4)
    problems, done = [], threading.Event()

    def look():
        while not done.is_set():
            problems.extend(store.problems())

    def change(color):
        for _ in range(15):
            name = store.add("same", picture(color), picture(color))
            store.rename(name, f"other {color}")

    looking = threading.Thread(target=look)
    changing = [threading.Thread(target=change, args=(color,)) for color in ("red", "blue", "teal")]
    for thread in (looking, *changing):
        thread.start()
    for thread in changing:
        thread.join()
    done.set()
    looking.join()
    assert problems == []
    assert len(store.pairs()) == 4 + 45
    for pair in store.pairs()[4:]:
        assert Image.open(pair.source).getpixel((0, 0)) == Image.open(pair.target).getpixel((0, 0))


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.add("new", picture(), picture()),
        lambda store: store.add_all([("new", picture(), picture())] * 3),
        lambda store: store.rename("00", "new"),
        lambda store: store.remove(["00", "01"]),
        lambda store: store.move(["00", "01"], PairStore(store.directory.parent / "other")),
        lambda store: store.set_held_out(["02"]),
    ],
    ids=["add", "add all", "rename", "remove", "move", "hold"],
)
@pytest.mark.parametrize("is_lasting", [False, True])
def test_a_disk_that_fails_at_any_moment_loses_nothing(tmp_path, change, is_lasting):
    for moment in range(1, 30):
        store = filled(tmp_path / str(moment), 3)
        store.set_held_out(["00"])
        before = [pair._replace(source=None, target=None) for pair in store.pairs()]
        with failing_disk(moment, is_lasting=is_lasting) as disk:
            try:
                change(store)
            except OSError:
                assert disk.failed
                assert [pair._replace(source=None, target=None) for pair in store.pairs()] == before
        assert store.problems() == []
        assert not list(store.directory.rglob(".*"))
        if not disk.failed:
            return
    pytest.fail("the change never succeeded")


def test_a_change_that_the_disk_left_half_done_is_finished_before_the_next(toy_store, monkeypatch):
    """The first change is neither finished nor rolled back: the second must not overwrite its journal."""
    toy_store.set_held_out([])  # so that a new name alone is written
    replace, count = Path.replace, 0

    def stuck(path, place):
        nonlocal count
        count += 1
        if count > 2:  # the journal's own move and one side
            raise OSError(5, "Input/output error")
        return replace(path, place)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stuck)
        with pytest.raises(OSError, match="Input/output"):
            toy_store.rename("0000", "first")
    toy_store.rename("0001", "second")
    assert {"first", "second"} < {pair.name for pair in toy_store.pairs()}
    assert len(toy_store.pairs()) == 8
    assert not list(toy_store.directory.glob(".moves*"))
