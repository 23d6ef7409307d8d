import numpy as np
import pytest
from PIL import Image

from editor.config import DetailConfig
from editor.editing.filtered_photo import MOST_ENLARGED, Filtered


@pytest.fixture
def filtered() -> Filtered:
    """A photo whose left half is made lighter by 20 levels."""
    before = np.full((60, 80, 3), 100, np.uint8)
    after = before.copy()
    after[:, :40] += 20
    return Filtered(Image.fromarray(before), Image.fromarray(after))


def test_at_full_strength_it_is_the_filtered_photo(filtered):
    assert np.array_equal(filtered.apply(filtered.before, 1.0), filtered.after)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.5])
def test_strength_scales_the_change(filtered, strength):
    edit = np.asarray(filtered.apply(filtered.before, strength))
    assert (edit[:, :40] == 100 + 20 * strength).all()
    assert (edit[:, 40:] == 100).all()


@pytest.mark.parametrize("size", [(40, 30), (160, 120), (81, 61)])
def test_another_size_of_the_photo_gets_the_same_change_and_keeps_its_own_pixels(filtered, size):
    grain = np.random.default_rng(0).integers(90, 110, (size[1], size[0], 3), dtype=np.uint8)
    edit = np.asarray(filtered.apply(Image.fromarray(grain), 1.0)).astype(int)
    change = edit - grain
    quarter = size[0] // 4
    assert (change[:, :quarter] == 20).all() and (change[:, -quarter:] == 0).all()


class _Lightened:
    """Stands for a model: `filter_pixels` is replaced by one that adds a level."""

    needs_photo = False


@pytest.mark.parametrize(
    ("config", "size"),
    [
        (DetailConfig(mode="on", size=100), (200, 100)),
        (DetailConfig(mode="on", size=100, scale=0.25), (50, 25)),
        (DetailConfig(mode="on", size=10), (10 * MOST_ENLARGED, 5 * MOST_ENLARGED)),
    ],
)
def test_photos_are_filtered_at_the_scale_that_was_learned(monkeypatch, config, size):
    monkeypatch.setattr("editor.editing.filtered_photo.filter_pixels", lambda model, pixels: pixels + 1)
    result = Filtered.of(_Lightened(), Image.new("RGB", (200, 100), (7, 7, 7)), config)
    assert result.before.size == result.after.size == size
    assert result.after.getpixel((3, 3)) == (8, 8, 8)
    assert result.num_bytes == 2 * 3 * size[0] * size[1]
