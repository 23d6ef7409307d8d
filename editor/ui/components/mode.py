"""Simple or Expert: one switch for the whole page, remembered by the browser.

All words of both are in the page. `assets/mode.js` sets a class at its root, by which `base.css` hides whatever has the
class "pb-expert" from people who chose Simple, and "pb-simple" from those who chose Expert.
"""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from editor.ui.components.html import from_template, script

SIMPLE, EXPERT = "pb-simple", "pb-expert"  # `elem_classes` of a control that only one of them shows


def mode_switch() -> gr.HTML:
    """Return the switch."""
    return gr.HTML(from_template("mode"), js_on_load=script("mode"), elem_id="mode", min_width=120)


def by_mode(*, simple: str, expert: str) -> Markup:
    """Return a sentence in plain words and one in numbers, of which the page shows one."""
    return from_template("by_mode", simple=simple, expert=expert)
