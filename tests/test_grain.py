"""Grain is noise of the wanted strength, size and color, the same again for the same photo."""

import numpy as np
import pytest

from editor.grain import NUM_TONES, grain_on, noise, seed_of, with_grain

GRAY = np.full((200, 300, 3), 128, np.uint8)


@pytest.mark.parametrize("channel", range(3))
def test_noise_is_white_and_normal(channel):
    white = noise(channel, 5, 0, 300, 400)
    assert abs(white.mean()) < 0.01 and white.std() == pytest.approx(1, abs=0.01)
    assert np.mean(np.abs(white) > 2) == pytest.approx(0.046, abs=0.006), "as of a normal distribution"
    spectrum = np.abs(np.fft.rfft2(white)[1:, 1:]) ** 2 / white.size
    corners = [spectrum[rows, :50].mean() for rows in (slice(0, 50), slice(100, 200), slice(250, None))]
    assert corners == pytest.approx([1, 1, 1], abs=0.06), "no frequency is preferred"


def test_channels_and_seeds_are_independent():
    one = noise(0, 5, 0, 100, 100).ravel()
    later = noise(0, 7, 0, 100, 100)
    others = (noise(1, 5, 0, 100, 100), noise(0, 6, 0, 100, 100), noise(0, 5, 300, 100, 100), noise(0, 5, 2, 100, 100))
    for other in (*others, later, np.roll(later, 2, axis=0)):
        assert abs(np.corrcoef(one, other.ravel())[0, 1]) < 0.03


def test_grain_does_not_depend_on_what_is_computed_at_once(film_grain):
    whole = grain_on(GRAY, film_grain, 9)
    parts = [grain_on(GRAY[top : top + 70], film_grain, 9, top) for top in range(0, 200, 70)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    large = np.full((600, 40, 3), 128, np.uint8)
    np.testing.assert_array_equal(with_grain(large, film_grain, 9)[300:], _rounded(large, film_grain, 9)[300:])


def _rounded(pixels, grain, seed):
    return np.rint(pixels + grain_on(pixels, grain, seed)).clip(0, 255).astype(np.uint8)


def test_strength_follows_tones(film_grain):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 400, axis=0).repeat(3, axis=2)
    strength = grain_on(ramp, film_grain, 1).std(axis=0).mean(axis=1)
    np.testing.assert_allclose(
        strength[[16, 64, 128, 192]], film_grain.amplitude.mean(axis=0)[[1, 4, 8, 12]], rtol=0.15
    )
    assert film_grain.typical == pytest.approx(film_grain.amplitude[:, NUM_TONES // 2].mean())


def test_gray_grain_keeps_gray_pictures_gray(film_grain):
    gray = film_grain._replace(
        mixing=np.array(3 * [[1, 0, 0]], np.float32), amplitude=film_grain.amplitude[:1].repeat(3, axis=0)
    )
    assert gray.is_gray and not film_grain.is_gray
    result = with_grain(GRAY, gray, 3)
    assert (result == result[..., :1]).all() and result.std() == pytest.approx(gray.typical, rel=0.1)


@pytest.mark.parametrize("side", [0.0, 0.4, -0.1])
def test_grain_averages_out_in_a_smaller_copy(film_grain, side):
    kernel = np.array([0, 0, 0, side, (1 - 2 * side**2) ** 0.5, side, 0, 0, 0], np.float32)
    grain = film_grain._replace(kernel=kernel)
    assert grain.in_copy(1.0) == grain.in_copy(2.0) == 1
    whole = grain_on(np.full((600, 600, 3), 128, np.uint8), grain, 3)
    small = whole.reshape(100, 6, 100, 6, 3).mean(axis=(1, 3))
    assert grain.in_copy(1 / 6) == pytest.approx(small.std() / whole.std(), rel=0.25)


def test_a_photo_has_its_own_seed():
    photo = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    other = photo.copy()
    other[3, 4, 1] ^= 1
    assert seed_of(photo) == seed_of(photo.copy()) != seed_of(other)
    assert seed_of(np.full((4000, 6000, 3), 255, np.uint8)) == 4000 * 6000 * 3 * 255 % 2**32
