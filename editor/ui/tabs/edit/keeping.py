"""What becomes of an edit: a file to keep, or a pair to learn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import address, note
from editor.ui.handlers import mistake
from editor.ui.tabs.edit.desk import Desk, Shown, show
from editor.ui.tabs.edit.handlers import uploaded
from editor.workspace import Services


def export_shown(services: Services, desk: Desk, format: str) -> dict[str, str]:
    """Return the shown edit as a file, which `edit_file.js` saves."""
    _require_edit(desk)
    path = services.export.picture(desk.photo, desk.settings, desk.brush, format, corrected=desk.corrected)
    return _file(path)


def export_all(services: Services, desk: Desk, format: str) -> tuple[dict[str, str], Any]:
    """Return all edits in one zip file, and what could not be edited."""
    _require_edit(desk)
    photos = [(photo, desk.brushes.get(photo.path)) for photo in desk.photos]
    path, problems = services.export.archive(photos, desk.settings, format)
    return _file(path), note(problems, kind="bad", title=messages.NOT_IN_ZIP) if problems else gr.skip()


def retouch(services: Services, desk: Desk, event: gr.EventData) -> Shown:
    """Take what the person painted on the shown edit."""
    _require_edit(desk)
    corrected = services.editing.open_photo(uploaded(services, event), desk.photo.name)
    return show(services, replace(desk, corrected=corrected.path))


def correct(services: Services, desk: Desk, file: str | None) -> Shown:
    """Take a picture that the person corrected elsewhere in place of the shown edit."""
    _require_edit(desk)
    corrected = services.editing.open_photo(Path(file)) if file else None
    return show(services, replace(desk, corrected=corrected.path if corrected else None))


def add_pair(services: Services, desk: Desk) -> str:
    """Add the shown photo and its edit, corrected or not, to the pairs of the effect."""
    _require_edit(desk)
    effect = _effect(services, desk)
    edited = desk.corrected or services.editing.edit(desk.photo, desk.settings, desk.brush).after
    name = services.library.add_corrected_pair(effect, source=desk.photo.path, edited=edited, name=desk.photo.name)
    count = len(services.workspace.pairs(effect))
    return note([messages.THEN_CONTINUE], kind="good", title=messages.pair_added(name, count))


def continue_warm(services: Services, desk: Desk, minutes: float | None) -> str:
    """Begin a run on all pairs of the effect, the new ones too, that starts from what this run knows."""
    if desk.settings is None:
        raise mistake(messages.NO_RUN_TO_EDIT)
    run = desk.settings.run
    config = services.training.open(run).config
    services.training.start(_effect(services, desk), config, minutes, warm_from=run)
    return note([], kind="good", title=messages.WARM_STARTED)


def _effect(services: Services, desk: Desk) -> str:
    slug = services.training.open(desk.settings.run).effect_slug
    if slug not in {effect.slug for effect in services.workspace.effects()}:
        raise mistake(messages.NO_EFFECT_OF_RUN)
    return slug


def _require_edit(desk: Desk) -> None:
    if desk.photo is None or desk.settings is None:
        raise mistake(messages.NO_PHOTO)


def _file(path: Path) -> dict[str, str]:
    return {"url": address(path), "name": path.name}
