"""What the server remembers of an open page: names and numbers. All else is read from the services at each refresh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from editor.ui.selection import Selection


@dataclass(frozen=True)
class Seen:
    """What a page was sent last.

    Attributes:
        active: The run that was being trained then.
        selection: The effect and the run.
        digests: A hash of what each output shows.
        is_choosing: Whether something else is selected by now, for which an event of its own is on the way.
    """

    active: str | None = None
    selection: Selection = Selection()
    digests: tuple[int, ...] = ()
    is_choosing: bool = False


def only_changes(values: Sequence[Any], digests: Sequence[int]) -> tuple[list[Any], tuple[int, ...]]:
    """Replace what a page shows already by `gr.skip()`, so that an idle page gets no traffic.

    Args:
        values: What every output should show.
        digests: What this function returned the last time, or nothing the first time.

    Returns:
        What to send, and the digests for the next time.
    """
    new = tuple(hash(value if isinstance(value, str) else repr(value)) for value in values)
    old = digests or (None,) * len(new)
    return [gr.skip() if before == now else value for value, before, now in zip(values, old, new)], new
