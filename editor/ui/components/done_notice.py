"""A notice that a training has ended, for a page in the background: in the title of its tab and as a notification."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template, script
from editor.workspace import RunStatus


def notice_place() -> gr.HTML:
    """Return an invisible element whose script shows each value of `done_notice` once."""
    return gr.HTML(js_on_load=script("done_notice"), elem_id="done-notice", elem_classes="pb-polling")


def done_notice(ended: RunStatus | None) -> Markup:
    """Return the notice about the run that ended last; empty where a person stopped it."""
    if ended is None or ended.state not in messages.train.DONE:
        return Markup()
    words = messages.train.DONE[ended.state].format(name=ended.run.name)
    return from_template("done_notice", end=f"{ended.run.id} {ended.history.seconds}", words=words)
