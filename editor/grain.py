"""Grain as of film, drawn anew for each photo.

What effects add by chance no network can predict: a regression answers with the mean of all grain, which is none. So
what is learned is what grain is like, see `training.grain_fit`, and edits get grain of their own, last of all.

NumPy only: exported scripts use this very file, and `assets/sharing/grain.js` does the same, to the last bit of each
random number.
"""

from typing import NamedTuple

import numpy as np

NUM_TAPS = 9  # of the kernel
NUM_TONES = 17  # values of a channel at which the amplitude is known: 0, 16, ..., 256
TONE = 16  # levels from one to the next
REACH = NUM_TAPS // 2  # pixels
ROWS = 256  # that are computed at once, which bounds the memory
MEAN, DEVIATION = 510.0, 147.8  # of the sum of four random bytes


class Grain(NamedTuple):
    """What grain is like.

    Attributes:
        kernel: Through which white noise goes along rows and along columns, (NUM_TAPS,); its squares add up to 1.
        mixing: Red, green and blue of three independent noises, (3, 3); the squares of a row add up to 1.
        amplitude: Standard deviation of red, green and blue in 8-bit levels, (3, NUM_TONES) by their own value.
    """

    kernel: np.ndarray
    mixing: np.ndarray
    amplitude: np.ndarray

    @property
    def is_gray(self) -> bool:
        """Whether it is the same in all channels but for its strength."""
        return not self.mixing[:, 1:].any()

    def in_copy(self, scale: float) -> float:
        """Return the factor of its strength in a smaller copy of a photo, where it averages out; at most 1."""
        return 1.0 if scale >= 1 else min(1.0, scale * float(self.kernel.sum()) ** 2)

    @property
    def typical(self) -> float:
        """Its standard deviation in the middle tones, in levels."""
        return float(self.amplitude[:, NUM_TONES // 2].mean())


def seed_of(pixels: np.ndarray) -> int:
    """Return a seed for a photo (h, w, 3) uint8: frames of a clip have grain of their own, and a photo the same again.

    It is the sum of all values, modulo 2^32.
    """
    return int(pixels.sum(dtype=np.uint64)) % 2**32


def with_grain(pixels: np.ndarray, grain: Grain, seed: int, strength: float = 1.0) -> np.ndarray:
    """Return pixels (h, w, 3) uint8 under `strength` times the grain of a seed."""
    result = np.empty_like(pixels)
    for top in range(0, len(pixels), ROWS):
        rows = pixels[top : top + ROWS]
        result[top : top + ROWS] = np.rint(rows + strength * grain_on(rows, grain, seed, top)).clip(0, 255)
    return result


def grain_on(pixels: np.ndarray, grain: Grain, seed: int, top: int = 0) -> np.ndarray:
    """Return the grain of a seed on rows of a picture, (h, w, 3) uint8, which begin at `top`: same shape, in levels."""
    height, width = pixels.shape[:2]
    noises = [c for c in range(3) if grain.mixing[:, c].any()]
    fine = np.stack([filtered(noise(c, seed, top, height, width), grain.kernel) for c in noises], axis=-1)
    return amplitude_at(grain, pixels) * (fine @ grain.mixing[:, noises].T.astype(np.float32))


def amplitude_at(grain: Grain, pixels: np.ndarray) -> np.ndarray:
    """Return the standard deviation of grain on pixels (h, w, 3) uint8, same shape, in levels."""
    tones = np.arange(NUM_TONES) * TONE
    tables = np.stack([np.interp(np.arange(256), tones, channel) for channel in grain.amplitude])
    return np.stack([table[pixels[..., c]] for c, table in enumerate(tables.astype(np.float32))], axis=-1)


def noise(channel: int, seed: int, top: int, height: int, width: int) -> np.ndarray:
    """Return white noise for rows of a picture and what the kernel reaches around them, about normally distributed.

    Each number is made of its place, the channel and the seed alone, whatever is computed at once.
    """
    ys = np.arange(top, top + height + 2 * REACH, dtype=np.uint32)[:, None]
    xs = np.arange(width + 2 * REACH, dtype=np.uint32)
    start = scrambled(np.array([(seed + channel * 0x9E3779B9) % 2**32], np.uint32))
    bits = scrambled(scrambled(ys + start) ^ xs * np.uint32(0x85EBCA6B))
    return (bits.view(np.uint8).reshape(*bits.shape, 4).sum(axis=-1, dtype=np.float32) - MEAN) / DEVIATION


def scrambled(bits: np.ndarray) -> np.ndarray:
    """Return integers (uint32) after a hash whose output looks random, "lowbias32" of Chris Wellons."""
    bits = (bits ^ bits >> np.uint32(16)) * np.uint32(0x7FEB352D)
    bits = (bits ^ bits >> np.uint32(15)) * np.uint32(0x846CA68B)
    return bits ^ bits >> np.uint32(16)


def filtered(white: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return white noise (h, w) after the kernel along both axes, without what it reaches around the picture."""
    height, width = (side - 2 * REACH for side in white.shape)
    kernel = kernel.astype(np.float32)
    across = sum(weight * white[:, at : at + width] for at, weight in enumerate(kernel))
    return sum(weight * across[at : at + height] for at, weight in enumerate(kernel))
