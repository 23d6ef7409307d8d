import itertools
import math

import pytest
import torch
from PIL import ImageColor

from editor.views.affine import (
    CLIPPED,
    MAX_STOPS,
    MIN_SHIFT,
    MIN_STOPS,
    NEGATIVE,
    ColorRange,
    clipping,
    scale_legend,
    scale_picture,
    shift_legend,
    shift_picture,
)
from editor.views.palette import DIVERGING

QUARTER, HALF = ColorRange.fixed(0.25), ColorRange.fixed(0.5)
LOWEST, NEUTRAL, HIGHEST = (ImageColor.getrgb(DIVERGING.colors[k]) for k in (0, 2, 4))


def affine(scale: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    return torch.tensor([scale, shift]).view(2, 1, 1).expand(2, 16, 24)


def test_identity_is_neutral_in_both_maps():
    for draw in (scale_picture, shift_picture):
        picture = draw(affine(), QUARTER)
        assert picture.size == (24, 16) and picture.getpixel((3, 3)) == NEUTRAL


def test_half_and_double_are_the_two_ends():
    assert scale_picture(affine(scale=0.5), QUARTER).getpixel((0, 0)) == LOWEST
    assert scale_picture(affine(scale=2.0), QUARTER).getpixel((0, 0)) == HIGHEST
    assert scale_picture(affine(scale=2.0), HALF).getpixel((0, 0)) not in (NEUTRAL, HIGHEST)


def test_shift_is_a_share_of_the_full_range():
    """A shift of 0.5 in [-1, 1] is a quarter of the range."""
    assert shift_picture(affine(shift=0.5), QUARTER).getpixel((0, 0)) == HIGHEST
    assert shift_picture(affine(shift=-0.5), QUARTER).getpixel((0, 0)) == LOWEST
    assert shift_picture(affine(shift=0.5), HALF).getpixel((0, 0)) not in (NEUTRAL, HIGHEST)


def test_maps_do_not_mix():
    assert scale_picture(affine(shift=0.4), QUARTER).getpixel((0, 0)) == NEUTRAL
    assert shift_picture(affine(scale=0.4), QUARTER).getpixel((0, 0)) == NEUTRAL


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_scale_without_logarithm_is_marked(scale):
    assert scale_picture(affine(scale=scale), QUARTER).getpixel((0, 0)) == ImageColor.getrgb(NEGATIVE)


def test_legends_show_the_values_of_a_map():
    for legend in (scale_legend, shift_legend):
        assert legend(affine(1.2, 0.1), QUARTER).tobytes() != legend(affine(1.3, 0.2), QUARTER).tobytes()


def test_legends_say_where_the_bar_ends_and_whether_that_is_fixed():
    """Seen as pixels: a C that fills a fixed range gets the same bar from an automatic one, under another title."""
    full = affine(2.0, 0.5)
    fitted = ColorRange.fitted(full)
    assert fitted.stops == pytest.approx(QUARTER.stops) and fitted.shift == pytest.approx(QUARTER.shift)
    for legend in (scale_legend, shift_legend):
        automatic, fixed, wider = (legend(full, range_) for range_ in (fitted, QUARTER, HALF))
        title, rest = (0, 0, 560, 50), (0, 50, 560, automatic.height)
        assert automatic.crop(title).tobytes() != fixed.crop(title).tobytes() == wider.crop(title).tobytes()
        assert automatic.crop(rest).tobytes() == fixed.crop(rest).tobytes() != wider.crop(rest).tobytes()


@pytest.mark.parametrize(("scale", "shift"), [(0.75, 0.02), (0.6, 0.4), (1.4, -1.9)])
def test_an_automatic_range_fits_and_leaves_the_wildest_pixels_aside(scale, shift):
    some = affine(scale, shift).clone()
    some[:, 3, 5] = torch.tensor([900.0, 9.0])  # one pixel of 384
    range_ = ColorRange.fitted(some)
    assert range_.is_automatic
    assert range_.stops == pytest.approx(max(abs(math.log2(scale)), MIN_STOPS), rel=1e-3)
    assert range_.shift == pytest.approx(max(abs(shift) / 2, MIN_SHIFT), rel=1e-3)
    for draw in (scale_picture, shift_picture):
        assert 0 < grays(draw(some, range_)) + grays(draw(some.roll(1, dims=2), range_)) <= 2  # that pixel is gray
    ends = {LOWEST, HIGHEST}
    assert (shift_picture(some, range_).getpixel((0, 0)) in ends) == (abs(shift) / 2 >= MIN_SHIFT)


@pytest.mark.parametrize("scale", [0.0, -1.0, 1e-5])
def test_an_automatic_range_is_there_also_where_no_scale_has_a_logarithm(scale):
    range_ = ColorRange.fitted(affine(scale))
    assert range_.stops == MAX_STOPS and range_.shift == MIN_SHIFT


@pytest.mark.parametrize(("scale", "shift"), [(-3.0, -9.0), (1e6, 9.0)])
def test_legend_of_extreme_values_stays_inside(scale, shift):
    for legend, range_ in itertools.product(
        (scale_legend, shift_legend), (QUARTER, ColorRange.fitted(affine(scale, shift)))
    ):
        picture = legend(affine(scale, shift), range_).convert("L")
        edges = [picture.crop(box) for box in ((0, 0, 3, 190), (557, 0, 560, 190))]
        assert all(edge.getextrema() == (255, 255) for edge in edges)


@pytest.mark.parametrize("bad", [torch.zeros(1, 2, 4, 4), torch.full((2, 4, 4), torch.inf)])
def test_bad_affine_is_refused(bad):
    for draw in (scale_picture, shift_picture):
        with pytest.raises(ValueError, match="affine"):
            draw(bad, QUARTER)


def grays(picture) -> int:
    return sum(picture.getpixel((x, y)) == ImageColor.getrgb(CLIPPED) for x in range(24) for y in range(16))


def test_clipping_is_where_colors_leave_the_range():
    image = torch.zeros(3, 16, 24)
    image[1, 4, 5] = 0.9  # one channel is enough
    assert clipping(affine(), image).sum() == 0
    assert clipping(affine(), torch.ones(3, 16, 24)).sum() == 0  # white times one is white
    assert clipping(affine(scale=1.2), image).nonzero().tolist() == [[4, 5]]
    assert clipping(affine(shift=-1.1), image).all()


def test_gray_stripes_lie_where_it_is_clipped_and_where_the_bar_ends():
    everywhere = torch.ones(16, 24, dtype=torch.bool)
    for draw, beyond in ((scale_picture, affine(scale=3.0)), (shift_picture, affine(shift=0.8))):
        assert grays(draw(affine(1.1, 0.1), QUARTER)) == 0
        assert grays(draw(affine(1.1, 0.1), QUARTER, clipped=everywhere)) == 16 * 24 // 2
        assert grays(draw(beyond, QUARTER)) == 16 * 24 // 2
