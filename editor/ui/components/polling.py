"""How a page asks again and again what has changed (polling).

A page that nobody can see does not ask, but for when a training is done, see `done_notice`.
"""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from editor.ui.components.html import from_template, script

LIVE_SECONDS = 1.0  # between two requests, while Train shows and a run is being trained
IDLE_SECONDS = 3.0  # otherwise
HIDDEN_SECONDS = 15.0  # while a run is being trained and nobody can see the page


def polling() -> gr.HTML:
    """Return an invisible element with the event `poll`, which begins once `interval` has said how often it comes."""
    return gr.HTML(
        js_on_load=script("polling", options={"idle": IDLE_SECONDS, "hidden": HIDDEN_SECONDS}),
        elem_id="polling",
        elem_classes="pb-polling",
    )


def interval(*, is_live: bool) -> Markup:
    """Return what the element should show: nothing that can be seen, and the seconds between two events."""
    return from_template("polling", seconds=LIVE_SECONDS if is_live else IDLE_SECONDS)
