"""What becomes of an edit: a file to keep, or a pair to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import address, note
from editor.ui.handlers import mistake
from editor.ui.tabs.edit.desk import Desk, Shown, show
from editor.ui.tabs.edit.handlers import uploaded
from editor.workspace import PhotoToKeep, Services


def export_shown(services: Services, desk: Desk, format: str) -> dict[str, str]:
    """Return the shown edit as a file, which `edit_file.js` saves."""
    _require_edit(desk)
    path = services.export.picture(PhotoToKeep(desk.photo, desk.brush, desk.corrected), desk.settings, format)
    return _file(path)


def export_all(services: Services, desk: Desk, format: str) -> tuple[dict[str, str], Any]:
    """Return all edits in one zip file, and what could not be edited."""
    _require_edit(desk)
    photos = [PhotoToKeep(photo, desk.brushes.get(photo.path), desk.correction(photo)) for photo in desk.photos]
    path, problems = services.export.archive(photos, desk.settings, format)
    return _file(path), note(problems, kind="bad", title=messages.NOT_IN_ZIP) if problems else gr.skip()


def retouch(services: Services, desk: Desk, event: gr.EventData) -> Shown:
    """Take what the person painted on the shown edit."""
    _require_edit(desk)
    corrected = services.editing.keep_correction(desk.photo, uploaded(services, event))
    return show(services, desk.with_correction(corrected))


def correct(services: Services, desk: Desk, file: str | None) -> tuple[Any, ...]:
    """Take a picture that the person corrected elsewhere in place of the shown edit, and empty the place for files."""
    _require_edit(desk)
    if not file:
        return *(gr.skip() for _ in Shown._fields), None
    corrected = services.editing.keep_correction(desk.photo, Path(file))
    return *show(services, desk.with_correction(corrected)), None


def undo(services: Services, desk: Desk) -> Shown:
    """Take back the last correction of the shown photo."""
    _require_edit(desk)
    return show(services, desk.undone())


def add_pair(services: Services, desk: Desk) -> str:
    """Add the shown photo and its edit, corrected or not, to the pairs of the effect."""
    _require_edit(desk)
    effect = _effect(services, desk)
    edited = desk.corrected or services.editing.edit(desk.photo, desk.settings, desk.brush).after
    added = services.library.add_corrected_pair(effect, source=desk.photo.path, edited=edited, name=desk.photo.name)
    title = messages.pair_added(added.name, added.replaced, len(services.workspace.pairs(effect)))
    return note([messages.THEN_CONTINUE], kind="good", title=title)


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
