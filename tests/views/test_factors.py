import torch

from editor.views.factors import alpha_legend, alpha_picture, kept_legend, kept_picture


def test_white_keeps_and_black_paints_over():
    kept = torch.tensor([[1.0, 0.0], [0.5, 7.0]])
    picture = kept_picture(kept)
    assert picture.getpixel((0, 0)) == picture.getpixel((1, 1)) == (255, 255, 255)
    assert picture.getpixel((1, 0)) == (0, 0, 0)
    assert 126 <= picture.getpixel((0, 1))[0] <= 129
    assert kept_legend().mode == "RGB"


def test_white_is_copied():
    picture = alpha_picture(torch.tensor([[0.0, 1.0], [0.5, -3.0]]))
    assert picture.getpixel((1, 0)) == (255, 255, 255)
    assert picture.getpixel((0, 0)) == picture.getpixel((1, 1)) == (0, 0, 0)
    assert alpha_legend().mode == "RGB"
