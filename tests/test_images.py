import numpy as np
import pytest
import torch
from PIL import Image

from editor.images import MAX_SQUARES, fit_to_square, fit_to_strip, square_of, to_image, to_tensor


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def smooth(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([x * 255 / width, y * 255 / height, x * 0 + 90], -1).astype(np.uint8))


def test_tensor_round_trip_keeps_every_level():
    levels = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    tensor = to_tensor(Image.fromarray(levels))
    assert tensor.shape == (3, 16, 16) and tensor.dtype == torch.float32
    assert tensor.min() == -1 and tensor.max() == 1
    assert np.array_equal(np.asarray(to_image(tensor)), levels)


def test_to_tensor_keeps_axes_and_channels():
    image = Image.new("RGB", (4, 2), "black")
    image.putpixel((3, 1), (255, 0, 0))
    tensor = to_tensor(image)
    assert tensor[0, 1, 3] == 1 and (tensor == 1).sum() == 1


def test_to_image_clamps_and_refuses_batches():
    assert to_image(torch.full((3, 1, 1), 7.0)).getpixel((0, 0)) == (255, 255, 255)
    assert to_image(torch.full((3, 1, 1), -7.0)).getpixel((0, 0)) == (0, 0, 0)
    with pytest.raises(ValueError, match=r"\(1, 3, 4, 4\)"):
        to_image(torch.zeros(1, 3, 4, 4))


def test_square_picture_is_untouched():
    image = noise(32, 32)
    square, fit = fit_to_square(image, 32)
    assert np.array_equal(np.asarray(square), np.asarray(image))
    assert fit.box == (0, 0, 32, 32)


@pytest.mark.parametrize("shape", [(48, 32), (31, 77), (200, 100), (1, 40), (9, 9)])
def test_fit_keeps_shape_and_content(shape):
    square, fit = fit_to_square(smooth(*shape), 32)
    left, top, right, bottom = fit.box
    assert square.size == (32, 32) and fit.size == shape
    assert max(right - left, bottom - top) == 32
    assert abs((right - left) / 32 - shape[0] / max(shape)) <= 1 / 32


def test_margin_mirrors_the_content():
    square, fit = fit_to_square(noise(32, 16), 32)
    pixels = np.asarray(square)
    assert fit.box == (0, 8, 32, 24)
    assert np.array_equal(pixels[:8], pixels[8:16][::-1])
    assert np.array_equal(pixels[24:], pixels[16:24][::-1])


def test_a_square_of_a_picture_is_all_of_it_or_its_middle():
    image = noise(48, 32)
    assert square_of(image, 32, "whole").tobytes() == fit_to_square(image, 32)[0].tobytes()
    assert square_of(image, 32, "crop").tobytes() == image.crop((8, 0, 40, 32)).tobytes()
    assert square_of(noise(20, 91), 32, "crop").size == (32, 32)
    square = noise(70, 70)
    assert square_of(square, 32, "crop").tobytes() == square_of(square, 32).tobytes()


@pytest.mark.parametrize(
    ("shape", "strip", "box"),
    [
        ((64, 64), (32, 32), (0, 0, 32, 32)),
        ((1000, 999), (32, 32), (0, 0, 32, 32)),
        ((96, 64), (48, 32), (0, 0, 48, 32)),
        ((64, 100), (32, 56), (0, 3, 32, 53)),  # 50 pixels are no multiple of 8
        ((3000, 100), (256, 32), (0, 11, 256, 20)),  # too long: it has margins like any picture that is kept whole
        ((1, 500), (32, 256), (15, 0, 16, 256)),
    ],
)
def test_a_strip_is_as_wide_as_the_square_and_never_endless(shape, strip, box):
    picture, fit = fit_to_strip(smooth(*shape), 32, 8)
    assert picture.size == strip
    assert fit == (shape, box)
    assert max(strip) <= MAX_SQUARES * 32


def test_a_square_is_the_same_as_a_strip():
    image = noise(77, 77)
    (strip, one), (square, other) = fit_to_strip(image, 32, 8), fit_to_square(image, 32)
    assert strip.tobytes() == square.tobytes()
    assert one == other
