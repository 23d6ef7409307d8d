"""What is behind a cartoon face."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from editor.samples.cartoon.pen import Color, mix

BackdropStyle = Literal["plain", "glow", "disc", "dots", "rays", "hills", "split", "bricks"]


class Backdrop(NamedTuple):
    """A pattern in one color family.

    Attributes:
        style: Which pattern.
        color: The main color.
        accent: The second color.
        shift: Moves the pattern, share of the picture's side.
    """

    style: BackdropStyle
    color: Color
    accent: Color
    shift: float


def draw_backdrop(side: int, backdrop: Backdrop) -> Image.Image:
    """Return a square RGB picture, `side` pixels wide, filled with the backdrop."""
    color, accent, shift = backdrop.color, backdrop.accent, backdrop.shift
    soft = mix(color, accent, 0.35)
    if backdrop.style == "glow":
        return _gradient(side, color, accent)
    image = Image.new("RGB", (side, side), color)
    draw = ImageDraw.Draw(image)
    if backdrop.style == "disc":
        _disc(draw, side, 0.5 + 0.4 * (shift - 0.5), 0.55, 0.42, accent)
    elif backdrop.style == "dots":
        for row in range(-1, 7):
            for column in range(-1, 7):
                x = (column + 0.5 * (row % 2) + shift) / 5
                _disc(draw, side, x, (row + shift) / 5, 0.035, soft)
    elif backdrop.style == "rays":
        for ray in range(12):
            box = (-side, -side + 0.1 * side, 2 * side, 2.1 * side)
            draw.pieslice(box, 30 * ray + 30 * shift, 30 * ray + 15 + 30 * shift, soft)
    elif backdrop.style == "hills":
        _disc(draw, side, 0.15 + 0.7 * shift, 0.22, 0.1, mix(accent, (255, 255, 255), 0.6))
        _disc(draw, side, 0.1 + shift * 0.3, 1.25, 0.62, soft)
        _disc(draw, side, 0.95 - shift * 0.3, 1.35, 0.66, accent)
    elif backdrop.style == "split":
        draw.polygon(
            [(0, side * (0.3 + 0.5 * shift)), (side, side * (0.7 - 0.3 * shift)), (side, side), (0, side)],
            soft,
        )
    elif backdrop.style == "bricks":
        for row in range(9):
            top = row * side / 8
            for column in range(-1, 5):
                left = (column + 0.5 * (row % 2) + 0.3 * shift) * side / 4
                gap = side / 90
                draw.rounded_rectangle(
                    (left + gap, top + gap, left + side / 4 - gap, top + side / 8 - gap),
                    side / 60,
                    mix(color, accent, 0.2),
                )
    return image


def _disc(draw: ImageDraw.ImageDraw, side: int, x: float, y: float, radius: float, fill: Color) -> None:
    box = [side * value for value in (x - radius, y - radius, x + radius, y + radius)]
    draw.ellipse(box, fill)


def _gradient(side: int, top: Color, bottom: Color) -> Image.Image:
    share = np.linspace(0, 1, side)[:, None, None]
    column = np.array(top) * (1 - share) + np.array(bottom) * share
    return Image.fromarray(np.broadcast_to(column, (side, side, 3)).round().astype(np.uint8))
