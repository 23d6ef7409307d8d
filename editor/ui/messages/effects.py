"""Words of the panel of all effects in the Pairs tab: storage and trash."""

from __future__ import annotations

from collections.abc import Sequence

from editor.ui.messages.common import listed, readable_bytes

UNDO_DELETE = "Undo: bring the effect {name} back"
UNDO_DELETE_DAMAGED = "Undo: bring {name} back"
UNDO_RENAME_EFFECT = "Undo: call the effect {name} again"

WAIT = "Changing what is stored…"
MANAGE_LABEL = "All effects, storage and trash"
EFFECTS_TITLE = "Effects"
EFFECT_ACTIONS = {  # what a button says, and what it says to a screen reader
    "rename": ("Rename", "Rename the effect {name}"),
    "duplicate": ("Duplicate", "Duplicate the effect {name}"),
    "delete": ("Delete", "Delete the effect {name}"),
}
DELETE_DAMAGED = "Delete"
DELETE_DAMAGED_LABEL = {
    "effect": "Delete the effect in the folder {name}",
    "run": "Delete the run in the folder {name}",
}
OPEN_EFFECT = "Open the effect {name}"
RUNS_TAKE = "{runs}, {size}"
TRASH_TITLE = "Trash"
RESTORE, RESTORE_LABEL = "Restore", "Restore {name}"
TRASHED_AS = "{name} ({kind})"
TRASH_EMPTY = "The trash is empty."
TRASH_HELP = "What you delete stays here, and takes space, until you empty the trash."
EMPTY_TRASH = "Empty the trash"
EMPTY_SURE = "Delete {size} for good? Click again"
TRASH_KINDS = {"effect": "effect", "run": "run"}


def trashed_pairs(names: Sequence[str], effect: str) -> str:
    """Name pairs that were removed."""
    return f"{listed(names, 3)} ({'pair' if len(names) == 1 else 'pairs'} of {effect})"


def storage_total(total: int, free: int) -> str:
    """Say how much space everything takes."""
    return f"Everything takes {readable_bytes(total)}; {readable_bytes(free)} are free on this disk."
