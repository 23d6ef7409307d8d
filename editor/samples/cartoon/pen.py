"""A pen that draws smooth shapes in the coordinates of a face instead of those of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

Color = tuple[int, ...]
Points = Sequence[tuple[float, float]] | NDArray[np.float64]


def rgb(text: str) -> Color:
    """Return "#rrggbb" or "#rrggbbaa" as numbers in [0, 255]."""
    return ImageColor.getrgb(text)


def mix(a: Color, b: Color, share: float) -> Color:
    """Return a color between `a` (share 0) and `b` (share 1)."""
    return tuple(round(p + (q - p) * share) for p, q in zip(a[:3], b[:3]))


def clear(color: Color, opacity: float) -> Color:
    """Return the color with an opacity in [0, 1]."""
    return (*color[:3], round(255 * opacity))


class Pen:
    """Draws on a picture, in units of a head's half width, around its center, x right and y down."""

    def __init__(self, image: Image.Image, center: tuple[float, float], unit: float, degrees: float = 0.0) -> None:
        """Place the pen.

        Args:
            image: RGB picture to draw on.
            center: Where (0, 0) lies, in pixels.
            unit: Length of 1, in pixels.
            degrees: Rotation, clockwise on screen.
        """
        self.draw = ImageDraw.Draw(image, "RGBA")  # "RGBA" on an RGB picture: colors with opacity are blended
        self.center = np.array(center)
        self.unit = unit
        angle = np.deg2rad(degrees)
        self.rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    def polygon(self, points: Points, fill: Color) -> None:
        """Fill a polygon with straight sides."""
        self.draw.polygon(self._on_picture(points), fill)

    def blob(self, points: Points, fill: Color) -> None:
        """Fill the smooth closed curve through the points."""
        self.polygon(spline(points, closed=True), fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Color, degrees: float = 0.0) -> None:
        """Fill an ellipse around (x, y), turned clockwise by `degrees`."""
        self.polygon(ellipse(x, y, rx, ry, degrees=degrees), fill)

    def line(self, points: Points, width: float, fill: Color) -> None:
        """Draw the smooth open curve through the points, with round ends. The color must be opaque."""
        path = self._on_picture(spline(points, closed=False))
        self.draw.line(path, fill, round(width * self.unit), joint="curve")
        radius = width * self.unit / 2
        for x, y in (path[0], path[-1]):
            self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill)

    def _on_picture(self, points: Points) -> list[tuple[float, float]]:
        placed = np.asarray(points, dtype=float) * self.unit @ self.rotation + self.center
        return [(x, y) for x, y in placed.tolist()]


def ellipse(
    x: float,
    y: float,
    rx: float,
    ry: float,
    *,
    degrees: float = 0.0,
    start: float = 0.0,
    stop: float = 360.0,
    num: int = 72,
) -> NDArray[np.float64]:
    """Return points (num, 2) on an ellipse; `start` and `stop` are degrees, clockwise from the right."""
    t = np.deg2rad(np.linspace(start, stop, num))
    turn = np.deg2rad(degrees)
    px, py = rx * np.cos(t), ry * np.sin(t)
    return np.stack([x + px * np.cos(turn) - py * np.sin(turn), y + px * np.sin(turn) + py * np.cos(turn)], axis=1)


def spline(points: Points, *, closed: bool, steps: int = 12) -> NDArray[np.float64]:
    """Return the Catmull-Rom curve through the points, (n, 2)."""
    p = np.asarray(points, dtype=float)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    a, b, c, d = p[:-3, None], p[1:-2, None], p[2:-1, None], p[3:, None]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, p[-1:]])


def mirrored(points: Points) -> NDArray[np.float64]:
    """Return the points of the right half followed by those of the left, so that a shape is symmetric."""
    right = np.asarray(points, dtype=float)
    left = (right * [-1, 1])[::-1]
    return np.concatenate([right, left])
