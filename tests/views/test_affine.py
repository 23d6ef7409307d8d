import pytest
import torch
from PIL import ImageColor

from editor.views.affine import (
    CLIPPED,
    NEGATIVE,
    clipping,
    scale_legend,
    scale_picture,
    shift_legend,
    shift_picture,
)
from editor.views.colormap import DIVERGING

LOWEST, NEUTRAL, HIGHEST = (ImageColor.getrgb(DIVERGING.colors[k]) for k in (0, 2, 4))


def affine(scale: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    return torch.tensor([scale, shift]).view(2, 1, 1).expand(2, 16, 24)


def test_identity_is_neutral_in_both_maps():
    for draw in (scale_picture, shift_picture):
        picture = draw(affine())
        assert picture.size == (24, 16) and picture.getpixel((3, 3)) == NEUTRAL


def test_half_and_double_are_the_two_ends():
    assert scale_picture(affine(scale=0.5)).getpixel((0, 0)) == LOWEST
    assert scale_picture(affine(scale=2.0)).getpixel((0, 0)) == HIGHEST
    assert scale_picture(affine(scale=2.0), max_stops=2.0).getpixel((0, 0)) not in (NEUTRAL, HIGHEST)


def test_shift_is_a_share_of_the_full_range():
    """A shift of 0.5 in [-1, 1] is a quarter of the range."""
    assert shift_picture(affine(shift=0.5)).getpixel((0, 0)) == HIGHEST
    assert shift_picture(affine(shift=-0.5)).getpixel((0, 0)) == LOWEST
    assert shift_picture(affine(shift=0.5), max_shift=0.5).getpixel((0, 0)) not in (NEUTRAL, HIGHEST)


def test_maps_do_not_mix():
    assert scale_picture(affine(shift=0.4)).getpixel((0, 0)) == NEUTRAL
    assert shift_picture(affine(scale=0.4)).getpixel((0, 0)) == NEUTRAL


@pytest.mark.parametrize("scale", [0.0, -1.0])
def test_scale_without_logarithm_is_marked(scale):
    assert scale_picture(affine(scale=scale)).getpixel((0, 0)) == ImageColor.getrgb(NEGATIVE)


def test_legends_show_the_values_of_a_map():
    for legend in (scale_legend, shift_legend):
        plain, one, other = legend(), legend(affine(1.2, 0.1)), legend(affine(1.3, 0.2))
        assert plain.width == one.width and plain.height < one.height
        assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize(("scale", "shift"), [(-3.0, -9.0), (1e6, 9.0)])
def test_legend_of_extreme_values_stays_inside(scale, shift):
    for legend in (scale_legend, shift_legend):
        picture = legend(affine(scale, shift)).convert("L")
        edges = [picture.crop(box) for box in ((0, 0, 3, 190), (557, 0, 560, 190))]
        assert all(edge.getextrema() == (255, 255) for edge in edges)


@pytest.mark.parametrize("bad", [torch.zeros(1, 2, 4, 4), torch.full((2, 4, 4), torch.inf)])
def test_bad_affine_is_refused(bad):
    for draw in (scale_picture, shift_picture):
        with pytest.raises(ValueError, match="affine"):
            draw(bad)


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
        assert grays(draw(affine(1.1, 0.1))) == 0
        assert grays(draw(affine(1.1, 0.1), clipped=everywhere)) == 16 * 24 // 2
        assert grays(draw(beyond)) == 16 * 24 // 2
