"""The sample effect of an addition: cartoon people before, the same with a party hat and sunglasses after."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from editor.samples.cartoon.costume import draw_costume
from editor.samples.cartoon.people import draw_people

SIZE = 256  # pixels
SUPERSAMPLING = 4  # drawn this much larger, then averaged: smooth edges
SEED = 11


def party_pairs(count: int, size: int = SIZE) -> Iterator[tuple[Image.Image, Image.Image]]:
    """Draw people, each before and after. The same arguments give the same pictures.

    Args:
        count: How many pairs.
        size: Side of the pictures in pixels.

    Yields:
        Source and target, RGB, equal outside the hat and the glasses.
    """
    for source, face in draw_people(count, size * SUPERSAMPLING, SEED):
        target = source.copy()
        draw_costume(target, face)
        yield source.reduce(SUPERSAMPLING), target.reduce(SUPERSAMPLING)
