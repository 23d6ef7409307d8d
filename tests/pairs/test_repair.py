import numpy as np
import pytest

from editor.images import load_image
from editor.pairs.repair import align, originals, swap_sides, undo
from editor.pairs.samples import sample_pairs
from editor.pairs.store import PairError, PairStore


@pytest.fixture
def store(tmp_path) -> PairStore:
    """One pair whose target lies 5 pixels to the right and 3 up, and one in order."""
    store = PairStore(tmp_path / "pairs")
    for name, (dx, dy), (source, target) in zip(("off", "fine"), ((5, -3), (0, 0)), sample_pairs(2, 160)):
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


def test_unknown_pairs_are_refused(store):
    for act in (align, swap_sides, undo):
        with pytest.raises(PairError, match="no pair named nobody"):
            act(store, "nobody")
