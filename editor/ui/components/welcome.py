"""What somebody sees who opens the app for the first time: three steps, and an editor to try at once."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import gradio as gr

from editor.samples.party import SAMPLE_EFFECT
from editor.ui import messages
from editor.ui.components.html import script
from editor.workspace import Effect


def welcome_place() -> gr.HTML:
    """Return the element; `welcome` fills it."""
    return gr.HTML(js_on_load=script("go_to_tab"), elem_id="welcome")


def welcome(effects: Sequence[Effect]) -> str:
    """Return the three steps, or nothing for somebody who has an effect of their own."""
    if [effect.name for effect in effects] != [SAMPLE_EFFECT]:
        return ""
    steps = "".join(
        f'<li><button type="button" data-tab="{escape(tab)}">'
        f"<b>{escape(title)}</b><span>{escape(text)}</span></button></li>"
        for tab, title, text in messages.app.WELCOME_STEPS
    )
    return f'<section class="pb-welcome" aria-label="{escape(messages.app.WELCOME)}"><ol>{steps}</ol></section>'
