import shutil
from pathlib import Path

import numpy as np
import pytest

from editor.image_files import load_image
from editor.pairs.doctor.repair import align, exchange, originals, swap_sides, undo
from editor.pairs.errors import PairError
from editor.pairs.store import PairStore
from editor.samples.party import party_pairs
from editor.workspace.recovery import sweep
from tests.disk import failing_disk


@pytest.fixture
def store(tmp_path) -> PairStore:
    """One pair whose target lies 5 pixels to the right and 3 up, and one in order."""
    store = PairStore(tmp_path / "workspace" / "pairs")
    for name, (dx, dy), (source, target) in zip(("off", "fine"), ((5, -3), (0, 0)), party_pairs(2, 160)):
        store.add(name, source.crop((8, 8, 152, 152)), target.crop((8 - dx, 8 - dy, 152 - dx, 152 - dy)))
    return store


def pictures(store, name) -> tuple[np.ndarray, np.ndarray]:
    (pair,) = [pair for pair in store.pairs() if pair.name == name]
    return np.asarray(load_image(pair.source)), np.asarray(load_image(pair.target))


def test_align_crops_both_to_what_they_share(store):
    source, target = pictures(store, "off")
    assert align(store, "off") == (5, -3)
    new_source, new_target = pictures(store, "off")
    assert np.array_equal(new_source, source[3:, :139])
    assert np.array_equal(new_target, target[:141, 5:])
    assert np.median(np.abs(new_source.astype(int) - new_target)) == 0
    with pytest.raises(PairError, match="no shift can be seen"):
        align(store, "off")


def test_undo_brings_the_files_back(store):
    before = pictures(store, "off")
    align(store, "off")
    assert [pair.name for pair in originals(store).pairs()] == ["off"]
    undo(store, "off")
    assert all(np.array_equal(a, b) for a, b in zip(pictures(store, "off"), before))
    assert originals(store).pairs() == []
    with pytest.raises(PairError, match="nothing to take back"):
        undo(store, "off")


def test_other_formats_and_sizes(store):
    (pair,) = [pair for pair in store.pairs() if pair.name == "off"]
    load_image(pair.source).resize((288, 288)).save(store.source_dir / "off.jpg", quality=95)
    pair.source.unlink()
    before = (store.source_dir / "off.jpg").read_bytes()
    align(store, "off")
    source, target = pictures(store, "off")
    assert source.shape == (282, 278, 3) and target.shape == (141, 139, 3)
    assert not (store.source_dir / "off.jpg").exists()
    undo(store, "off")
    assert (store.source_dir / "off.jpg").read_bytes() == before
    assert [path.name for path in store.source_dir.iterdir() if path.stem == "off"] == ["off.jpg"]


def test_partners_are_exchanged_as_they_are_or_not_at_all(store):
    (store.target_dir / "fine.png").rename(store.target_dir / "fine.webp")  # what is in it does not matter
    first, second = ({pair.name: pair for pair in store.pairs()}[name].target.read_bytes() for name in ("off", "fine"))
    exchange(store, "off", "fine")
    found = {pair.name: pair.target for pair in store.pairs()}
    assert (found["off"].suffix, found["fine"].suffix) == (".webp", ".png")
    assert (found["off"].read_bytes(), found["fine"].read_bytes()) == (second, first)
    exchange(store, "fine", "off")
    align(store, "off")
    with pytest.raises(PairError, match="off was aligned"):
        exchange(store, "fine", "off")
    ((source, target),) = party_pairs(1, 96)
    store.add("wide", source.resize((96, 48)), target.resize((96, 48)))
    before = {pair.name: pair.target.read_bytes() for pair in store.pairs()}
    with pytest.raises(PairError):
        exchange(store, "fine", "wide")
    assert {pair.name: pair.target.read_bytes() for pair in store.pairs()} == before


def test_a_pair_in_order_is_left_alone(store):
    with pytest.raises(PairError, match="fine: no shift can be seen"):
        align(store, "fine")
    assert not store.originals_dir.exists()


def test_swapping_sides_and_back(store):
    before = pictures(store, "off")
    (pair,) = [pair for pair in store.pairs() if pair.name == "off"]
    load_image(pair.target).save(store.target_dir / "off.bmp")
    pair.target.unlink()
    swap_sides(store, "off")
    assert all(np.array_equal(a, b) for a, b in zip(pictures(store, "off"), before[::-1]))
    swap_sides(store, "off")
    assert all(np.array_equal(a, b) for a, b in zip(pictures(store, "off"), before))
    assert not list(store.directory.rglob(".*"))


