"""What the server remembers of an open page: names and numbers. All else is read from the services at each refresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from editor.ui.selection import Selection


@dataclass(frozen=True)
class Seen:
    """What a page was sent last.

    Attributes:
        active: The run that was being trained then.
        ended: The run that was being trained before that one.
        selection: The effect and the run.
        digests: A hash of what each output shows.
        is_new: Whether each of these was sent for the first time.
        is_choosing: Whether something else is selected by now, for which an event of its own is on the way.
    """

    active: str | None = None
    ended: str | None = None
    selection: Selection = Selection()
    digests: tuple[int, ...] = ()
    is_new: tuple[bool, ...] = ()
    is_choosing: bool = False


def only_changes(values: Sequence[Any], seen: Seen) -> tuple[list[Any], Seen]:
    """Replace what a page shows already by `gr.skip()`, so that an idle page gets no traffic.

    What is new is sent twice: of two refreshes at once, the older answer may reach the page after the newer one. Not so
    what is no text: a list of choices that is open would close.

    Args:
        values: What every output should show.
        seen: What this function returned the last time.

    Returns:
        What to send, and what was seen then.
    """
    digests = tuple(hash(value if isinstance(value, str) else repr(value)) for value in values)
    is_new = tuple(before != now for before, now in zip(seen.digests or (None,) * len(digests), digests))
    is_sent = [
        new or (again and isinstance(value, str))
        for value, new, again in zip(values, is_new, seen.is_new or (False,) * len(digests))
    ]
    sent = [value if wanted else gr.skip() for value, wanted in zip(values, is_sent)]
    return sent, replace(seen, digests=digests, is_new=is_new)
