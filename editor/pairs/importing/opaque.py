"""Pairs of transparent pictures, as pairs of opaque ones: both sides on one backdrop, and what is lost by that."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from editor.transparency import Layers

SIDE = 256  # pixels at which two sides are compared
SAME = 5  # levels; the doctor calls what changes less the same picture
ALL_LOST = (
    "Only the transparency changes there, and that cannot be learned: an edit is as transparent as its photo. Lay the "
    "picture after on a color, and the color is learned."
)
SOME_LOST = (
    "the transparency changes too, and that cannot be learned: an edit is as transparent as its photo. What is painted "
    "where a photo is transparent will not show."
)


class OpaquePair(NamedTuple):
    """Both sides of a pair as RGB.

    Attributes:
        source: The picture before.
        target: The picture after.
        lost: How much of what the pair changes is only transparency.
    """

    source: Image.Image
    target: Image.Image
    lost: Literal["nothing", "some", "all"] = "nothing"


def opaque(source: Layers, target: Layers) -> OpaquePair:
    """Lay both sides of a pair on one color, on which the picture before shows."""
    if source.opacity is None and target.opacity is None:
        return OpaquePair(source.colors, target.colors)
    backdrop = (target if source.opacity is None else source).backdrop
    x, y = source.on(backdrop), target.on(backdrop)
    if _are_same(*(side.opacity or Image.new("L", side.colors.size, 255) for side in (source, target))):
        return OpaquePair(x, y)
    return OpaquePair(x, y, "all" if _are_same(x, y) else "some")


def _are_same(one: Image.Image, other: Image.Image) -> bool:
    first, second = (np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), int) for image in (one, other))
    return int(np.abs(first - second).max()) <= SAME
