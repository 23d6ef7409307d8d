import base64

import numpy as np
import pytest
import torch

from editor.views.probe import MAX_SIDE, UNITS, pack, places


def unpack(probe) -> np.ndarray:
    values = np.frombuffer(base64.b64decode(probe.data), "<i2").reshape(len(probe.units), probe.side, probe.side)
    return values / np.array(probe.units)[:, None, None]


@pytest.mark.parametrize("size", [32, 64, 128, 200])
def test_the_numbers_are_those_of_the_tensors(size):
    random = torch.Generator().manual_seed(0)
    displacement, move = (torch.randn(2, size, size, generator=random) * 20 for _ in range(2))
    affine, kept = torch.randn(2, size, size, generator=random), torch.rand(size, size, generator=random)
    probe = pack(displacement, affine, move, kept)
    assert (probe.size, probe.side, probe.units) == (size, min(size, MAX_SIDE), UNITS)
    at = places(size)
    expected = torch.cat([displacement, affine, move, kept[None]])[:, at][:, :, at].numpy()
    assert np.abs(unpack(probe) - expected).max() <= 0.5 / 64 + 1e-6


def test_the_corners_are_among_the_places():
    assert places(128)[[0, -1]].tolist() == [0, 127]
    assert places(16).tolist() == list(range(16))


def test_what_is_too_large_for_a_number_is_held_at_the_limit():
    zero = torch.zeros(2, 8, 8)
    probe = pack(torch.full((2, 8, 8), 1e9), zero, zero, zero[0])
    assert unpack(probe)[0, 0, 0] == pytest.approx(32_767 / 64)


def test_a_page_gets_little():
    zero = torch.zeros(2, 512, 512)
    assert len(pack(zero, zero, zero, zero[0]).data) < 80_000
