"""A word when a training ends while nobody looks at the page: in the title of its tab, and as a notification."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template, script
from editor.workspace import RunStatus


def notice_place() -> gr.HTML:
    """Return an invisible element that tells what `done_notice` says, once."""
    return gr.HTML(js_on_load=script("done_notice"), elem_id="done-notice", elem_classes="pb-polling")


def done_notice(ended: RunStatus | None) -> Markup:
    """Return what is to be told of the run that ended last: nothing where a person stopped it."""
    if ended is None or ended.state not in messages.train.DONE:
        return Markup()
    words = messages.train.DONE[ended.state].format(name=ended.run.name)
    return from_template("done_notice", end=f"{ended.run.id} {ended.history.seconds}", words=words)
