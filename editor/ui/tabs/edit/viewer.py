"""The large picture of the Edit tab, and the controls around it: everything else is in `assets/edit_viewer.js`."""

from __future__ import annotations

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import from_template, script

# Tells `edit_viewer.js` that the server has answered a stroke, with an edit or an error.
ANSWERED = "() => { document.querySelector('#edit-slider .pb-view').dispatchEvent(new Event('pb-answered')); }"


def viewer() -> gr.HTML:
    """Return the component. Its value is what `state.show` or `state.preview` says; it sends events, see `layout`."""
    return gr.HTML(
        None,
        html_template=from_template("edit_viewer"),
        js_on_load=script("edit_viewer", words=messages.edit.VIEWER_WORDS),
        elem_id="edit-slider",
    )
