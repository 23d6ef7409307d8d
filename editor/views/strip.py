"""A contact strip: rows of pictures under headings, for previews and reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from editor.views.card import MUTED, Card

MARGIN, GAP, HEADING, LABEL = 16, 8, 40, 30  # pixels


class StripRow(NamedTuple):
    """One line of the strip.

    Attributes:
        label: Below the pictures; may be empty.
        images: One per column.
    """

    label: str
    images: Sequence[Image.Image]


def strip(columns: Sequence[str], rows: Sequence[StripRow], side: int = 192) -> Image.Image:
    """Draw pictures in rows, for instance held-out pairs, with columns such as source, prediction and truth.

    Args:
        columns: Headings.
        rows: From top to bottom.
        side: Each picture is scaled to fit into a square of this many pixels, keeping its shape.

    Returns:
        RGB picture on an opaque white background.

    Raises:
        ValueError: A row has another number of pictures than there are columns, or there is nothing to draw.
    """
    if not columns or not rows:
        raise ValueError("a strip needs at least one column and one row")
    for row in rows:
        if len(row.images) != len(columns):
            raise ValueError(f"row {row.label!r} has {len(row.images)} pictures for {len(columns)} columns")
    line = side + (LABEL if any(row.label for row in rows) else 0)
    width = 2 * MARGIN + len(columns) * (side + GAP) - GAP
    card = Card(width, MARGIN + HEADING + len(rows) * (line + GAP) - GAP + MARGIN)
    for column, heading in enumerate(columns):
        x = MARGIN + column * (side + GAP) + side / 2
        card.text((x, MARGIN + HEADING / 2 - 4), _shortened(card, heading, side, 20))
    for number, row in enumerate(rows):
        top = MARGIN + HEADING + number * (line + GAP)
        for column, image in enumerate(row.images):
            size = _fitted(image.size, side)
            left = MARGIN + column * (side + GAP)
            card.picture(image.convert("RGB"), (left + (side - size[0]) / 2, top + (side - size[1]) / 2), size)
        label = _shortened(card, row.label, width - 2 * MARGIN, 18)
        card.text((MARGIN, top + side + LABEL / 2), label, 18, "lm", MUTED)
    return card.finish()


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shortened(card: Card, text: str, width: float, size: float) -> str:
    if card.text_width(text, size) <= width:
        return text
    while text and card.text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"
