"""How the model would see pairs that are not square, so that a person can choose what it learns from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from editor.config import FitMode
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.glance import Glance
from editor.ui.components.pair_cards import ARROW

SHOWN = 4  # pairs
SIDE = 160  # pixels; they are shown at half of that, at most


def fit_preview(pairs: Sequence[Pair], fit: FitMode, glance: Glance) -> str:
    """Return what a choice means, and a few pairs as the model would see them.

    Args:
        pairs: Some that are not square; there may be none.
        fit: The choice.
        glance: Makes the pictures.
    """
    sentence = messages.settings.FIT_HELP[fit] if pairs else messages.settings.FIT_ALL_SQUARE
    rows = "".join(f"<li>{_sides(pair, fit, glance)}</li>" for pair in pairs[:SHOWN])
    items = f'<ul aria-label="{escape(messages.settings.FIT_PREVIEW)}">{rows}</ul>' if rows else ""
    return f'<div class="pb-fit" data-fit="{fit}"><p role="status">{escape(sentence)}</p>{items}</div>'


def _sides(pair: Pair, fit: FitMode, glance: Glance) -> str:
    before, after = (
        glance.picture(path, messages.settings.FIT_ALT.format(picture=alt.format(name=pair.name)), side=SIDE, fit=fit)
        for path, alt in zip((pair.source, pair.target), messages.common.SIDE_ALT.values())
    )
    return f"{before}{ARROW}{after}"
