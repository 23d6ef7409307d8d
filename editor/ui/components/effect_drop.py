"""Taking effect files: one that is dropped anywhere on the page, or chosen in Share, edits at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from editor.training.effect_file import SUFFIX
from editor.ui import messages
from editor.ui.components.effect_picker import selected
from editor.ui.components.html import from_template, script
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import sent
from editor.workspace import Services

WAIT = "effect-file"
GO_TO_EDIT = """() => document.querySelector('#steps [role="tab"][data-tab-id="edit"]')?.click()"""


def effect_drop() -> gr.HTML:
    """Return the invisible element that takes what is dropped. Its event is "dropped"."""
    words = {"opening": messages.share.OPENING}
    return gr.HTML(
        js_on_load=script("effect_drop", suffix=SUFFIX, words=words), elem_id="effect-drop", elem_classes="pb-polling"
    )


def effect_choice() -> gr.HTML:
    """Return a card with a button for those who choose a file rather than drop it."""
    return gr.HTML(
        from_template("effect_choose", suffix=SUFFIX), js_on_load=script("effect_choose"), elem_id="share-open"
    )


def open_effect(services: Services, event: gr.EventData) -> tuple[Any, str]:
    """Make an uploaded effect file an effect of the workspace, and select it and its run."""
    (path,) = sent(event._data, path=str)
    if not path:
        raise mistake(messages.share.NOT_SENT)
    run = services.sharing.open(Path(path))
    return selected(services, services.training.open(run).effect_slug), run


def opened(drop: gr.HTML, services: Services, effect: gr.Dropdown, run: gr.State) -> Any:
    """Connect the element, and return the event after which the page refreshes."""
    begun = drop.dropped(
        bound(open_effect, services),
        None,
        [effect, run],
        trigger_mode="multiple",
        api_visibility="private",
        show_progress="hidden",
        js=wait_begins(WAIT, messages.share.OPENING, 0),
    )
    wait_ends(WAIT, begun)
    begun.success(None, None, None, js=GO_TO_EDIT, api_visibility="private")
    return begun
