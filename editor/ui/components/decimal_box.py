"""A box for a number that may have a fraction, written with a point or with a comma; see `inputs.number`."""

from __future__ import annotations

from typing import Any

import gradio as gr


def decimal_box(value: float, **options: Any) -> gr.Textbox:
    """Return a text box that shows a number.

    `gr.Number` is a browser's number field, which drops a comma while one types, so that "1,5" becomes 15.
    """
    return gr.Textbox(str(value), max_lines=1, **options)
