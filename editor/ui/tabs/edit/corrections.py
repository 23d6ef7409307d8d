"""What a person corrects in an edit, and how a corrected edit becomes a pair to learn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import note
from editor.ui.handlers import mistake
from editor.ui.inputs import number
from editor.ui.tabs.edit.checks import editable, require_weights, uploaded, with_photo_of
from editor.ui.tabs.edit.state import Shown, show
from editor.workspace import EditState, Services, Steps


def retouch(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Take what the person painted on an edit."""
    state = editable(services, state, run)
    painted = with_photo_of(services, state, event)
    corrected = services.editing.save_correction(painted.photo, uploaded(services, event), is_painted=True)
    return show(services, replace(painted.with_correction(corrected), shown=state.shown))


def correct(services: Services, state: EditState, run: str | None, file: str | None) -> tuple[Any, ...]:
    """Take a picture that the person corrected elsewhere in place of the shown edit, and empty the place for files."""
    state = editable(services, state, run)
    if not file:
        return *(gr.skip() for _ in Shown._fields), None
    corrected = services.editing.save_correction(state.photo, Path(file))
    return *show(services, state.with_correction(corrected)), None


def undo(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Take back the last stroke, or other correction, of a photo."""
    return _moved(services, state, run, event, Steps.back)


def redo(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Do again what `undo` took back last."""
    return _moved(services, state, run, event, Steps.forth)


def _moved(
    services: Services, state: EditState, run: str | None, event: gr.EventData, move: Callable[[Steps], Steps]
) -> Shown:
    state = editable(services, state, run)
    meant = with_photo_of(services, state, event)
    return show(services, replace(meant.with_history(move(meant.history(meant.photo))), shown=state.shown))


def add_pair(services: Services, state: EditState, run: str | None) -> str:
    """Add the shown photo and its edit, corrected or not, to the pairs of the effect."""
    state = editable(services, state, run)
    effect = _effect(services, state.settings.run)
    edited = state.corrected or services.editing.edit(state.photo, state.settings, state.brush).after
    added = services.library.add_corrected_pair(effect, source=state.photo.path, edited=edited, name=state.photo.name)
    title = messages.edit.pair_added(added.name, added.replaced, len(services.workspace.pairs(effect)))
    return note([messages.edit.THEN_CONTINUE], kind="good", title=title)


def continue_warm(services: Services, run: str | None, minutes: str | float | None) -> str:
    """Begin a run on all pairs of the effect, the new ones too, that starts from what this run knows."""
    require_weights(services, run)  # raises if it knows nothing
    config = services.training.open(run).config
    started = services.training.start(_effect(services, run), config, number(minutes), warm_from=run)
    is_waiting = services.training.listing().place_of(started) is not None
    return note([], kind="good", title=messages.edit.WARM_QUEUED if is_waiting else messages.edit.WARM_STARTED)


def _effect(services: Services, run: str) -> str:
    slug = services.training.open(run).effect_slug
    if slug not in {effect.slug for effect in services.workspace.effects()}:
        raise mistake(messages.edit.NO_EFFECT_OF_RUN)
    return slug
