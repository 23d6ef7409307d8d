import pytest
import torch
from torch.nn import functional

from editor.metrics.sharpness import fine_detail, sharpness


@pytest.fixture
def picture():
    """Noise: all frequencies alike."""
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) - 0.5


def test_equal_pictures_are_equally_sharp(picture):
    assert sharpness(picture, picture).tolist() == pytest.approx([1, 1])
    assert sharpness(picture + 0.2, picture).tolist() == pytest.approx([1, 1], rel=1e-4)  # brightness is no detail


def test_energy_follows_the_square_of_the_amplitude(picture):
    assert sharpness(2 * picture, picture).tolist() == pytest.approx([4, 4], rel=1e-4)
    assert sharpness(2**0.5 * picture, picture).tolist() == pytest.approx([2, 2], rel=1e-4)


def test_blur_takes_detail_away(picture):
    assert (sharpness(functional.avg_pool2d(picture, 3, 1, 1), picture) < 0.1).all()


def test_a_region_looks_there_only(picture):
    edit = picture.clone()
    edit[..., 16:] = 0
    left = torch.zeros(2, 32, 32, dtype=torch.bool)
    left[..., :14] = True
    assert sharpness(edit, picture, left).tolist() == pytest.approx([1, 1], abs=0.05)
    right = left.flip(-1)
    assert (sharpness(edit, picture, right) < 0.05).all()


def test_a_flat_truth_has_no_sharpness(picture):
    assert sharpness(picture, torch.zeros_like(picture)).isnan().all()


def test_only_frequencies_above_the_cutoff_are_fine():
    x = torch.arange(32) + 0.5
    for period, is_fine in ((2.5, True), (16, False)):
        wave = torch.cos(2 * torch.pi * x / period).expand(1, 3, 32, 32)
        kept = fine_detail(wave).square().mean() / wave.square().mean()
        assert (kept > 0.9) if is_fine else (kept < 0.05)
    assert fine_detail(torch.ones(1, 3, 32, 32)).abs().max() < 1e-5
