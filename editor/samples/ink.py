"""The sample effect of a drawing: cartoon people before, the same in ink and gray wash after."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from editor.samples.cartoon.people import draw_people

SIZE = 256  # pixels
SUPERSAMPLING = 4  # drawn this much larger, then averaged: smooth edges
SEED = 23
PAPER, INK = np.array([250.0, 246.0, 236.0]), np.array([34.0, 30.0, 44.0])
TONES = ((70, 0.72), (120, 0.4), (175, 0.16))  # brightness below which a wash is laid, and how much ink it has
EDGE = 14  # levels by which neighbors differ across a line; shades differ by less
LINE = 5  # pixels of the drawing before it is averaged; odd


def ink_pairs(count: int, size: int = SIZE) -> Iterator[tuple[Image.Image, Image.Image]]:
    """Draw people, each in color and in ink. The same arguments give the same pictures.

    Args:
        count: How many pairs.
        size: Side of the pictures in pixels.

    Yields:
        Source and target, RGB.
    """
    for source, _ in draw_people(count, size * SUPERSAMPLING, SEED):
        yield source.reduce(SUPERSAMPLING), ink(source).reduce(SUPERSAMPLING)


def ink(picture: Image.Image) -> Image.Image:
    """Draw an RGB picture in ink: a line where its color changes at once, and a wash where it is dark."""
    colors = np.asarray(picture, dtype=np.int16)
    steps = np.zeros(colors.shape[:2], dtype=np.int16)
    steps[:, 1:] = np.abs(np.diff(colors, axis=1)).max(axis=2)
    steps[1:] = np.maximum(steps[1:], np.abs(np.diff(colors, axis=0)).max(axis=2))
    lines = Image.fromarray((steps > EDGE).astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(LINE))
    brightness, wash = np.asarray(picture.convert("L")), np.zeros(colors.shape[:2])
    for limit, amount in TONES:
        wash = np.where(brightness < limit, np.maximum(wash, amount), wash)
    amount = np.maximum(wash, np.asarray(lines) / 255)[..., None]
    return Image.fromarray((PAPER + amount * (INK - PAPER)).round().astype(np.uint8))
