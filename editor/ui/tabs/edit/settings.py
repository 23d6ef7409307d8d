"""How photos are edited: strength, area, seed, brush, and whether new weights of the run are followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.html import note
from editor.ui.handlers import mistake, seed_from
from editor.ui.inputs import sent
from editor.ui.tabs.edit.checks import editable, uploaded, with_photo_of
from editor.ui.tabs.edit.state import Shown, nothing_new, preview, show
from editor.workspace import EditState, Frame, MaskMode, Services


def drag(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Any:
    """Return a quick edit while the strength is being moved."""
    return preview(services, editable(services, state, run).with_settings(strength=_strength(event)))


def set_strength(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Edit with another strength, at full size."""
    return show(services, editable(services, state, run).with_settings(strength=_strength(event)))


def set_scope(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Change where photos may change."""
    (scope,) = sent(event._data, value=str)
    if scope not in get_args(MaskMode):
        raise mistake(messages.errors.STALE_PAGE)
    return show(services, editable(services, state, run).with_settings(mask=scope))


def set_seed(services: Services, state: EditState, seed: float | None) -> Shown:
    """Edit with another seed: of the noise and, if it is chosen at random, the reference."""
    number = seed_from(seed)
    if state.settings is None:
        return nothing_new()
    return show(services, state.with_settings(seed=number))


def brush(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Let a photo change only where the person brushed."""
    state = editable(services, state, run)
    brushed = with_photo_of(services, state, event)
    drawing = services.editing.save_brush(brushed.photo, uploaded(services, event))
    return show(services, replace(brushed.with_brush(drawing), shown=state.shown))


def set_frames(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Edit these squares of a photo instead of all of it; all of it again if there are none."""
    state = editable(services, state, run)
    framed = with_photo_of(services, state, event)
    (given,) = sent(event._data, frames=list)
    if not all(isinstance(item, list) and [type(number) for number in item] == [int] * 3 for item in given):
        raise mistake(messages.errors.STALE_PAGE)
    frames = tuple(Frame(*item) for item in given)
    services.editing.require_frames(framed.photo, frames)
    return show(services, replace(framed.with_frames(frames), shown=state.shown))


def watch(services: Services, state: EditState, run: str | None) -> tuple[Any, ...]:
    """Edit the shown photo with weights that have come since; nothing is computed where there are none.

    Returns:
        What is shown, whether the newest weights are followed, and the timer.
    """
    unchanged = *nothing_new(), gr.skip(), gr.skip()
    settings = state.settings
    if settings is None or state.photo is None or settings.run != run or state.corrected:
        return unchanged
    try:
        version = services.editing.version(run)
        if (version, "newest") == (settings.version, settings.weights):
            return unchanged
        return *show(services, state.with_settings(version=version, weights="newest")), gr.skip(), gr.skip()
    except UserError as error:  # in the page and not as a toast, since the timer would raise one after another
        state = state.with_settings(weights="chosen")
        report = note([str(error)], kind="bad", title=messages.edit.NOT_FOLLOWED)
        return *nothing_new()._replace(state=state, note=report), False, gr.Timer(active=False)


def set_newest(services: Services, state: EditState, run: str | None, is_on: bool) -> tuple[Any, ...]:
    """Begin or end to follow the newest weights."""
    timer = gr.Timer(active=bool(is_on))
    if state.settings is None or state.photo is None:
        return *nothing_new(), timer
    state = state.with_settings(weights="newest" if is_on else "chosen", version=services.editing.version(run or ""))
    return *show(services, state), timer


def _strength(event: gr.EventData) -> float:
    (percent,) = sent(event._data, value=int)
    if not 0 <= percent <= 150:
        raise mistake(messages.errors.STALE_PAGE)
    return percent / 100
