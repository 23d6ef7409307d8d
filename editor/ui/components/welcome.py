"""The greeting at the first launch: three steps, the first of which tries the sample editor."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from markupsafe import Markup

from editor.samples.catalog import SAMPLES
from editor.ui.components.html import from_template, script
from editor.workspace import Effect


def welcome_place() -> gr.HTML:
    """Return the element; `welcome` fills it."""
    return gr.HTML(js_on_load=script("go_to_tab"), elem_id="welcome")


def welcome(effects: Sequence[Effect]) -> Markup:
    """Return the three steps, or nothing for somebody who has an effect of their own."""
    if not effects or not {effect.name for effect in effects} <= {sample.name for sample in SAMPLES}:
        return Markup()
    return from_template("welcome")
