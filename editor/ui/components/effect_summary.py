"""The pairs of an effect in a few words: what they are good for, and what the doctor found."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from editor.pairs.doctor.flags import Flag, readiness
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import from_template
from editor.ui.components.pair_cards import fix_of, flag_line
from editor.workspace import Checkup, Effect


def effect_card(effect: Effect, pairs: Sequence[Pair]) -> Markup:
    """Return what a training would learn: the effect, and how many pairs there are for what."""
    summary = messages.pairs.pairs_summary(*_split(pairs))
    return from_template("effect_card", name=effect.name, summary=summary)


def pairs_summary(pairs: Sequence[Pair], flags: Sequence[Flag]) -> Markup:
    """Return whether the pairs are enough to start, and how many there are for what."""
    split = messages.pairs.pairs_split(*_split(pairs))
    return from_template("pairs_summary", readiness=readiness(len(pairs), flags), split=split)


def doctor_note(pairs: Sequence[Pair], checkup: Checkup, *, is_filtered: bool) -> Markup:
    """Return what the doctor says of all pairs, and of pictures that are in none.

    Args:
        pairs: All of the effect.
        checkup: What was found so far.
        is_filtered: Whether the page shows flagged pairs only.
    """
    if not pairs and not checkup.flags:
        return Markup()
    names = {pair.name for pair in pairs}
    flagged = {flag.name for flag in checkup.flags} & names
    if checkup.problem:
        words = messages.pairs.NOT_CHECKED.format(reason=checkup.problem)
    elif not checkup.is_done:
        words = messages.pairs.CHECKING
    elif flagged:
        words = messages.pairs.flagged(len(flagged))
    else:
        words = "" if checkup.flags else messages.pairs.HEALTHY
    return from_template(
        "doctor_note",
        state="busy" if not checkup.is_done else "found" if checkup.flags else "fine",
        words=words,
        is_filtered=is_filtered,
        can_filter=bool(flagged),
        num_fixes=sum(bool(fix_of(flag)) for flag in checkup.flags) if checkup.is_done else 0,
        unpaired=[flag for flag in checkup.flags if flag.name not in names],
        flag_line=flag_line,
    )


def _split(pairs: Sequence[Pair]) -> tuple[int, int]:
    """Return how many pairs are learned from, and how many are held out."""
    held_out = sum(pair.is_held_out for pair in pairs)
    return len(pairs) - held_out, held_out
