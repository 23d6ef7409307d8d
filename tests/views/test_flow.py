import colorsys

import pytest
import torch

from editor.images import to_tensor
from editor.models.transform import identity_flow, warp
from editor.views.flow import displacement_pixels, flow_legend, flow_picture


def identity(height: int = 32, width: int = 32) -> torch.Tensor:
    return identity_flow(torch.zeros(1, 3, height, width))[0]


def moved(x: float, y: float, height: int = 32, width: int = 32) -> torch.Tensor:
    """Return the flow that fetches every pixel from (x, y) pixels further right and down."""
    step = torch.tensor([2 * x / (width - 1), 2 * y / (height - 1)])
    return identity(height, width) + step.view(2, 1, 1)


def hue(picture) -> float:
    """Return the hue of the middle pixel in degrees."""
    pixel = picture.getpixel((picture.width // 2, picture.height // 2))
    return 360 * colorsys.rgb_to_hsv(*(value / 255 for value in pixel))[0]


def test_identity_is_white():
    picture, scale = flow_picture(identity())
    assert picture.size == (32, 32) and scale == 1.0
    assert picture.getextrema() == ((255, 255),) * 3


def test_displacement_is_in_pixels_and_x_comes_first():
    pixels = displacement_pixels(moved(3, -2, height=16, width=24))
    assert pixels.shape == (2, 16, 24)
    torch.testing.assert_close(pixels[0], torch.full((16, 24), 3.0), atol=1e-4, rtol=0)
    torch.testing.assert_close(pixels[1], torch.full((16, 24), -2.0), atol=1e-4, rtol=0)


def test_displacement_agrees_with_the_warp():
    image = torch.rand(1, 3, 16, 24)
    fetched = warp(image, moved(3, 2, height=16, width=24)[None])
    torch.testing.assert_close(fetched[..., :-2, :-3], image[..., 2:, 3:], atol=1e-4, rtol=0)


def test_directions_have_the_hues_of_the_legend():
    """In the Middlebury wheel red is right, yellow down, cyan left and blue-violet up."""
    hues = [hue(flow_picture(moved(x, y), 4.0)[0]) for x, y in ((4, 0), (0, 4), (-4, 0), (0, -4))]
    assert hues == pytest.approx([0, 55, 190, 260], abs=12)
    legend = flow_legend(4.0)
    for degrees, (dx, dy) in zip(hues, ((1, 0), (0, 1), (-1, 0), (0, -1))):
        x, y = 280 + dx * 70 + dy * 6, 220 + dy * 70 + dx * 6  # beside the arrow
        wheel = 360 * colorsys.rgb_to_hsv(*(v / 255 for v in legend.getpixel((x, y))))[0]
        assert min(abs(wheel - degrees), 360 - abs(wheel - degrees)) < 15


def test_scale_is_fixed_not_stretched():
    """torchvision alone would paint both pictures alike."""
    near, far = flow_picture(moved(1, 0), 4.0)[0], flow_picture(moved(4, 0), 4.0)[0]
    saturation = [1 - min(picture.getpixel((16, 16))) / 255 for picture in (near, far)]
    assert saturation == pytest.approx([0.25, 1.0], abs=0.02)


def test_beyond_the_scale_the_color_stays():
    inside, outside = flow_picture(moved(4, 3), 5.0)[0], flow_picture(moved(40, 30), 5.0)[0]
    assert inside.getpixel((9, 9)) == pytest.approx(outside.getpixel((9, 9)), abs=2)


def test_automatic_scale_ignores_the_wildest_pixels():
    flow = moved(6, 0)
    flow[:, 0, 0] = 50.0
    assert flow_picture(flow)[1] == pytest.approx(6, abs=0.01)


def test_legend_depends_on_the_scale_and_is_opaque():
    assert flow_legend(2.0).mode == "RGB"
    assert flow_legend(2.0).tobytes() != flow_legend(3.0).tobytes()
    assert to_tensor(flow_legend(2.0))[:, 0, 0].eq(1).all()


@pytest.mark.parametrize("bad", [torch.zeros(1, 2, 4, 4), torch.zeros(3, 4, 4), torch.full((2, 4, 4), torch.nan)])
def test_bad_flow_is_refused(bad):
    with pytest.raises(ValueError, match="flow"):
        flow_picture(bad)


def test_bad_scale_is_refused():
    with pytest.raises(ValueError, match="max_pixels=0"):
        flow_picture(identity(), 0)
