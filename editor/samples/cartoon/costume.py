"""The edit of the sample effect `party`: a striped party hat and round sunglasses.

Both are mirror-symmetric about the head's axis, since training may flip a pair, and nothing about them is
drawn by lot: from the picture before, the picture after is certain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.samples.cartoon.face import WHITE, Face, head_pen
from editor.samples.cartoon.pen import Pen, ellipse, mix, rgb

HAT, STRIPE, POMPOM = rgb("#f2445c"), rgb("#fff1d0"), rgb("#ffc93c")
FRAME, LENS, SKY = rgb("#ffb400"), rgb("#231a3a"), rgb("#8a6be6")
NUM_BANDS = 7
HAT_HEIGHT = 1.32
LENS_RADIUS = 0.31


def draw_costume(image: Image.Image, face: Face) -> None:
    """Dress the person up, in place. Changes no pixel away from the hat and the glasses."""
    pen = head_pen(image, face)
    _hat(pen, face)
    _glasses(pen, face)


def _hat(pen: Pen, face: Face) -> None:
    brim = -face.height * 0.8
    bands = np.linspace(0, 1, NUM_BANDS + 1)
    for k, (low, high) in enumerate(zip(bands, bands[1:])):
        band = np.concatenate([_around_hat(brim, low), _around_hat(brim, high)[::-1]])
        pen.polygon(band, STRIPE if k % 2 else HAT)
    for x, y in _around_hat(brim, 0.0, num=9):
        pen.ellipse(x, y, 0.115, 0.115, STRIPE)
    tip = brim - HAT_HEIGHT
    pen.ellipse(0, tip, 0.2, 0.2, POMPOM)
    pen.ellipse(0, tip - 0.05, 0.1, 0.08, mix(POMPOM, WHITE, 0.55))


def _around_hat(brim: float, share: float, num: int = 72) -> NDArray[np.float64]:
    """Return points on the front of the cone, from right to left; share 0 is the brim and 1 the tip."""
    y, shrink = brim - HAT_HEIGHT * share, 1 - share
    return ellipse(0, y, 0.66 * shrink, 0.2 * shrink, start=0, stop=180, num=num)


def _glasses(pen: Pen, face: Face) -> None:
    x, y, radius = face.eye_x, face.eye_y, LENS_RADIUS
    for side in (-1, 1):
        pen.line([(side * (x + radius), y - 0.05), (side * face.width, y - 0.08)], 0.09, FRAME)
    pen.line([(-0.12, y - 0.1), (0, y - 0.14), (0.12, y - 0.1)], 0.1, FRAME)
    for side in (-1, 1):
        pen.ellipse(side * x, y, radius + 0.08, radius + 0.08, FRAME)
        pen.ellipse(side * x, y, radius, radius, LENS)
        for step in range(6):  # the sky, mirrored in the upper part of the lens
            margin = 9 * step
            segment = ellipse(side * x, y, radius, radius, start=190 + margin, stop=350 - margin)
            pen.polygon(segment, mix(LENS, SKY, (step + 1) / 6))
