import torch

from editor.views.cutout import DARK, LIGHT, cutout_picture


def test_a_cutout_hides_the_checkerboard_where_its_matte_is_1():
    cutout = torch.full((4, 32, 32), -1.0)
    cutout[0] = 1.0
    cutout[3] = 0.0
    cutout[3, :, 16:] = 1.0
    picture = cutout_picture(cutout)
    assert picture.size == (32, 32) and picture.getpixel((20, 20)) == (255, 0, 0)
    grays = {picture.getpixel((x, y)) for x in range(16) for y in range(32)}
    assert grays == {(round(127.5 * (value + 1)),) * 3 for value in (LIGHT, DARK)}
