import numpy as np
import pytest
import torch

from editor.models.transform import identity_flow
from editor.views.arrows import arrow_picture
from editor.views.warped_grid import SIDE

IDENTITY = identity_flow(torch.zeros(1, 3, 32, 32))[0]
WHITE = torch.ones(3, 32, 32)


def ink(flow: torch.Tensor) -> np.ndarray:
    return np.asarray(arrow_picture(flow, WHITE).convert("L")) < 200


def test_what_stays_is_a_dot():
    drawn = ink(IDENTITY)
    assert drawn.shape == (SIDE, SIDE)
    assert 0 < drawn.mean() < 0.05


def test_one_arrow_points_from_the_source_to_the_pixel():
    """Only the place that belongs to the arrow in row 8, column 8 is fetched from six pixels further right."""
    flow = IDENTITY.clone()
    flow[0, 17, 17] += 6 * 2 / 31
    new = ink(flow) & ~ink(IDENTITY)
    ys, xs = np.nonzero(new)
    head, length = 8.5 / 16 * SIDE, 6 / 31 * SIDE
    assert ys.mean() == pytest.approx(head, abs=3)
    assert xs.min() == pytest.approx(head, abs=6)
    assert xs.max() == pytest.approx(head + length, abs=6)
    near, far = xs < head + 12, xs > head + length - 12
    assert near.sum() > far.sum()  # the head is at the pixel, the tail where the content comes from


def test_the_picture_below_is_faded():
    picture = arrow_picture(IDENTITY, -WHITE)
    assert 150 < picture.getpixel((0, 0))[0] < 210
