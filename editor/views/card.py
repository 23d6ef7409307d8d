"""A drawing surface for legends and charts, with a white background that is readable on light and dark pages.

Lengths are in pixels of the finished picture. Everything is drawn twice as large first, for smooth edges. The pictures
are meant to be shown at about half their size, so that they stay sharp on dense screens.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

OVERSAMPLING = 2
WHITE, INK, MUTED, LINE = "#ffffff", "#1c2330", "#4d5663", "#c9d0d9"

Point = tuple[float, float]


class Card:
    """A drawing surface with text, lines and pictures."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), WHITE)
        self._draw = ImageDraw.Draw(self._image)

    def text(
        self, at: Point, text: str, size: float = 20, anchor: str = "mm", color: str = INK, outlined: bool = False
    ) -> None:
        """Write one line.

        Args:
            at: Position of the anchor.
            text: Characters of the built-in Latin font.
            size: Height of the font.
            anchor: Pillow's two letters, for instance "lm" for left and middle.
            color: Of the letters.
            outlined: Whether the letters get a white outline, for text on a picture.
        """
        font = ImageFont.load_default(size * OVERSAMPLING)
        stroke = 3 * OVERSAMPLING if outlined else 0
        self._draw.text(_scaled(at), text, color, font, anchor, stroke_width=stroke, stroke_fill=WHITE)

    def text_width(self, text: str, size: float = 20) -> float:
        """Return the width of a line of text."""
        return self._draw.textlength(text, ImageFont.load_default(size * OVERSAMPLING)) / OVERSAMPLING

    def line(self, points: Sequence[Point], color: str = INK, width: float = 2) -> None:
        """Draw straight lines from point to point."""
        self._draw.line([_scaled(p) for p in points], color, round(width * OVERSAMPLING), joint="curve")

    def polygon(self, points: Sequence[Point], color: str = INK) -> None:
        """Fill a polygon."""
        self._draw.polygon([_scaled(p) for p in points], color)

    def circle(self, center: Point, radius: float, color: str = INK, width: float = 2) -> None:
        """Draw a ring."""
        (x, y), r = _scaled(center), radius * OVERSAMPLING
        self._draw.ellipse((x - r, y - r, x + r, y + r), outline=color, width=round(width * OVERSAMPLING))

    def arrow(self, tail: Point, head: Point, color: str = INK, width: float = 3) -> None:
        """Draw an arrow that ends exactly at `head`."""
        start, tip = np.array(tail), np.array(head)
        along = (tip - start) / np.linalg.norm(tip - start)
        across = np.array([-along[1], along[0]])
        neck = tip - along * 4.5 * width
        self.line([tail, tuple(neck)], color, width)
        self.polygon([head, tuple(neck + across * 2.2 * width), tuple(neck - across * 2.2 * width)], color)

    def picture(self, image: Image.Image, at: Point, size: tuple[int, int]) -> None:
        """Lay a picture on the card, scaled to `size`, its top left corner at `at`."""
        width, height = (round(side * OVERSAMPLING) for side in size)
        if image.size != (width, height):
            enlarged = width > image.width
            image = image.resize((width, height), Image.Resampling.BICUBIC if enlarged else Image.Resampling.LANCZOS)
        self._image.paste(image, tuple(map(round, _scaled(at))))

    def finish(self) -> Image.Image:
        """Return the card as an RGB picture of its width and height."""
        return self._image.reduce(OVERSAMPLING)


def _scaled(point: Point) -> Point:
    return point[0] * OVERSAMPLING, point[1] * OVERSAMPLING
