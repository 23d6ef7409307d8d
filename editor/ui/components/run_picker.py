"""The list of runs: Train, Inspect, Edit and Share show one each, and all four have the same run selected."""

from __future__ import annotations

from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.components.run_status import run_label
from editor.workspace import RunSummary


def run_picker(elem_id: str) -> gr.Dropdown:
    """Return the dropdown; `run_choices` fills it."""
    return gr.Dropdown([], value=None, label=messages.common.RUN, elem_id=elem_id, filterable=False)


def run_choices(runs: list[RunSummary], run: str | None) -> Any:
    """Return the update that shows `runs`, with `run` selected if it is one of them."""
    is_there = run in (item.id for item in runs)
    return gr.update(choices=[(run_label(item), item.id) for item in runs], value=run if is_there else None)
