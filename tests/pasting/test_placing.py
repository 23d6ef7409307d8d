import math

import pytest
import torch
from torch.nn import functional

from editor.images import to_tensor
from editor.pasting.cutout import cutout
from editor.pasting.placing import laid, place
from tests.conftest import draw_toy_pair

pytestmark = pytest.mark.usefixtures("placed_well")


@pytest.fixture
def pair():
    """The toy effect, (1, 3, 64, 64) each: a disc that becomes blue."""
    return tuple(to_tensor(picture)[None] for picture in draw_toy_pair(3, 64))


def ring(size=64, inner=0.3, outer=0.6):
    """A ground and the same with a bright ring on it."""
    line = (torch.arange(size) + 0.5) / size * 2 - 1
    radius = torch.hypot(line[:, None], line)
    ground = torch.full((1, 3, size, size), -0.5)
    return ground, torch.where((radius > inner) & (radius < outer), torch.tensor(0.8), ground)


def moved(maps, scale, turn, x, y):
    """Maps enlarged, turned and moved, by an affine map of their own."""
    a, b = math.cos(turn) / scale, math.sin(turn) / scale
    theta = torch.tensor([[[a, -b, -(a * x - b * y)], [b, a, -(b * x + a * y)]]])
    return functional.grid_sample(
        maps, functional.affine_grid(theta, list(maps.shape), align_corners=False), align_corners=False
    )


def test_the_target_is_the_cutout_over_the_source(pair):
    source, target = pair
    pixels, matte = cutout(source, target).split([3, 1], dim=1)
    assert (source + matte * (pixels - source) - target).abs().max() < 0.05
    assert matte.min() == 0 and matte.max() == 1


@pytest.mark.parametrize(
    ("inner", "color", "is_closed"), [(0.1, 0.8, True), (0.4, 0.8, False), (0.1, -0.5, False), (0.03, -0.5, True)]
)
def test_holes_are_closed_where_they_are_small_and_of_the_color_around_them_or_tiny(inner, color, is_closed):
    source, target = ring(inner=inner)
    hole = torch.zeros_like(source)
    hole[..., 12:52, 12:52] = (target == source)[..., 12:52, 12:52]
    matte = cutout(*(torch.where(hole > 0, torch.tensor(color), image) for image in (source, target)))[0, 3]
    assert (matte[32, 32] > 0.9) == is_closed and matte[32, 48] > 0.9 and matte[0, 0] == 0


@pytest.mark.parametrize(("scale", "turn", "x", "y"), [(1, 0, 0, 0), (1.2, 0.2, 0.15, -0.1), (0.8, -0.15, -0.2, 0.2)])
def test_a_cutout_is_found_where_it_lies_although_the_answer_is_blurred(scale, turn, x, y):
    size = 96
    generator = torch.Generator().manual_seed(1)
    source = (
        functional.interpolate(torch.rand(1, 3, 6, 6, generator=generator), size=(size, size), mode="bicubic") - 0.5
    )
    art = torch.zeros(1, 4, size, size)  # an L, which has no symmetry
    art[:, 3, 24:72, 30:44] = art[:, 3, 58:72, 30:68] = 1
    art[:, 0] = 0.9
    target = laid(source, art, functional.affine_grid(torch.eye(2, 3)[None], [1, 1, size, size], align_corners=False))
    base = source.flip(3)
    there = moved(art, scale, turn, x, y)
    truth = base + there[:, 3:] * (there[:, :3] - base)
    answer = functional.avg_pool2d(truth, 9, stride=1, padding=4, count_include_pad=False)
    _, found = place(answer, base, cutout(source, target))
    edit = laid(base, cutout(source, target), found.positions(size, size))
    region = functional.max_pool2d(there[:, 3:], 5, stride=1, padding=2)
    error = (region * (edit - truth).abs()).sum() / (3 * region.sum())
    assert error < 0.5 * (region * (answer - truth).abs()).sum() / (3 * region.sum())
    assert found.explained > 0.7


def test_of_many_cutouts_the_one_that_the_answer_shows_is_taken_and_placed_as_if_alone(pair):
    source, target = pair
    others = [torch.cat([torch.full((1, 3, 64, 64), color), cutout(*pair)[:, 3:]], dim=1) for color in (-1.0, 0.9, 1.0)]
    cutouts = torch.cat([*others[:2], cutout(*pair), others[2]])
    index, found = place(target, source, cutouts)
    _, alone = place(target, source, cutouts[2:3])
    assert index == 2 and found.explained > 0.9
    torch.testing.assert_close(found.positions(64, 64), alone.positions(64, 64), atol=1e-3, rtol=0)


def test_what_the_answer_does_not_show_is_not_explained(pair):
    source, target = pair
    other = source + torch.linspace(-0.5, 0.5, 64)
    assert place(other, source, cutout(source, target))[1].explained < 0.5


def test_a_strip_is_no_square(pair):
    source, target = pair
    wide = torch.cat([source[..., :32], source, source[..., 32:]], dim=3)
    answer = torch.cat([source[..., :32], target, source[..., 32:]], dim=3)
    _, found = place(answer, wide, cutout(source, target))
    edit = laid(wide, cutout(source, target), found.positions(64, 128))
    assert found.positions(64, 128).shape == (1, 64, 128, 2)
    assert (edit - answer).abs().mean() < 0.2 * (answer - wide).abs().mean()


def test_nothing_is_left_to_chance(pair):
    found = [place(pair[1], pair[0], cutout(*pair))[1] for _ in range(2)]
    assert torch.equal(found[0].affine, found[1].affine) and torch.equal(found[0].bends, found[1].bends)
