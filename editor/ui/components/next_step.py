"""The line in the header that says what to do next, and leads there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import gradio as gr
from markupsafe import Markup

from editor.pairs.folder import Pair
from editor.training.history import History
from editor.ui import messages
from editor.ui.components.html import from_template, script
from editor.workspace import QueuePosition, RunStatus

GOOD_DB = messages.common.VISIBLE_DB


class Advice(NamedTuple):
    """What to do next.

    Attributes:
        tab: Id of the tab where it is done, a key of `messages.app.TABS`.
        sentence: The present state.
        here: The instruction, where that tab is shown; other tabs have a button that leads there instead.
    """

    tab: str
    sentence: str
    here: str = ""


def next_step_line() -> gr.HTML:
    """Return the place for `next_step`."""
    return gr.HTML(js_on_load=script("go_to_tab"), elem_id="next-step")


def next_step(
    found: Sequence[Pair],
    snapshot: RunStatus | None,
    learning: RunStatus | None,
    place: QueuePosition | None = None,
) -> Markup:
    """Return the line.

    Args:
        found: The pairs of the selected effect.
        snapshot: The run on the page, which is one of that effect.
        learning: The run that is being trained, which may be another one.
        place: Where the run that is trained next stands in the queue, while none is being trained here; or else where
            the run on the page does.
    """
    advice = _advice(found, snapshot, learning, place)
    return from_template("next_step", advice=advice, name=messages.app.TABS[advice.tab].split()[-1])


def is_good(history: History) -> bool:
    """Whether previews are visibly closer to the truth than pictures that are left alone; true where nobody knows."""
    preview = history.best or (history.previews[-1] if history.previews else None)
    if preview is None or history.unedited_psnr is None:
        return True
    return preview.psnr - history.unedited_psnr >= GOOD_DB


def _advice(
    found: Sequence[Pair], snapshot: RunStatus | None, learning: RunStatus | None, place: QueuePosition | None
) -> Advice:
    words = messages.app
    num_training = sum(not pair.is_held_out for pair in found)
    if place:
        is_behind = snapshot and learning and learning.state != "queued"  # another one is trained meanwhile
        return Advice("train", words.in_line(*place, snapshot.run.name if is_behind else ""))
    if snapshot and snapshot.is_live:
        watch = words.NEXT_WATCH if snapshot.history.previews else words.NEXT_BEGINS
        return Advice("train", *(words.NEXT_RESUME if snapshot.state == "paused" else watch))
    if snapshot and snapshot.has_weights and is_good(snapshot.history):
        return Advice("edit", *words.NEXT_EDIT)
    if learning:  # what is started now would have to wait
        sentence, here = words.NEXT_OTHER
        return Advice("train", sentence.format(name=learning.run.name), here)
    if snapshot and snapshot.has_weights:
        return Advice("train", *words.NEXT_LEARN_MORE)
    if num_training >= 2:
        return Advice("train", *words.NEXT_TRAIN)
    return Advice("pairs", words.NEXT_MORE_PAIRS if num_training else words.NEXT_ADD_PAIRS)
