import numpy as np
import pytest
import torch
from PIL import Image

from editor.data.dataset import PairDataset
from editor.data.large_dataset import LargeDataset
from editor.pairs.folder import Pair


@pytest.fixture
def large(tmp_path) -> LargeDataset:
    """One pair of 40 x 40, lighter to the right of the middle only, and one that there is at the model's size only."""
    source = np.arange(40 * 40 * 3, dtype=np.uint32).reshape(40, 40, 3) % 200
    target = source.copy()
    target[:, 20:] += 50
    paths = [tmp_path / "x.png", tmp_path / "y.png"]
    for path, pixels in zip(paths, (source, target)):
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    small = PairDataset.of(("a", "b"), torch.zeros(2, 2, 3, 16, 16))
    return LargeDataset(small, {"a": Pair("a", *paths, False)})


def test_files_serve_where_they_are_larger(large):
    assert [tuple(large[index].shape) for index in range(len(large))] == [(2, 3, 40, 40), (2, 3, 16, 16)]
    assert large[0].dtype == torch.uint8
    assert large[0] is large[0], "read once"


def test_crops_of_source_and_target_lie_at_the_same_place_and_changed_places_come_up_more_often(large):
    crops = large.crops(200, 8, torch.Generator().manual_seed(0))
    assert crops.shape == (200, 2, 3, 8, 8)
    change = (crops[:, 1] - crops[:, 0]) * 127.5
    assert (((change - 50).abs() < 0.01) | (change.abs() < 0.01)).all()
    share = (change > 25).float().mean().item()  # a quarter of all pixels
    assert 0.4 < share < 0.9
    again = large.crops(200, 8, torch.Generator().manual_seed(0))
    assert torch.equal(crops, again)
