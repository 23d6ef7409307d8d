"""Words of the Pairs tab: the cards of pairs, what the doctor says around its flags, and undo."""

from __future__ import annotations

from editor.ui.messages.common import count

# Effects, and pairs in general.
NO_PAIRS = "No pairs yet. Drop your pictures above: you see how they were understood before anything is stored."
HELD_OUT_HELP = (
    "Pairs kept for testing are never learned from. They show honestly how well the edit works on new pictures."
)
NO_EFFECT = "Choose an effect first, or make a new one."
ONLY_RUNS = (
    "Here are runs without an effect: it was deleted, or they were started at the command line. "
    "Train, Inspect and Edit show them. To add pairs, choose an effect above, or make a new one."
)

# The cards and the doctor.
UNDO_REMOVE = "Undo: put pair {name} back"
UNDO_ALIGN = "Undo: take back the alignment of {name}"
UNDO_SWAP = "Undo: swap {name} back"
UNDO_RENAME = "Undo: call pair {name} by its old name"
CHECKING = "The doctor is looking at the pairs…"
NOT_CHECKED = "The doctor could not look at the pairs. {reason}"
HEALTHY = "The doctor found nothing wrong."
ONLY_FLAGGED = "Show only these"
ALL_PAIRS = "Show all pairs"
FLIP_LABEL = "Flip {name} between before and after"
FLIP_HELP = "Point at the picture before, or press Space, to see the picture after in its place"
UNDO_EXCHANGE = "Undo: exchange {name} and {other} back"
UNDO_MEND = "Undo: take back {repairs}"
FIXES = {"align": "Align", "swap": "Swap sides", "exchange": "Exchange with {other}", "remove": "Remove"}
MEND_ALL = "Mend all {count}"
NOTHING_TO_MEND = "There is nothing here that could be mended by itself."
STILL_CHECKING = "The doctor is still looking at the pairs. Try again in a moment."
FIX_LABEL = "{fix} {name}"
ALIGNED = "Aligned"
ALIGNED_HELP = "Both sides were cropped to what they share."
UNALIGN = "Undo"
UNALIGN_LABEL = "Undo the alignment of {name}"
SHOW_DIFFERENCE = "Show the difference of {name}"
SWAP_LABEL = "Swap the sides of {name}"
REMOVE_LABEL = "Remove pair {name}"
RENAME_LABEL = "Rename pair {name}"
RENAME_HELP = "{name}: click to rename"
HOLD_OUT, IS_HELD_OUT = "Keep for testing", "Kept for testing"
BOTH_SIZES = " and "  # between two sizes
PAGES = "Pages of pairs"
PREVIOUS, NEXT_PAGE = "Previous", "Next"
LIST_WORDS = {"new_name": "New name"}  # for assets/actions.js
FLAGS = {
    "no partner": "No partner",
    "unreadable": "Unreadable",
    "shape": "Sizes differ",
    "too small": "Too small",
    "identical": "No change",
    "duplicate": "Duplicate",
    "mismatch": "Wrong partner",
    "shifted": "Shifted",
    "swapped": "Swapped?",
    "exposure": "Light differs",
    "outlier": "Unlike the others",
}
NOTHING_FLAGGED = "No pair needs a look any more."


def pairs_summary(num_training: int, num_held_out: int) -> str:
    """Return how many pairs there are and what for."""
    return f"{count(num_training + num_held_out, 'pair')}: {pairs_split(num_training, num_held_out)}"


def pairs_split(num_training: int, num_held_out: int) -> str:
    """Return what the pairs are for."""
    return f"{num_training:,} to learn from, {num_held_out:,} kept for testing"


def flagged(number: int) -> str:
    """Say how many pairs the doctor has something to say about."""
    return f"The doctor: {count(number, 'pair')} {'needs' if number == 1 else 'need'} a look."


def page_of(first: int, last: int, total: int) -> str:
    """Say which pairs of a long list are shown."""
    return f"{first} to {last} of {total:,} pairs"