def test_swapping_and_undoing_do_not_depend_on_order(store):
    before = pictures(store, "off")
    align(store, "off")
    swap_sides(store, "off")
    undo(store, "off")
    assert all(np.array_equal(a, b) for a, b in zip(pictures(store, "off"), before[::-1]))


def test_removing_a_pair_removes_its_originals(store):
    align(store, "off")
    store.remove(["off"])
    assert not [path for path in store.directory.rglob("off*")]


def test_renamed_moved_and_copied_pairs_can_be_undone(store, tmp_path):
    before = pictures(store, "off")
    align(store, "off")
    other, copy = PairStore(tmp_path / "other"), PairStore(tmp_path / "copy")
    assert store.rename("off", "cat") == "cat"
    store.copy_to(copy)
    other.add("cat", *next(iter(party_pairs(1, 160))))
    assert store.move(["cat"], other) == ["cat-2"]
    assert not list(store.originals_dir.rglob("*.png"))
    for place, name in ((other, "cat-2"), (copy, "cat")):
        undo(place, name)
        assert all(np.array_equal(a, b) for a, b in zip(pictures(place, name), before))
    with pytest.raises(PairError, match="nothing to take back"):
        undo(other, "cat")


def test_a_new_pair_gets_no_originals_of_another(store):
    """Its own were removed by hand."""
    align(store, "off")
    for side in (store.source_dir, store.target_dir):
        (side / "off.png").unlink()
    assert store.add("off", *next(iter(party_pairs(1, 160)))) == "off-2"


def aligned(store):
    align(store, "off")


def shifted_again(store):
    aligned(store)
    for side in ("source", "target"):
        shutil.copyfile(store.originals_dir / side / "off.png", store.directory / side / "off.png")


CHANGES = {
    "align": (lambda store: None, lambda store: align(store, "off")),
    "align again": (shifted_again, lambda store: align(store, "off")),
    "swap": (aligned, lambda store: swap_sides(store, "off")),
    "undo": (aligned, lambda store: undo(store, "off")),
    "rename": (aligned, lambda store: store.rename("off", "new")),
    "move": (aligned, lambda store: store.move(["off"], PairStore(store.directory.parent / "other"))),
    "remove": (aligned, lambda store: store.remove(["off"])),
}


def files(store) -> dict[str, bytes]:
    """Return all pictures, also what is in the folder beside this one."""
    root = store.directory.parent
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("prepare", "change"), CHANGES.values(), ids=CHANGES)
def test_a_disk_that_fails_at_any_moment_loses_nothing(store, prepare, change):
    prepare(store)
    before = files(store)
    for moment in range(1, 40):
        with failing_disk(moment) as disk:
            try:
                change(store)
            except OSError:
                assert disk.failed
                assert files(store) == before
        if not disk.failed:
            assert files(store) != before
            return
    pytest.fail("the change never succeeded")


@pytest.mark.parametrize(("prepare", "change"), CHANGES.values(), ids=CHANGES)
def test_a_crash_at_any_moment_leaves_all_or_nothing_of_a_change(store, prepare, change, tmp_path, monkeypatch):
    prepare(store)
    before, folder, saved = files(store), store.directory, tmp_path / "saved"
    shutil.copytree(folder.parent, saved)
    change(store)
    after = files(store)
    seen = []
    for moment in range(40):
        shutil.rmtree(folder.parent)
        shutil.copytree(saved, folder.parent)
        with monkeypatch.context() as patch:
            left = iter(range(moment))
            for name in ("replace", "unlink"):
                patch.setattr(Path, name, dying(getattr(Path, name), left))
            try:
                change(PairStore(folder))
            except KeyboardInterrupt:
                crashed = True
            else:
                crashed = False
        PairStore(folder).recover(within=folder.parent)
        sweep(folder.parent)
        seen.append(files(store))
        assert seen[-1] in (before, after)
        if not crashed:
            assert before in seen and seen[-1] == after
            return
    pytest.fail("the change never succeeded")


def dying(act, left):
    """Return `act` of a process that is killed: a call takes one of `left`, and raises when none is left."""

    def call(*args, **options):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return act(*args, **options)

    return call


def test_unknown_pairs_are_refused(store):
    for act in (align, swap_sides, undo):
        with pytest.raises(PairError, match="no pair named nobody"):
            act(store, "nobody")
