import pytest
import torch
from torch.nn import functional

from editor.data.dataset import PairDataset
from editor.training.registration import GRID, fit_flows, move, register, typical_shift

SIZE = 64


def scenes(count, seed=0):
    """Return smooth pictures (m, 3, s, s) with enough in them to see a shift by."""
    coarse = torch.rand(count, 3, 9, 9, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return functional.interpolate(coarse, (SIZE, SIZE), mode="bicubic", align_corners=True).clamp(-1, 1)


def pairs(x, y):
    return PairDataset.of(tuple(map(str, range(len(x)))), torch.stack([x, y], dim=1))


def painted(x):
    """The edit: a black patch in the middle."""
    y = x.clone()
    y[..., 24:40, 24:40] = -1.0
    return y


@pytest.fixture
def shifted():
    """Pairs whose targets were moved by some two pixels, each by another vector."""
    x = scenes(10)
    vectors = torch.randn(10, 2, 1, 1, generator=torch.Generator().manual_seed(1)) * 2 * 2 / SIZE
    return pairs(x, move(painted(x), vectors.expand(-1, -1, GRID, GRID))), painted(x)


def error(a, b):
    inner = (..., slice(8, -8), slice(8, -8))  # what was moved out of the picture is lost
    return (a[inner] - b[inner]).square().mean()


def test_chance_shifts_are_found_and_taken_away(shifted):
    dataset, truth = shifted
    registered = register(dataset, dataset)
    assert 0.01 < registered.shift < 0.06
    assert error(registered.training.y, truth) < 0.15 * error(dataset.y, truth)
    assert torch.equal(registered.training.images, registered.held_out.images)
    assert torch.equal(registered.training.x, dataset.x), "sources stay as they are"


def test_pairs_made_from_their_sources_are_left_alone():
    x = scenes(10)
    dataset = pairs(x, painted(x))
    assert register(dataset, dataset) == (dataset, dataset, None)


def test_what_all_pairs_have_in_common_is_the_effect_and_stays():
    x = scenes(10)
    vectors = torch.tensor([4.0, -2.0]).view(1, 2, 1, 1) / SIZE  # two pixels to the left, one down
    dataset = pairs(x, move(x, vectors.expand(10, -1, GRID, GRID)))
    assert register(dataset, dataset).shift is None
    kept = register(dataset, dataset, "on").training.y
    assert error(kept, dataset.y) < 0.02 * error(dataset.x, dataset.y)


def test_an_edit_is_not_mistaken_for_a_shift():
    x = scenes(6)
    assert typical_shift(fit_flows(pairs(x, painted(x)))) < 0.003


def test_off_and_too_few_change_nothing(shifted):
    dataset, _ = shifted
    single = dataset[:1]
    assert register(dataset, dataset, "off").shift is None
    assert register(single, single, "auto") == (single, single, None)


def test_nothing_may_be_held_out(shifted):
    dataset, _ = shifted
    nobody = dataset[:0]
    assert len(register(dataset, nobody).held_out) == 0
