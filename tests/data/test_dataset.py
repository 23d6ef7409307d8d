import pytest
import torch
from PIL import Image

from editor.config import AugmentConfig
from editor.data.dataset import PairDataset
from editor.image_files import load_image
from editor.images import to_tensor
from editor.pairs.errors import PairError
from editor.pairs.store import PairStore
from tests.conftest import draw_toy_pair

STILL = AugmentConfig(flip=0, degrees=0, translate=0, scale=0, shear=0, brightness=0, contrast=0, saturation=0, hue=0)


def test_load_keeps_sides_and_order(toy_store):
    pairs = toy_store.pairs()
    dataset = PairDataset.load(pairs, 32)
    assert dataset.names == tuple(pair.name for pair in pairs)
    assert dataset.pixels.dtype == torch.uint8, "a quarter of the memory"
    assert dataset[[3, 1]].names == (pairs[3].name, pairs[1].name)
    assert torch.equal(dataset[[3, 1]].images, dataset.images[[3, 1]])
    torch.testing.assert_close(dataset.x[3], to_tensor(load_image(pairs[3].source)))
    torch.testing.assert_close(dataset.y[3], to_tensor(load_image(pairs[3].target)))


def test_what_is_not_square_is_fitted_as_asked(tmp_path):
    source, target = draw_toy_pair(seed=1, size=64)
    store = PairStore(tmp_path)
    store.add("wide", source.crop((0, 10, 64, 50)), target.crop((0, 10, 64, 50)))
    middle = to_tensor(source.crop((12, 10, 52, 50)).resize((32, 32), Image.Resampling.LANCZOS))
    torch.testing.assert_close(PairDataset.load(store.pairs(), 32, "crop").x[0], middle)
    assert not torch.allclose(PairDataset.load(store.pairs(), 32).x[0], middle)


def test_groups_hold_whole_pairs(toy_store):
    """References are pairs of the set, unchanged; the predicted pair is an augmented one of the set."""
    dataset = PairDataset.load(toy_store.pairs(), 32)
    batch = dataset.sample(batch_size=6, group_size=3, config=STILL, generator=torch.Generator().manual_seed(0))
    assert batch.x_i.shape == (6, 2, 3, 32, 32)
    for x, y in [*zip(batch.x_i.flatten(0, 1), batch.y_i.flatten(0, 1)), *zip(batch.x_j, batch.y_j)]:
        index = (dataset.x - x).abs().sum(dim=(1, 2, 3)).argmin()
        assert torch.equal(dataset.x[index], x)
        assert torch.equal(dataset.y[index], y)


def test_every_pair_is_met_with_every_other(toy_store):
    """With replacement over m pairs there are m * m (i, j); many steps meet them all, i = j among them."""
    dataset = PairDataset.of("abc", torch.arange(3.0).view(3, 1, 1, 1, 1).expand(3, 2, 3, 4, 4) / 4)
    batch = dataset.sample(batch_size=200, group_size=2, config=STILL, generator=torch.Generator().manual_seed(0))
    met = {(i.item(), j.item()) for i, j in zip(batch.x_i[:, 0, 0, 0, 0], batch.x_j[:, 0, 0, 0])}
    assert len(met) == 9


def test_more_pairs_than_memory_is_meant_for_are_refused(toy_store, monkeypatch):
    pairs = toy_store.pairs()
    with pytest.raises(PairError, match=r"99,999 pairs at 1024 pixels would take 586 GB"):
        PairDataset.load([pairs[0]] * 99_999, 1024)
    monkeypatch.setattr("editor.data.dataset.MAX_BYTES", 8 * 2 * 3 * 32**2)
    assert len(PairDataset.load(pairs, 32)) == 8
