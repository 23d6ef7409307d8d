"""What an event of the Edit tab needs before it can be carried out: a photo, a run with weights, an upload."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gradio as gr

from editor.ui import messages
from editor.ui.handlers import mistake
from editor.ui.inputs import sent
from editor.workspace import EditSettings, EditState, Services


def uploaded(services: Services, event: gr.EventData) -> Path:
    """Return the file that a page uploaded and names in an event."""
    (path,) = sent(event._data, path=str)
    if not services.workspace.is_upload(Path(path)):
        raise mistake(messages.errors.STALE_PAGE)
    return Path(path)


def with_photo_of(services: Services, state: EditState, event: gr.EventData) -> EditState:
    """Return the state with the photo shown that an event of the viewer is about: another may be shown by now.

    Raises:
        gr.Error: It is gone.
    """
    (path,) = sent(event._data, photo=str)
    for photo in services.editing.touch(state.photos):
        if str(photo.path) == path:
            return replace(state, shown=state.photos.index(photo))
    raise mistake(messages.edit.PHOTO_GONE)


def editable(services: Services, state: EditState, run: str | None) -> EditState:
    """Return a state with a photo, and with settings to edit it, though the run may have had no weights until now.

    Raises:
        gr.Error: There is no photo, no run, or it has learned nothing yet.
    """
    if state.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    return state if state.settings else replace(state, settings=settings_for(services, state, run))


def require_weights(services: Services, run: str | None) -> int:
    """Return the version of the weights of a run.

    Raises:
        gr.Error: There is no run, or it has learned nothing yet.
    """
    version = services.editing.version(run) if run else 0
    if not version:
        raise mistake(messages.common.NO_WEIGHTS if run else messages.edit.NO_RUN_TO_EDIT)
    return version


def settings_for(services: Services, state: EditState, run: str | None) -> EditSettings:
    """Return the settings of the state for a run and what it knows now; a reference belongs to one run."""
    version = require_weights(services, run)
    settings = state.settings or EditSettings(run=run)
    reference = settings.reference if settings.run == run else None
    return replace(settings, run=run, version=version, reference=reference)
