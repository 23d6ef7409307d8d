"""The pairs of an effect as cards: what each one shows, what is wrong with it, and what can be done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup

from editor.pairs.doctor.flags import Flag
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import from_template, placeholder
from editor.ui.components.page_thumbnails import PageThumbnails

FIXES = {"shifted": "align", "swapped": "swap", "mismatch": "exchange"}


class Card(NamedTuple):
    """What the template shows of one pair."""

    pair: Pair
    flags: tuple[Flag, ...]
    is_aligned: bool  # by a repair that can be undone
    before: Markup
    after: Markup
    sizes: str


def pair_cards(
    pairs: Sequence[Pair], flags: Sequence[Flag], aligned: Collection[str], thumbnails: PageThumbnails
) -> Markup:
    """Return the cards; `assets/actions.js` and `assets/pair_cards.js` bring their buttons to life.

    Args:
        pairs: Those to show.
        flags: What the doctor found, of these and other pairs.
        aligned: Names of the pairs whose alignment can be taken back.
        thumbnails: Makes the pictures.
    """
    if not pairs:
        return placeholder(messages.pairs.NO_PAIRS)
    return card_list(tuple(_card(pair, flags, pair.name in aligned, thumbnails) for pair in pairs))


def pager(first: int, size: int, total: int) -> Markup:
    """Return the buttons that lead through a long list, or nothing for a short one.

    Args:
        first: Index of the first one that is shown.
        size: How many are shown at once.
        total: How many there are.
    """
    if total <= size:
        return Markup()
    page = first // size
    words = messages.pairs.page_of(first + 1, min(first + size, total), total)
    return from_template("pager", page=page, words=words, is_first=page == 0, is_last=first + size >= total)


def flag_line(flag: Flag) -> Markup:
    """Return what the doctor says, with the button that mends it."""
    action = fix_of(flag) or "remove"
    words = messages.pairs.FIXES[action].format(other=flag.other)
    label = messages.pairs.FIX_LABEL.format(fix=words, name=flag.name)
    return from_template("flag_line", flag=flag, action=action, words=words, label=label)


def fix_of(flag: Flag) -> str:
    """Return the action that mends what was found; nothing where it only goes away with the pair."""
    return "" if flag.kind == "mismatch" and flag.other is None else FIXES.get(flag.kind, "")


@lru_cache(maxsize=32)  # lists that pages show at the same time, of some 60 kB each
def card_list(cards: tuple[Card, ...]) -> Markup:
    """Return the list of these cards."""
    return from_template("pair_cards", cards=cards, flag_line=flag_line)


def _card(pair: Pair, flags: Sequence[Flag], is_aligned: bool, thumbnails: PageThumbnails) -> Card:
    before = thumbnails.picture(pair.source, messages.common.SIDE_ALT["before"].format(name=pair.name))
    after = thumbnails.picture(pair.target, messages.common.SIDE_ALT["after"].format(name=pair.name))
    sizes = dict.fromkeys(filter(None, map(thumbnails.size, (pair.source, pair.target))))
    own = tuple(flag for flag in flags if flag.name == pair.name)
    return Card(pair, own, is_aligned, before, after, messages.pairs.BOTH_SIZES.join(sizes))
