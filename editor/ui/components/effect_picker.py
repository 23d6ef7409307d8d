"""The list of effects in the header, and what is selected in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.selection import ORPHANS, place_of
from editor.workspace import Effect, RunSummary, Services


def effect_picker() -> gr.Dropdown:
    """Return the dropdown; `effect_choices` fills it."""
    return gr.Dropdown(
        [], value=None, label=messages.app.EFFECT, elem_id="effect", filterable=False, container=False, min_width=220
    )


def effect_choices(effects: Sequence[Effect], runs: Sequence[RunSummary]) -> list[tuple[str, str]]:
    """Return names and slugs: all effects and, if there are some, the runs that belong to none."""
    choices = [(effect.name, effect.slug) for effect in effects]
    has_orphans = any(place_of(run) == ORPHANS for run in runs)
    return [*choices, (messages.app.ORPHANS, ORPHANS)] if has_orphans else choices


def selected(services: Services, effect: str | None) -> Any:
    """Return the update that selects an effect in an up to date list."""
    return gr.update(choices=effect_choices(services.workspace.effects(), services.training.runs()), value=effect)
