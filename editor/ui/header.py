"""The header: the one effect that all tabs show, a new one, and what to do next."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.effect_picker import effect_picker, selected
from editor.ui.components.html import from_template
from editor.ui.components.mode import mode_switch
from editor.ui.components.next_step import next_step_line
from editor.ui.handlers import bound
from editor.ui.theme import ASSETS
from editor.workspace import Services, Visitors


class Header(NamedTuple):
    """What the rest of the page connects to."""

    effect: gr.Dropdown
    next_step: gr.HTML
    created: Any  # event after which the page refreshes


def create(services: Services, name: str) -> tuple[Any, str]:
    """Make an effect and select it."""
    return selected(services, services.workspace.create_effect(name or "").slug), ""


def build(services: Services | Visitors) -> Header:
    """Lay out the header and connect what happens inside it."""
    with gr.Row(elem_classes="pb-header"):
        gr.HTML(_brand(), elem_id="brand", min_width=200)
        with gr.Row(elem_classes="pb-effects"):
            effect = effect_picker()
            with gr.Row(elem_classes="pb-new"):
                name = gr.Textbox(
                    label=messages.app.NEW_EFFECT,
                    placeholder=messages.app.NEW_EFFECT_HINT,
                    max_lines=1,
                    container=False,
                    elem_id="effect-name",
                    min_width=120,
                )
                button = gr.Button(messages.app.CREATE_EFFECT, size="sm", elem_id="effect-create", min_width=70)
        mode_switch()
    next_step = next_step_line()
    created = gr.on(
        [button.click, name.submit],
        bound(create, services),
        name,
        [effect, name],
        api_name="create_effect",
        show_progress="hidden",
    )
    return Header(effect, next_step, created)


def _brand() -> Markup:
    logo = Markup((ASSETS / "logo.svg").read_text(encoding="utf-8"))  # a file of ours
    return from_template("brand", logo=logo)
