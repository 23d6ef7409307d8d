"""Auto levels stretch each photo between its own ends."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from editor.levels import LIGHT, MEASURES, Levels, histograms_of, stretched


def picture(seed=0, low=60, high=200, size=(50, 40)):
    return np.random.default_rng(seed).integers(low, high, (*size, 3), dtype=np.uint8)


def pixels_of(array):
    return torch.from_numpy(array).permute(2, 0, 1)


def leveled(array, levels):
    """Return a picture after levels, as 8-bit values before rounding."""
    pixels = pixels_of(array)
    x = pixels.float()[None] / 127.5 - 1
    return (stretched(x, levels.ends(histograms_of(pixels)[None]))[0].permute(1, 2, 0) + 1).mul(127.5).numpy()


def test_histograms_count_light_and_channels():
    counts = histograms_of(torch.tensor([[[255, 0]], [[255, 0]], [[255, 200]]], dtype=torch.uint8))
    assert counts.sum(dim=1).tolist() == [2] * 4
    blue = round(200 * LIGHT[2] / sum(LIGHT))
    assert counts[0, 255] == 1 and counts[0, blue] == 1 and counts[3, 200] == 1 and counts[1, 0] == 1


def test_each_channel_is_what_pillow_calls_autocontrast():
    array = picture()
    expected = np.asarray(ImageOps.autocontrast(Image.fromarray(array)), float)
    assert np.abs(leveled(array, Levels("each", 0.0, 0.0)) - expected).max() <= 1


def test_what_counts_decides_whether_the_tint_changes():
    array = picture()
    array[..., 2] //= 2  # a yellow picture
    together, alone = (leveled(array, Levels(measure, 0.0, 0.0)) for measure in ("all", "each"))
    assert alone[..., 2].max() > 254 and together[..., 2].max() < 140
    assert together.min() < 1 and together.max() > 254


def test_the_shares_are_cut_off():
    array = picture(low=0, high=256, size=(200, 200))
    light = array @ np.array(LIGHT) / sum(LIGHT)
    gray = np.repeat(light.round().astype(np.uint8)[..., None], 3, axis=2)
    result = leveled(gray, Levels("light", 0.1, 0.05))
    assert abs((result == 0).mean() - 0.1) < 0.02 and abs((result == 255).mean() - 0.05) < 0.02


@pytest.mark.parametrize("measure", MEASURES)
def test_a_picture_of_one_color_stays(measure):
    array = np.full((9, 9, 3), 77, dtype=np.uint8)
    assert np.abs(leveled(array, Levels(measure, 0.01, 0.01)) - 77).max() < 1e-3


@pytest.mark.parametrize("levels", [Levels("light", 0.0015, 0.0005), Levels("each", 0.0, 0.05)])
def test_numbers_in_a_file_of_weights_mean_levels(levels):
    found = Levels.decoded(levels.encoded())
    assert found.measure == levels.measure and found[1:] == pytest.approx(levels[1:])
    assert Levels.decoded(torch.zeros(3)) is None
    for wrong in (-1.0, 0.3, 1.0, float("nan")):
        assert Levels.decoded(torch.tensor([wrong, 0, 0])) is None
