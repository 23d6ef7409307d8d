"""The pairs of an effect as cards: what each one shows, what is wrong with it, and what can be done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from editor.pairs.doctor.flags import Flag
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.glance import Glance
from editor.ui.components.html import button, placeholder

ARROW = '<svg class="pb-arrow" viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12h13m-5-5 5 5-5 5"/></svg>'
ICONS = {
    "difference": '<circle cx="9" cy="12" r="6"/><circle cx="15" cy="12" r="6"/>',
    "swap": '<path d="M7 8h12m-4-4 4 4-4 4M17 16H5m4 4-4-4 4-4"/>',
    "remove": '<path d="M6 6l12 12M18 6 6 18"/>',
}
FIXES = {"shifted": "align", "swapped": "swap"}  # others only go away with the pair


def pair_cards(pairs: Sequence[Pair], flags: Sequence[Flag], aligned: Collection[str], glance: Glance) -> str:
    """Return the cards as HTML; `assets/actions.js` and `assets/pair_cards.js` bring their buttons to life.

    Args:
        pairs: Those to show.
        flags: What the doctor found, of these and other pairs.
        aligned: Names of the pairs whose alignment can be taken back.
        glance: Makes the pictures.
    """
    cards = (_card(pair, [f for f in flags if f.name == pair.name], pair.name in aligned, glance) for pair in pairs)
    return f'<ul class="pb-pairs">{"".join(cards)}</ul>' if pairs else placeholder(messages.pairs.NO_PAIRS)


def pager(first: int, size: int, total: int) -> str:
    """Return the buttons that lead through a long list, or nothing for a short one.

    Args:
        first: Index of the first one that is shown.
        size: How many are shown at once.
        total: How many there are.
    """
    if total <= size:
        return ""
    page = first // size
    back = button(messages.pairs.PREVIOUS, "page", to=page - 1, is_off=page == 0)
    on = button(messages.pairs.NEXT_PAGE, "page", to=page + 1, is_off=first + size >= total)
    words = messages.pairs.page_of(first + 1, min(first + size, total), total)
    label = escape(messages.pairs.PAGES)
    return f'<nav class="pb-pager" aria-label="{label}">{back}<span>{escape(words)}</span>{on}</nav>'


def flag_line(flag: Flag) -> str:
    """Return what the doctor says, with the button that mends it."""
    action = FIXES.get(flag.kind, "remove")
    words = messages.pairs.FIXES[action]
    label = messages.pairs.FIX_LABEL.format(fix=words, name=flag.name)
    return (
        f'<p class="pb-flag"><b>{escape(messages.pairs.FLAGS[flag.kind])}</b> {escape(flag.sentence)} '
        f"{button(words, action, label=label, is_small=True)}</p>"
    )


def _card(pair: Pair, flags: Sequence[Flag], is_aligned: bool, glance: Glance) -> str:
    name = escape(pair.name)

    def said(words: str) -> str:
        return words.format(name=pair.name)

    held = "true" if pair.is_held_out else "false"
    before = glance.picture(pair.source, messages.common.SIDE_ALT["before"].format(name=pair.name))
    after = glance.picture(pair.target, messages.common.SIDE_ALT["after"].format(name=pair.name))
    sizes = list(dict.fromkeys(filter(None, map(glance.size, (pair.source, pair.target)))))
    badge = "".join(
        f'<span class="pb-badge" title="{escape(flag.sentence)}">{escape(messages.pairs.FLAGS[flag.kind])}</span>'
        for flag in flags
    )
    lines = "".join(map(flag_line, flags))
    if is_aligned:
        words = button(messages.pairs.UNALIGN, "unalign", label=said(messages.pairs.UNALIGN_LABEL), is_small=True)
        lines += (
            f'<p class="pb-flag pb-done"><b>{escape(messages.pairs.ALIGNED)}</b> '
            f"{escape(messages.pairs.ALIGNED_HELP)} {words}</p>"
        )
    difference = _icon(
        "difference", said(messages.pairs.SHOW_DIFFERENCE), 'data-look="difference" aria-pressed="false"'
    )
    swap = _icon("swap", said(messages.pairs.SWAP_LABEL), 'data-action="swap"')
    remove = _icon("remove", said(messages.pairs.REMOVE_LABEL), 'data-action="remove"')
    hold = messages.pairs.IS_HELD_OUT if pair.is_held_out else messages.pairs.HOLD_OUT
    return (
        f'<li class="pb-pair" data-item="{name}" data-pair="{name}" data-held-out="{held}">'
        f'<button type="button" class="pb-sides" data-look="flip" aria-pressed="false" '
        f'aria-label="{escape(said(messages.pairs.FLIP_LABEL))}" title="{escape(messages.pairs.FLIP_HELP)}">'
        f'<span class="pb-stack">{before}<span class="pb-over" aria-hidden="true">{after}</span></span>'
        f"{ARROW}<span>{after}</span>{badge}</button>"
        f'<div class="pb-pair-foot"><button type="button" class="pb-pair-name" data-action="rename" '
        f'aria-label="{escape(said(messages.pairs.RENAME_LABEL))}" title="{escape(said(messages.pairs.RENAME_HELP))}">'
        f"{name}</button>"
        f'<span class="pb-size">{escape(messages.pairs.BOTH_SIZES.join(sizes))}</span></div>'
        f'<div class="pb-pair-tools">'
        f'<button type="button" data-action="hold" aria-pressed="{held}" '
        f'title="{escape(messages.pairs.HELD_OUT_HELP)}">'
        f"{escape(hold)}</button><span></span>{difference}{swap}{remove}</div>{lines}</li>"
    )


def _icon(name: str, label: str, attributes: str) -> str:
    words = escape(label)
    return (
        f'<button type="button" class="pb-icon" {attributes} aria-label="{words}" title="{words}">'
        f'<svg viewBox="0 0 24 24" aria-hidden="true">{ICONS[name]}</svg></button>'
    )
