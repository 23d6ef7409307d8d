"""The pairs of an effect as cards: before and after side by side, with what can be done to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from editor.pairs.store import Pair
from editor.ui.components.html import picture, placeholder
from editor.ui.messages import HELD_OUT_HELP, NO_PAIRS

ARROW = '<svg class="pb-arrow" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h13m-5-5 5 5-5 5"/></svg>'


def pair_cards(pairs: Sequence[Pair], thumbnail: Callable[[Path], Path]) -> str:
    """Return the cards as HTML; `assets/pair_cards.js` turns their buttons into events."""
    if not pairs:
        return placeholder(NO_PAIRS)
    return f'<ul class="pb-pairs">{"".join(_card(pair, thumbnail) for pair in pairs)}</ul>'


def _card(pair: Pair, thumbnail: Callable[[Path], Path]) -> str:
    name = escape(pair.name)
    held = "true" if pair.is_held_out else "false"
    before = picture(thumbnail(pair.source), f"{pair.name} before", is_lazy=True)
    after = picture(thumbnail(pair.target), f"{pair.name} after", is_lazy=True)
    return (
        f'<li class="pb-pair" data-pair="{name}" data-held-out="{held}">'
        f'<div class="pb-sides">{before}{ARROW}{after}</div>'
        f'<div class="pb-pair-foot"><span class="pb-pair-name" title="{name}">{name}</span>'
        f'<button type="button" data-action="hold" aria-pressed="{held}" title="{escape(HELD_OUT_HELP)}">'
        f"{'Held out' if pair.is_held_out else 'Hold out'}</button>"
        f'<button type="button" data-action="remove" aria-label="Remove pair {name}" title="Remove">'
        f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6 6 18"/></svg></button></div></li>'
    )
