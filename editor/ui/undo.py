"""Undo of one step in the Pairs tab: what the page offers to take back, and how."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import gradio as gr

from editor.pairs.doctor import repair
from editor.ui.components.effect_picker import selected
from editor.workspace import Services


class Undo(NamedTuple):
    """What was done last.

    Attributes:
        kind: What would take it back.
        effect: Slug of the effect.
        names: Of pairs; to rename, the present name and the old one. Of an effect to rename, the old name.
        trash_id: What to restore.
        label: What the button says.
        steps: Of "all": what was done, in this order.
    """

    kind: Literal["restore", "remove", "unalign", "swap", "exchange", "rename", "rename effect", "all"]
    effect: str
    names: tuple[str, ...] = ()
    trash_id: str = ""
    label: str = ""
    steps: tuple[Undo, ...] = ()


def offered(step: Undo) -> tuple[Undo, Any]:
    """Return the step, to be remembered by the page, and the button that takes it back."""
    return step, gr.update(value=step.label, visible=True)


def undo(services: Services, step: Undo | None) -> tuple[None, Any, str, Any]:
    """Take the last step back.

    Returns:
        Nothing to remember, no button, no report of what is no longer so, and the effect to be selected.
    """
    effect = gr.skip()
    if step is not None:
        effect = _back(services, step)
    return None, gr.update(visible=False), "", effect


def _back(services: Services, step: Undo) -> Any:
    library = services.library
    if step.kind == "restore":
        restored = library.restore(step.trash_id)
        if restored.kind == "effect":
            return selected(services, restored.id)
    elif step.kind == "remove":
        library.remove_pairs(step.effect, list(step.names))
    elif step.kind == "rename":
        library.rename_pair(step.effect, *step.names)
    elif step.kind == "rename effect":
        library.rename_effect(step.effect, step.names[0])
    elif step.kind == "all":
        for part in reversed(step.steps):
            _back(services, part)
    elif step.kind == "exchange":
        with services.workspace.using_pairs(step.effect) as store:
            repair.exchange(store, *step.names)
    else:
        with services.workspace.using_pairs(step.effect) as store:
            (repair.undo if step.kind == "unalign" else repair.swap_sides)(store, step.names[0])
    return gr.skip()
