"""Words of the Pairs tab for what was dropped: the drop places, the plan, and the report after storing."""

from __future__ import annotations

from collections.abc import Sequence

from editor.ui.messages.common import count, listed

# The drop places, and what can go wrong there.
DROP_LABEL = "Drop your pairs here"
DROP_HELP = (
    "All at once, as they are: loose pictures, folders, zip files. Names such as cat_before and cat_after, folders "
    "such as before and after, or both halves in one picture are understood. Where names say nothing, the pictures "
    "are compared."
)
SOURCES_LABEL = "Before"
SOURCES_HELP = "Only original pictures"
TARGETS_LABEL = "After"
TARGETS_HELP = "Only edited pictures"
CHOOSE_FILES = "Choose files"
CHOOSE_FOLDER = "Choose folder"
MORE_PROBLEMS = "And {count:,} more like these."
NOTHING_DROPPED = "There was no file in what you dropped. Choose pictures, a folder or a zip file."
UPLOAD_FAILED = "The upload did not get through. Try again, with smaller files if they are very large."
TOO_MANY_FILES = (
    "These are {total:,} files, and at most {limit:,} can come at once. Drop fewer, or one zip file with all of them."
)
UNREADABLE = "Your browser could not read {count} of what you dropped."
LOOKING = "Looking at what was dropped…"
STORING = "Storing pair {done:,} of {total:,}…"
UPLOADING = "Uploading {number} of {total}"  # for assets/folder_drop.js

WAIT = "Looking at your pictures…"

# The plan: how dropped files were understood, before anything is stored.
PLAN_LABEL = "What was dropped"
PLAN_GUESS = "This is a guess. Look whether before and after are right, and correct it where they are not."
PLAN_WAITING = "Nothing is stored yet."
PLAN_HELP = "To pair two pictures otherwise, click the one before, then the one after, or drag one onto the other."
PLAN_GONE = "These files no longer wait to be added. Drop them again."
SWAP_ALL = "Swap before and after in all"
SWAP_ONE = "Swap"
TAKE_APART = "Take apart"
TAKE_APART_LABEL = "Take {name} apart"
ADD_PLANNED = "Add {pairs}"
CANCEL_CHOICE = "Cancel"
CORRECTED = "You corrected this list."
UNDO_CORRECTION = "Undo the last correction"
CROPPED = "cropped to what the other shows"
HALVES = {"left": "left half", "right": "right half", "top": "top half", "bottom": "bottom half"}
PLAN_WORDS = {  # for assets/plan_view.js, which fills in the {places}
    "before": "Before",
    "after": "After",
    "one": "Before: {before}. Now click the picture after, and they are a pair.",
}
DISCARD = "Discard"
LEFT_OVER = "Left over"
NOT_PICTURES = "Not pictures, so they will not be stored"
IGNORED = "Not pictures, so they were not stored: {names}."
OWN_EFFECT = "My effect"  # for pairs that are dropped while a sample is selected
UNDO_ADD = "Undo: take {pairs} out again"


def ignored_files(names: Sequence[str]) -> str:
    """Name the files that nobody would expect to be stored."""
    return IGNORED.format(names=listed(names))


def unreadable(number: int) -> str:
    """Say how much of what was dropped could not even be uploaded."""
    return UNREADABLE.format(count=count(number, "item"))


def plan_summary(num_pairs: int, num_left: int) -> str:
    """Say what a drop was understood to be."""
    if not num_pairs:
        return f"{count(num_left, 'picture')} without a partner. Drop the partners too, or pair them by hand."
    left = f", {count(num_left, 'picture')} left over" if num_left else ""
    return f"{count(num_pairs, 'pair')} found{left}."


def rule_used(rule: str, number: int, total: int) -> str:
    """Say how pairs were understood; how many were, if not all."""
    return rule if number == total else f"{count(number, 'pair')}: {rule}"


def and_more(names: Sequence[str]) -> str:
    """Name files that are not shown."""
    return f"And {listed(names)}."


def added(names: Sequence[str]) -> str:
    """Say how many pairs were added."""
    return f"Added {count(len(names), 'pair')}." if names else "No pair was added."
