"""Taking effect files: one that is dropped anywhere on the page, or chosen in Share, edits at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from editor.training.effect_file import SUFFIX
from editor.ui import messages
from editor.ui.components.effect_picker import selected
from editor.ui.components.html import from_template, go_to, script
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound
from editor.ui.inputs import sent
from editor.ui.login import token_of
from editor.workspace import Services

WAIT = "effect-file"
MAX_NAME = 400  # characters of an effect of the Hub with a revision


def effect_drop() -> gr.HTML:
    """Return the invisible element that takes what is dropped. Its event is "dropped"."""
    words = {"opening": messages.share.OPENING}
    return gr.HTML(
        js_on_load=script("effect_drop", suffix=SUFFIX, words=words), elem_id="effect-drop", elem_classes="pb-polling"
    )


def effect_choice(services: Services, effect: gr.Dropdown, run: gr.State) -> Any:
    """Lay out a card for those who choose a file rather than drop it, or name an effect of the Hub.

    Returns:
        The event after which the page refreshes.
    """
    with gr.Column(min_width=200):
        gr.HTML(from_template("effect_choose", suffix=SUFFIX), js_on_load=script("effect_choose"), elem_id="share-open")
        name = gr.Textbox(
            label=messages.share.OPEN_HUB,
            info=messages.share.OPEN_HUB_HELP,
            max_length=MAX_NAME,
            elem_id="share-fetch-name",
            submit_btn=messages.share.OPEN_HUB_DO,
        )
    return _opening(name.submit, fetch_effect, messages.share.FETCHING, services, [name], effect, run)


def fetch_effect(services: Services, name: str | None, login: gr.OAuthToken | None) -> tuple[Any, str]:
    """Make an effect of the Hub an effect of the workspace, and select it and its run."""
    return _shown(services, services.sharing.pull(name or "", token_of(login)))


def open_effect(services: Services, event: gr.EventData) -> tuple[Any, str]:
    """Make an uploaded effect file an effect of the workspace, and select it and its run."""
    (path,) = sent(event._data, path=str)
    return _shown(services, services.sharing.open(Path(path)))


def _shown(services: Services, run: str) -> tuple[Any, str]:
    return selected(services, services.training.open(run).effect_slug), run


def opened(drop: gr.HTML, services: Services, effect: gr.Dropdown, run: gr.State) -> Any:
    """Connect the element, and return the event after which the page refreshes."""
    return _opening(drop.dropped, open_effect, messages.share.OPENING, services, [], effect, run)


def _opening(
    event: Any,
    handler: Any,
    waits: str,
    services: Services,
    given: list[Any],
    effect: gr.Dropdown,
    run: gr.State,
) -> Any:
    """Let an event bring an effect, which the page then shows where it edits."""
    begun = event(
        bound(handler, services),
        given,
        [effect, run],
        trigger_mode="multiple",
        api_visibility="private",
        show_progress="hidden",
        js=wait_begins(WAIT, waits, len(given)),
    )
    wait_ends(WAIT, begun)
    begun.success(None, None, None, js=go_to("edit"), api_visibility="private")
    return begun
