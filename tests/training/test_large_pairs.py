from dataclasses import replace

import numpy as np
import pytest

from editor.image_files import load_image
from editor.images import square_of
from editor.pairs.folder import PairFolder
from editor.pairs.store import PairStore
from editor.training.large_pairs import MAX_PIXELS, LargePairs
from editor.training.run_folder import RunFolder
from tests.conftest import TINY, draw_toy_pair


@pytest.fixture
def large_store(tmp_path) -> PairStore:
    store = PairStore(tmp_path / "large")
    for seed, size in enumerate((200, 200, 32)):
        store.add(f"{seed}", *draw_toy_pair(seed, size))
    return store


def saved(tmp_path, size, num_pairs=20, **options):
    large = LargePairs(tmp_path, replace(TINY, **options), num_pairs)
    large.add(*(image.resize(size) for image in draw_toy_pair(0, max(size))))
    large.name(["a"])
    pairs = PairFolder(tmp_path).pairs()
    return load_image(pairs[0].target).size if pairs else None


def test_a_pair_is_kept_as_large_as_it_is_up_to_a_limit(tmp_path):
    assert saved(tmp_path, (200, 120)) == (200, 200)
    assert saved(tmp_path, (200, 120), fit="crop") == (120, 120)
    assert saved(tmp_path, (1500, 1400)) == (1024, 1024)


def test_many_pairs_share_the_room(tmp_path):
    side = saved(tmp_path, (600, 600), num_pairs=1000)[0]
    assert 32 < side < 600
    assert 2 * side**2 * 1000 <= MAX_PIXELS


def test_what_the_models_size_shows_whole_is_not_kept_twice(tmp_path):
    assert saved(tmp_path, (32, 32)) is None
    assert saved(tmp_path, (200, 32), fit="crop") is None


def test_only_a_run_that_copies_keeps_large_pairs(tmp_path, large_store, tiny_config):
    runs = {
        output: RunFolder.create(
            tmp_path / output, config=replace(tiny_config, output=output), store=large_store, effect="x"
        )
        for output in ("warp", "canvas")
    }
    assert runs["warp"].large_pairs.pairs() == []
    kept = runs["canvas"].large_pairs.pairs()
    assert [pair.name for pair in kept] == ["0", "1"]
    for path, own in zip(kept[0][1:3], large_store.pairs()[0][1:3]):
        truth = np.asarray(square_of(load_image(own), 200)).astype(int)
        assert abs(np.asarray(load_image(path)) - truth).mean() < 2
