"""Step 1, the panel of all effects: names, copies, deletion, storage, and the trash."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.effect_picker import selected
from editor.ui.components.effects_table import effects_table
from editor.ui.components.html import script
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import sent
from editor.ui.undo import Undo, offered
from editor.workspace import Services


class Panel(NamedTuple):
    """The panel, and whether it is open."""

    html: gr.HTML
    is_open: gr.State


def table(services: Services) -> str:
    """Measure everything and return the panel."""
    effects = services.workspace.effects()
    counts = {}
    for effect in effects:
        try:
            counts[effect.slug] = len(services.workspace.pairs(effect.slug))
        except UserError:  # the page says what is wrong once the effect is opened
            counts[effect.slug] = 0
    library = services.library
    return effects_table(
        effects, counts, services.training.runs(), library.storage(), library.trash(), library.damaged()
    )


def opened(services: Services) -> tuple[str, bool]:
    """Return the panel, and that it is open."""
    return table(services), True


def refresh(services: Services, is_open: bool) -> Any:
    """Measure everything again, if the panel is open."""
    return table(services) if is_open else gr.skip()


def manage(services: Services, effect: str | None, event: gr.EventData) -> tuple[Any, Any, Any, str]:
    """Do what a button of the panel says.

    Returns:
        The list of effects, the step that can be taken back and its button, and the panel.
    """
    action, name = sent(event._data, action=str, name=str)
    library = services.library
    chosen, step, kept = gr.skip(), None, (gr.skip(), gr.skip())
    if action == "open":
        chosen = selected(services, services.workspace.effect(name).slug)
    elif action == "rename":
        (to,) = sent(event._data, to=str)
        old = services.workspace.effect(name).name
        library.rename_effect(name, to)
        chosen = selected(services, effect) if effect else chosen
        step = Undo("rename effect", name, (old,), label=messages.effects.UNDO_RENAME_EFFECT.format(name=old))
    elif action == "duplicate":
        chosen = selected(services, library.duplicate_effect(name).slug)
    elif action == "delete":
        called = services.workspace.effect(name).name
        trash_id = library.delete_effect(name)
        if name == effect:  # the page must never ask for an effect that is gone
            chosen = selected(services, next((other.slug for other in services.workspace.effects()), None))
        step = Undo("restore", name, trash_id=trash_id, label=messages.effects.UNDO_DELETE.format(name=called))
    elif action in ("delete effect", "delete run"):  # what cannot be shown
        trash_id = library.delete_effect(name) if action == "delete effect" else library.delete_run(name)
        label = messages.effects.UNDO_DELETE_DAMAGED.format(name=services.workspace.trash.get(trash_id).name)
        step = Undo("restore", name, trash_id=trash_id, label=label)
    elif action == "restore":
        restored = library.restore(name)
        chosen = gr.skip() if restored.kind == "run" else selected(services, restored.id)
        kept = (None, gr.update(visible=False))  # it may have offered to restore the same
    elif action == "empty":
        library.empty_trash()
        kept = (None, gr.update(visible=False))  # it may have offered to restore what is deleted now
    else:
        raise mistake(messages.errors.STALE_PAGE)
    return chosen, *(offered(step) if step else kept), table(services)


def build(services: Services, effect: gr.Dropdown, undo_step: gr.State, undo_button: gr.Button) -> tuple[Any, Panel]:
    """Lay out the panel and return its event, after which the page refreshes, and the panel itself."""
    with gr.Accordion(messages.effects.MANAGE_LABEL, open=False, elem_id="effects-panel") as accordion:
        panel = gr.HTML(
            js_on_load=script("keep_focus", "actions", words=messages.pairs.LIST_WORDS), elem_id="effects-table"
        )
    is_open = gr.State(False)
    quietly = {"api_visibility": "private", "show_progress": "hidden"}
    accordion.expand(bound(opened, services), None, [panel, is_open], **quietly)
    accordion.collapse(lambda: False, None, is_open, **quietly)
    event = panel.act(
        bound(manage, services),
        effect,
        [effect, undo_step, undo_button, panel],
        trigger_mode="multiple",
        api_name="manage_effects",
        show_progress="hidden",
        js=wait_begins("effects", messages.effects.WAIT, 1),
    )
    wait_ends("effects", event)
    return event, Panel(panel, is_open)
