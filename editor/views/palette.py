"""Palettes that draw a number as a color (matplotlib's colormaps), and the color bars that explain them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from PIL import Image, ImageColor
from torch import Tensor

from editor.images import to_image
from editor.views.card import INK, LINE, MUTED, Card


class Palette(NamedTuple):
    """Colors at equal distances, "#rrggbb", from the lowest value to the highest; linear in between."""

    colors: tuple[str, ...]

    def __call__(self, share: Tensor) -> Tensor:
        """Return the colors of values (h, w) in [0, 1] as (3, h, w) in [-1, 1]. Values outside are clamped."""
        stops = torch.tensor([ImageColor.getrgb(color) for color in self.colors]) / 127.5 - 1  # (n, 3)
        position = share.clamp(0, 1) * (len(stops) - 1)
        low = position.floor().long().clamp(max=len(stops) - 2)
        return torch.lerp(stops[low], stops[low + 1], (position - low)[..., None]).permute(2, 0, 1)


# Blue to red over near-white, after ColorBrewer's RdBu, which color-blind people can read.
DIVERGING = Palette(("#2166ac", "#67a9cf", "#f7f7f7", "#ef8a62", "#b2182b"))
# Dark to bright with evenly growing lightness, after matplotlib's inferno.
SEQUENTIAL = Palette(("#000004", "#420a68", "#932667", "#dd513a", "#fca50a", "#fcffa4"))


class Tick(NamedTuple):
    """A number under a color bar."""

    share: float  # place on the bar in [0, 1]
    text: str


def color_bar(
    palette: Palette, title: str, ticks: Sequence[Tick], note: str, found: Sequence[Tick] = ()
) -> Image.Image:
    """Draw the key to a map of numbers, 560 x 150 pixels, or 190 high where there are values to mark.

    Args:
        palette: What the map was drawn with.
        title: What the numbers are.
        ticks: Numbers below the bar.
        note: What the ends mean, in a few words.
        found: Values of one particular map, marked above the bar.
    """
    shift = 40 if found else 0
    card = Card(560, 150 + shift)
    left, top, width, height = 40.0, 62.0 + shift, 480.0, 28.0
    card.text((280, 28), title, 24)
    bar = to_image(palette(torch.linspace(0, 1, 960).expand(2, -1)))
    card.picture(bar, (left, top), (round(width), round(height)))
    corners = [(left, top), (left + width, top), (left + width, top + height), (left, top + height), (left, top)]
    card.line(corners, LINE, 1.5)
    for tick in ticks:
        x = left + width * tick.share
        card.line([(x, top + height), (x, top + height + 7)], INK, 2)
        card.text((x, top + height + 10), tick.text, 20, "mt")
    card.text((280, top + height + 46), note, 18, color=MUTED)
    for x, tick in _without_overlap(card, [Tick(min(max(t.share, 0.0), 1.0), t.text) for t in found], left, width):
        mark = left + width * tick.share
        card.polygon([(mark, top - 1), (mark - 6, top - 11), (mark + 6, top - 11)], INK)
        card.text((x, top - 15), tick.text, 18, "mb")
    return card.finish()


def _without_overlap(card: Card, ticks: Sequence[Tick], left: float, width: float) -> list[tuple[float, Tick]]:
    """Return each tick with the x of its text: above its mark, or as near as neighbors and edges allow."""
    gap, edge = 14.0, 12.0
    half = [card.text_width(tick.text, 18) / 2 for tick in ticks]
    low, high = edge, 2 * left + width - edge
    x = [left + width * tick.share for tick in ticks]
    middle = len(x) // 2
    for k in range(middle - 1, -1, -1):
        x[k] = min(x[k], x[k + 1] - half[k + 1] - half[k] - gap)
    for k in range(len(x)):
        x[k] = max(x[k], low + half[k])
        low = x[k] + half[k] + gap
    for k in reversed(range(len(x))):
        x[k] = min(x[k], high - half[k])
        high = x[k] - half[k] - gap
    return list(zip(x, ticks))
