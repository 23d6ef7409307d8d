"""The runs that wait for their turn, as a list that can be put in another order."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr
from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template, script
from editor.workspace import RunListing


class Row(NamedTuple):
    """One run of the list."""

    run: str  # its id
    name: str
    position: int  # among all that wait, of other visitors too
    about: str
    when: str


def queue_place() -> gr.HTML:
    """Return the place for `training_queue`. Its event is "act"."""
    return gr.HTML(js_on_load=script("keep_focus", "actions", words=messages.pairs.LIST_WORDS), elem_id="train-queue")


def training_queue(listing: RunListing) -> Markup:
    """Return the list; nothing where no run waits."""
    rows = []
    for turn in listing.turns:
        status = listing.status(turn.run)
        if status is None:  # it was damaged meanwhile
            continue
        run = status.run
        about = messages.common.learned_from(run.preset, run.image_size, run.fit)
        about = messages.train.QUEUE_ABOUT.format(settings=about, time=messages.common.clock(turn.seconds))
        when = messages.train.begins(turn.place.seconds)
        rows.append(Row(run.id, run.name, turn.place.position, about, when))
    return from_template("training_queue", rows=rows) if rows else Markup()
