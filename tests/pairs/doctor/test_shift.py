import numpy as np
import pytest
from PIL import Image

from editor.pairs.doctor.shift import brings_together, edges, find_shift
from editor.samples.party import party_pairs


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    ((source, _),) = party_pairs(1, 160)
    return np.asarray(source.convert("L"), dtype=np.float32) / 255


def moved(picture, dx, dy):
    return picture[12 - dy : 140 - dy, 12 - dx : 140 - dx]


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (5, -3), (-12, 12)])
@pytest.mark.parametrize("repaint", [lambda p: p, lambda p: 1 - p, lambda p: np.hypot(*np.gradient(p)), lambda p: p**3])
def test_the_shift_survives_repainting(picture, dx, dy, repaint):
    shift = find_shift(edges(moved(picture, 0, 0)), edges(moved(repaint(picture).astype(np.float32), dx, dy)))
    assert (shift.dx, shift.dy) == pytest.approx((dx, dy), abs=0.7)
    assert shift.likeness >= shift.unmoved


def test_half_a_pixel_is_seen(picture):
    image = Image.fromarray(picture)
    half = image.transform(image.size, Image.Transform.AFFINE, (1, 0, -0.5, 0, 1, 0), Image.Resampling.BICUBIC)
    shift = find_shift(edges(picture), edges(np.asarray(half)))
    assert (shift.dx, shift.dy) == pytest.approx((0.5, 0), abs=0.15)


def test_pictures_need_not_be_square_and_may_be_empty(picture):
    wide = picture[:64]
    assert find_shift(edges(wide), edges(wide)).likeness == pytest.approx(1, abs=1e-3)
    empty = np.zeros((32, 48), dtype=np.float32)
    assert find_shift(edges(empty), edges(empty)).likeness == 0


def test_only_a_true_shift_brings_together(picture):
    first, second = moved(picture, 0, 0), moved(picture, 5, -3)
    shift = find_shift(edges(first), edges(second))
    assert brings_together(first, second, shift)
    assert not brings_together(first, second, shift._replace(dx=-5.0))
