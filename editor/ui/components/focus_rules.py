"""Where the keyboard focus goes when the control that has it disappears: never back to the top of the page."""

from __future__ import annotations

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import from_template, script

# From a control inside `from` to the first of `to` that is there within a moment, or else to `last`. A screen reader
# reads `words` out.
RULES = (
    {
        "from": "#train-start, #train-continue, #train-start-later, #train-continue-later, #train-measure, #train-go",
        "to": "#train-hold, #train-stop",
        "last": "#train-status",
        "words": messages.train.FOCUS_MOVED,
    },
    {"from": "#train-preview-now, #train-save-now", "to": "#train-hold, #train-stop", "last": "#train-status"},
    # To no other button: pressing Enter once more would start a training.
    {"from": "#train-hold, #train-stop", "last": "#train-status"},
    {"from": "#train-queue", "to": "#train-start-later, #train-start", "last": "#train-status"},
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


def focus_rules() -> gr.HTML:
    """Return an invisible element that applies the rules, and whose text screen readers read out."""
    return gr.HTML(
        from_template("focus_rules"),
        js_on_load=script("move_focus", rules=RULES),
        elem_id="focus-rules",
        elem_classes="pb-unseen",
    )
