"""The heartbeat of an open page. A page that nobody can see has none."""

from __future__ import annotations

import gradio as gr

from editor.ui.components.html import script

LIVE_SECONDS, IDLE_SECONDS = 1.0, 3.0  # between two beats, while Train shows and a run is being trained, and else


def pulse() -> gr.HTML:
    """Return an invisible element with the event `beat`, which begins once `rate` has said how often it comes."""
    return gr.HTML(js_on_load=script("pulse", options={"idle": IDLE_SECONDS}), elem_id="pulse", elem_classes="pb-pulse")


def rate(*, is_live: bool) -> str:
    """Return what the element should show: nothing that can be seen."""
    return f'<i hidden data-seconds="{LIVE_SECONDS if is_live else IDLE_SECONDS}"></i>'
