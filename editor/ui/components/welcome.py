"""The greeting at the first launch: what the ready effects do, and three steps to an effect of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import gradio as gr
from markupsafe import Markup

from editor.samples.catalog import SAMPLES
from editor.ui import messages
from editor.ui.components.html import from_template, script
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.workspace import Effect


def welcome_place() -> gr.HTML:
    """Return the element; `welcome` fills it."""
    return gr.HTML(js_on_load=script("go_to_tab", "wipe"), elem_id="welcome")


def welcome(effects: Sequence[Effect], thumbnails: PageThumbnails) -> Markup:
    """Return the ready effects and the steps, or nothing for somebody who has an effect of their own.

    Args:
        effects: All of a workspace.
        thumbnails: Makes the pictures: one that no run has learned from, and what the run makes of it.
    """
    slugs = {effect.name: effect.slug for effect in effects}
    there = [sample for sample in SAMPLES if sample.name in slugs]
    if not there or len(there) < len(slugs):
        return Markup()
    ready = []
    for sample in there:
        title, text = messages.app.READY_EFFECTS[sample.slug]
        words = (messages.app.READY_BEFORE, messages.app.READY_AFTER)
        pictures = [thumbnails.picture(path, alt.format(name=title)) for path, alt in zip(sample.shown, words)]
        link = "?" + urlencode({"tab": "edit", "effect": slugs[sample.name]})
        ready.append({"title": title, "text": text, "pictures": pictures, "link": link})
    return from_template("welcome", ready=ready)
