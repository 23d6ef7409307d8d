"""Controls that cards share: what goes along with an effect, and under which terms."""

from __future__ import annotations

from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.handlers import bound
from editor.ui.tabs.share.cards import Place
from editor.workspace import Services


def pair_choice(place: Place, label: str, info: str, *, most: int, elem_id: str) -> gr.Dropdown:
    """Return a list of the run's pairs to choose from, with nothing chosen whenever the page shows another run.

    Args:
        place: What the card connects to.
        label: What is chosen.
        info: What becomes of it.
        most: How many may be chosen.
        elem_id: Its id in the page.
    """
    pairs = gr.Dropdown([], multiselect=True, max_choices=most, label=label, info=info, elem_id=elem_id)
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    pairs.focus(bound(_names, place.services), place.run, pairs, trigger_mode="once", **hidden)
    place.run.change(None, None, pairs, js="() => [[]]", **hidden)  # the outer list is that of outputs
    return pairs


def license_choice(elem_id: str) -> gr.Dropdown:
    """Return a list of terms, to which a person may add their own."""
    return gr.Dropdown(
        [(words, name) for name, words in messages.share.LICENSES.items()],
        value="",
        allow_custom_value=True,
        label=messages.share.LICENSE,
        info=messages.share.LICENSE_HELP,
        elem_id=elem_id,
    )


def _names(services: Services, run: str | None) -> Any:
    """Return the pairs of a run to choose from."""
    return gr.update(choices=[pair.name for pair in services.training.pairs(run)] if run else [])
