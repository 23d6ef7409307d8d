import pytest
import torch
from PIL import ImageColor

from editor.views.error import error_legend, error_picture
from editor.views.palette import SEQUENTIAL

DARKEST, BRIGHTEST = (ImageColor.getrgb(SEQUENTIAL.colors[k]) for k in (0, -1))


def test_equal_pictures_are_dark_and_the_stated_error_is_brightest():
    a = torch.zeros(3, 16, 24)
    assert error_picture(a, a).size == (24, 16)
    assert error_picture(a, a).getpixel((0, 0)) == DARKEST
    assert error_picture(a, a + 0.5).getpixel((0, 0)) == BRIGHTEST  # a quarter of the range [-1, 1]
    assert error_picture(a, a + 0.5, max_error=0.5).getpixel((0, 0)) not in (DARKEST, BRIGHTEST)


def test_sign_does_not_matter_and_place_does():
    a, b = torch.zeros(3, 16, 24), torch.zeros(3, 16, 24)
    b[:, 2, 5], b[:, 3, 6] = 1.0, -1.0
    picture = error_picture(a, b)
    assert picture.tobytes() == error_picture(b, a).tobytes()
    assert picture.getpixel((5, 2)) == picture.getpixel((6, 3)) == BRIGHTEST
    assert picture.getpixel((2, 5)) == DARKEST


def test_one_channel_counts_a_third():
    a, one, all_three = torch.zeros(3, 4, 4), torch.zeros(3, 4, 4), torch.full((3, 4, 4), 0.1)
    one[0] = 0.3
    assert error_picture(a, one).getpixel((0, 0)) == error_picture(a, all_three).getpixel((0, 0))


def test_legend_states_the_scale():
    assert error_legend(0.25).tobytes() != error_legend(0.5).tobytes()


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(3, 4, 5\)"):
        error_picture(torch.zeros(3, 4, 4), torch.zeros(3, 4, 5))
