"""The large picture of the Edit tab, and the tools beside it. What they do is in `assets/edit_*.js`."""

from __future__ import annotations

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import from_template, script


def viewer() -> gr.HTML:
    """Return the component. Its value is what `state.show` or `state.preview` says; it sends events, see `layout`."""
    return gr.HTML(
        None,
        html_template=from_template("edit_viewer"),
        js_on_load=script("edit_stage", "edit_strokes", "edit_frames", "edit_viewer", words=messages.edit.VIEWER_WORDS),
        elem_id="edit-slider",
    )


def tools() -> gr.HTML:
    """Return the tools beside the picture, which its scripts listen to."""
    return gr.HTML(from_template("edit_tools"), elem_id="edit-tools")
