"""The sample effect of a photographer's look: landscapes before, the same as if on a faded film after."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.samples.landscape import SIZE, draw_landscape

SEED = 31
LIFTED = np.array([26.0, 30.0, 38.0])  # what black becomes
SHADOWS, LIGHTS = np.array([-10.0, 4.0, 12.0]), np.array([14.0, 4.0, -18.0])  # levels, added to dark and light colors
BRIGHTNESS = np.array([0.299, 0.587, 0.114])
SATURATION = 0.72


def film_pairs(count: int, size: int = SIZE) -> Iterator[tuple[Image.Image, Image.Image]]:
    """Draw landscapes, each as it is and on film. The same arguments give the same pictures.

    Args:
        count: How many pairs.
        size: Side of the pictures in pixels.

    Yields:
        Source and target, RGB.
    """
    generator = np.random.default_rng(SEED)
    for _ in range(count):
        source = draw_landscape(generator, size)
        yield source, Image.fromarray(film(np.asarray(source, dtype=float)))


def film(colors: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Give colors (..., 3) in [0, 255] the look: soft contrast, lifted blacks, cool shadows and warm lights."""
    gray = (colors @ BRIGHTNESS)[..., None]
    muted = gray + SATURATION * (colors - gray)
    share = np.clip(muted / 255, 0, 1)
    curved = 0.55 * share + 0.45 * share * share * (3 - 2 * share)
    faded = LIFTED + curved * (247 - LIFTED)
    light = gray / 255
    toned = faded + SHADOWS * (1 - light) ** 2 + LIGHTS * light**2
    return np.clip(toned, 0, 255).round().astype(np.uint8)
