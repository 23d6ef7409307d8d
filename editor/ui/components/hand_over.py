"""Where the keyboard goes when the control that had it gives way: never to the top of the page."""

from __future__ import annotations

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import script

# From here, to the first of those that is there within a moment, or else to the last resort; `words` are said aloud.
RULES = (
    {
        "from": "#train-start, #train-continue, #train-measure, #train-go",
        "to": "#train-hold, #train-stop",
        "last": "#train-status",
        "words": messages.train.HANDED_OVER,
    },
    {"from": "#train-preview-now, #train-save-now", "to": "#train-hold, #train-stop", "last": "#train-status"},
    {"from": "#train-hold, #train-stop", "last": "#train-status"},  # no other button: Enter would start a training
    {"from": "#runs-undo", "to": "#train-runs [aria-current=true] .pb-run-open", "last": "#runs > button"},
    {"from": "#train-runs", "last": "#runs > button"},
    {"from": "#pairs-plan", "to": "#pairs-report:has(.pb-note)", "last": "#pairs-folder input"},
    {"from": "#pairs-undo", "to": "#pairs-cards button", "last": "#pairs-folder input"},
    {"from": "#pairs-cards, #pairs-doctor", "last": "#pairs-folder input"},
    {"from": "#effects-table", "last": "#effects-panel > button"},
    {"from": "#inspect-matrix-start", "to": "#inspect-matrix-stop", "last": "#inspect-matrix"},
    {"from": "#inspect-matrix-stop", "to": "#inspect-matrix-start", "last": "#inspect-matrix"},
    {"from": "#welcome", "last": "#steps [role=tab][aria-selected=true]"},
)


def hand_over() -> gr.HTML:
    """Return an element that nobody sees and screen readers hear."""
    return gr.HTML(
        '<p data-told role="status"></p>',
        js_on_load=script("hand_over", rules=RULES),
        elem_id="hand-over",
        elem_classes="pb-unseen",
    )
