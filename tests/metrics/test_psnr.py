import pytest
import torch
from torch.nn import functional as F

from editor.metrics.psnr import MAX_PSNR, psnr, ssim


def pictures(count: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_known_value_in_decibels():
    """A difference of a tenth of the range everywhere is 20 dB."""
    a = torch.zeros(1, 3, 8, 8)
    torch.testing.assert_close(psnr(a, a + 0.2), torch.tensor([20.0]))


def test_one_value_per_picture():
    a, noise = torch.zeros(2, 3, 32, 32), torch.tensor([0.02, 0.2]).view(2, 1, 1, 1)
    torch.testing.assert_close(psnr(a, a + noise), torch.tensor([40.0, 20.0]))
    assert ssim(a, pictures()).shape == (2,) and ssim(a[:1], pictures(1)).shape == (1,)


@pytest.mark.parametrize("count", [1, 3])
def test_equal_pictures(count):
    a = pictures(count)
    torch.testing.assert_close(psnr(a, a), torch.full((count,), MAX_PSNR))
    torch.testing.assert_close(ssim(a, a), torch.ones(count))


def test_values_outside_the_range_count_as_its_ends():
    a = torch.ones(1, 3, 32, 32)
    assert psnr(a, a * 5) == MAX_PSNR


def test_ssim_prefers_structure_over_brightness():
    """Both changes cost the same PSNR; only blurring away what is there costs structure."""
    a = pictures(1) * 0.5
    blurred = F.avg_pool2d(F.pad(a, (1, 1, 1, 1), mode="reflect"), 3, stride=1)
    brighter = a + (a - blurred).square().mean().sqrt()
    torch.testing.assert_close(psnr(a, brighter), psnr(a, blurred), atol=0.01, rtol=0)
    assert ssim(a, brighter) > ssim(a, blurred) + 0.2


def test_half_precision_is_measured_in_full():
    a, b = pictures(1).bfloat16(), pictures(1, seed=1).bfloat16()
    torch.testing.assert_close(psnr(a, b), psnr(a.float(), b.float()))


@pytest.mark.parametrize("measure", [psnr, ssim])
def test_shapes_must_agree(measure):
    with pytest.raises(ValueError, match=r"\(1, 3, 32, 32\)"):
        measure(pictures(2), pictures(1))
    with pytest.raises(ValueError, match=r"\(3, 32, 32\)"):
        measure(pictures()[0], pictures()[0])
