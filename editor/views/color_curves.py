"""A map from color to color as curves and as slices of the cube of colors, as programs for photos show them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from PIL import Image
from torch import Tensor

from editor.images import to_image
from editor.models.color_map import look_up
from editor.views.card import INK, LINE, MUTED, Card
from editor.views.strip import StripRow, strip

SIDE, MARGIN = 512, 48  # of the chart, in pixels
NUM_POINTS = 65  # of a curve
SLICES = (0, 64, 128, 192, 255)  # levels of blue
SLICE_SIDE = 96  # pixels


class Channel(NamedTuple):
    """A curve: what becomes of one channel of a gray."""

    name: str
    color: str


CHANNELS = (Channel("red", "#c8321e"), Channel("green", "#1f8a3c"), Channel("blue", "#2a52c8"))


def curve_picture(table: Tensor) -> Image.Image:
    """Draw what becomes of the grays from black to white, one curve for each channel.

    Args:
        table: (s, s, s, 3) in [-1, 1], see `models.color_map`.

    Returns:
        RGB picture of `SIDE` x `SIDE` pixels.
    """
    gray = torch.linspace(-1, 1, NUM_POINTS)
    mapped = look_up(table.float().cpu(), gray.expand(1, 3, 1, -1))[0, :, 0]
    card = Card(SIDE, SIDE)
    for step in range(5):
        at = MARGIN + (SIDE - 2 * MARGIN) * step / 4
        card.line([(at, MARGIN), (at, SIDE - MARGIN)], LINE, 1)
        card.line([(MARGIN, at), (SIDE - MARGIN, at)], LINE, 1)
        card.text((at, SIDE - MARGIN / 2), f"{255 * step / 4:.0f}", 16, color=MUTED)
    card.line([_place(-1, -1), _place(1, 1)], MUTED, 1)  # what a map that changes nothing would draw
    for channel, values in zip(CHANNELS, mapped.tolist()):
        card.line([_place(x, y) for x, y in zip(gray.tolist(), values)], channel.color, 3)
    card.text((MARGIN, MARGIN / 2), "after, by the level of gray before", 16, "lm", INK)
    return card.finish()


def cube_picture(table: Tensor) -> Image.Image:
    """Draw slices through the cube of colors, above as it is and below as it becomes.

    In each slice red grows to the right and green upward; blue is the same all over it.

    Args:
        table: (s, s, s, 3) in [-1, 1], see `models.color_map`.

    Returns:
        RGB picture with `SLICES` columns and two rows.
    """
    line = torch.linspace(-1, 1, SLICE_SIDE)
    green, red = torch.meshgrid(line.flip(0), line, indexing="ij")
    before = [torch.stack([red, green, torch.full_like(red, level / 127.5 - 1)])[None] for level in SLICES]
    after = [look_up(table.float().cpu(), colors) for colors in before]
    rows = [
        StripRow(name, [to_image(colors[0]) for colors in slices])
        for name, slices in (("before", before), ("after", after))
    ]
    return strip([f"blue {level}" for level in SLICES], rows, side=SLICE_SIDE)


def gain_picture(gains: Tensor) -> Image.Image:
    """Draw how bright each place of a picture stays: white as it is, black nothing.

    Args:
        gains: (3, k, k) in [0, 1], see `models.color_map.ColorMap`.

    Returns:
        RGB picture of `SIDE` x `SIDE` pixels.
    """
    return to_image(gains.float().cpu() * 2 - 1).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _place(x: float, y: float) -> tuple[float, float]:
    """Return where in the chart the values x and y in [-1, 1] lie."""
    length = SIDE - 2 * MARGIN
    return MARGIN + length * (x + 1) / 2, SIDE - MARGIN - length * (y + 1) / 2
