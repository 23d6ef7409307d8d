"""Where one picture lies in another: crops of edited pictures, scaled or not."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from editor.pairs.doctor.location import locate


def photo(seed, size=(480, 360)):
    """Blobs of many sizes, other ones for each seed."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0], 3))
    for cells, weight in ((6, 1.0), (14, 0.7), (40, 0.5)):
        small = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        total += weight * np.asarray(small.resize(size, Image.Resampling.BICUBIC), float)
    return Image.fromarray((total / 2.2).astype(np.uint8))


def edited(image):
    return ImageEnhance.Contrast(ImageOps.grayscale(image)).enhance(1.5).convert("RGB")


def found(outer, inner):
    return locate(outer, inner, inner.width / outer.width, inner.width / inner.height)


@pytest.mark.parametrize("box", [(60, 0, 420, 360), (0, 40, 480, 310), (100, 70, 400, 300), (0, 0, 300, 360)])
@pytest.mark.parametrize("scale", [1.0, 0.6, 0.37])
def test_a_crop_is_found(box, scale):
    inner = edited(photo(0)).crop(box)
    inner = inner.resize((round(inner.width * scale), round(inner.height * scale)), Image.Resampling.LANCZOS)
    place = found(photo(0), inner)
    off = np.array(place.box) * (480, 360, 480, 360) - box
    assert np.abs(off).max() < (2 if scale == 1 else 4)


def test_a_stranger_is_not_found():
    for seed in range(1, 4):
        assert found(photo(0), edited(photo(seed)).crop((60, 0, 420, 360))) is None


def test_plain_pictures_are_not_found():
    assert found(photo(0), Image.new("RGB", (200, 300), "red")) is None
    assert found(Image.new("RGB", (480, 360), "red"), edited(photo(0)).crop((60, 0, 420, 360))) is None
