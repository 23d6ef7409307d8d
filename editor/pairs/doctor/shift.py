"""Image registration by a shift, for two pictures that need not look alike: a photo and its ink drawing, say.

The directions of edges are cross-correlated, without regard to which side of an edge is the brighter one, so that it
works for edits that repaint everything. Pictures here are luminance, (h, w) float32 in [0, 1].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAX_SHIFT = 0.1  # of the side; beyond that two pictures are not "the same, shifted"
FAINT = 0.01  # gradient per pixel below which an edge counts little, since noise has random directions

Luminance = NDArray[np.float32]
Edges = NDArray[np.complex64]


class Shift(NamedTuple):
    """Where the second picture lies on the first.

    Attributes:
        dx: How far to the right it lies, in pixels of the arrays that were compared.
        dy: How far down.
        likeness: How well the edges agree there, at most 1.
        unmoved: How well they agree without any shift.
    """

    dx: float
    dy: float
    likeness: float
    unmoved: float


def luminance_of(image: Image.Image, size: tuple[int, int]) -> Luminance:
    """Return a picture in gray at another size, (width, height) in pixels."""
    small = image.convert("L").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(small, dtype=np.float32) / 255


def direction_of_edges(picture: Luminance) -> Edges:
    """Return the direction and the strength of the edges of a picture, (h, w).

    The angle is doubled, so that both flanks of a drawn line, and an edge from dark to bright and one from bright to
    dark, count as equal. The strength of edges is compressed, so that a single black
    outline does not dominate the correlation.
    """
    slope_y, slope_x = np.gradient(picture)
    slope = slope_x + 1j * slope_y
    return (slope**2 / (np.abs(slope) + FAINT) ** 1.5).astype(np.complex64)


def edges(picture: Luminance) -> Edges:
    """Return `direction_of_edges`, faded towards the border and of unit length."""
    height, width = picture.shape
    window = np.outer(np.hanning(height + 2)[1:-1], np.hanning(width + 2)[1:-1])
    faded = direction_of_edges(picture) * window
    return (faded / (np.linalg.norm(faded) + 1e-12)).astype(np.complex64)


def find_shift(first: Edges, second: Edges) -> Shift:
    """Find the shift at which the edges of two pictures of one shape agree best.

    Args:
        first: Edges of the picture before.
        second: Edges of the picture after, same shape.

    Returns:
        The best shift up to `MAX_SHIFT` of the side, to a fraction of a pixel.
    """
    spectrum = np.fft.fft2(second) * np.conj(np.fft.fft2(first))
    likeness = np.fft.fftshift(np.fft.ifft2(spectrum).real)
    (middle_y, middle_x) = (side // 2 for side in likeness.shape)
    (reach_y, reach_x) = (max(1, round(side * MAX_SHIFT)) for side in likeness.shape)
    near = likeness[middle_y - reach_y : middle_y + reach_y + 1, middle_x - reach_x : middle_x + reach_x + 1]
    row, column = np.unravel_index(near.argmax(), near.shape)
    y, x = middle_y - reach_y + int(row), middle_x - reach_x + int(column)
    return Shift(
        dx=x - middle_x + vertex(likeness[y, x - 1], likeness[y, x], likeness[y, x + 1]),
        dy=y - middle_y + vertex(likeness[y - 1, x], likeness[y, x], likeness[y + 1, x]),
        likeness=float(likeness[y, x]),
        unmoved=float(likeness[middle_y, middle_x]),
    )


def brings_together(first: Luminance, second: Luminance, shift: Shift) -> bool:
    """Whether undoing a shift makes two pictures more alike in light and in the strength of their edges.

    Where an edit has redrawn the picture in other proportions, some edges agree at some shift, and the rest only gets
    worse: nothing would be won by moving it.
    """
    dx, dy = round(shift.dx), round(shift.dy)
    height, width = first.shape
    rows, columns = slice(abs(dy), height - abs(dy)), slice(abs(dx), width - abs(dx))
    moved = np.roll(second, (-dy, -dx), axis=(0, 1))[rows, columns]
    first, second = first[rows, columns], second[rows, columns]
    is_closer = np.abs(moved - first).mean() < np.abs(second - first).mean()
    return bool(is_closer and _common_edges(first, moved) > _common_edges(first, second))


def _common_edges(first: Luminance, second: Luminance) -> float:
    return float(np.corrcoef(*(np.hypot(*np.gradient(picture)).ravel() for picture in (first, second)))[0, 1])


def vertex(left: float, middle: float, right: float) -> float:
    """Return where the parabola through three neighbours has its maximum, within half a pixel (sub-pixel peak)."""
    bend = left - 2 * middle + right
    return float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0
