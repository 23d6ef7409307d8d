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
from editor.ui.tabs.edit.handlers import meant, ready, uploaded, version_of
from editor.workspace import DownloadItem, Services


def export_shown(services: Services, desk: Desk, run: str | None, format: str) -> dict[str, str]:
    """Return the shown edit as a file, which `edit_file.js` saves."""
    desk = ready(services, desk, run)
    path = services.downloads.picture(DownloadItem(desk.photo, desk.brush, desk.corrected), desk.settings, format)
    return _file(path)


def export_all(services: Services, desk: Desk, run: str | None, format: str) -> tuple[dict[str, str], Any]:
    """Return all edits in one zip file, and what could not be edited."""
    desk = ready(services, desk, run)
    photos = [DownloadItem(photo, desk.brushes.get(photo.path), desk.correction(photo)) for photo in desk.photos]
    path, problems = services.downloads.archive(photos, desk.settings, format)
    return _file(path), note(problems, kind="bad", title=messages.edit.NOT_IN_ZIP) if problems else gr.skip()


def retouch(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> Shown:
    """Take what the person painted on an edit."""
    desk = ready(services, desk, run)
    painted = meant(services, desk, event)
    corrected = services.editing.save_correction(painted.photo, uploaded(services, event), is_painted=True)
    return show(services, replace(painted.with_correction(corrected), shown=desk.shown))


def correct(services: Services, desk: Desk, run: str | None, file: str | None) -> tuple[Any, ...]:
    """Take a picture that the person corrected elsewhere in place of the shown edit, and empty the place for files."""
    desk = ready(services, desk, run)
    if not file:
        return *(gr.skip() for _ in Shown._fields), None
    corrected = services.editing.save_correction(desk.photo, Path(file))
    return *show(services, desk.with_correction(corrected)), None


def undo(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> Shown:
    """Take back the last correction of a photo."""
    desk = ready(services, desk, run)
    return show(services, replace(meant(services, desk, event).undone(), shown=desk.shown))


def add_pair(services: Services, desk: Desk, run: str | None) -> str:
    """Add the shown photo and its edit, corrected or not, to the pairs of the effect."""
    desk = ready(services, desk, run)
    effect = _effect(services, desk.settings.run)
    edited = desk.corrected or services.editing.edit(desk.photo, desk.settings, desk.brush).after
    added = services.library.add_corrected_pair(effect, source=desk.photo.path, edited=edited, name=desk.photo.name)
    title = messages.edit.pair_added(added.name, added.replaced, len(services.workspace.pairs(effect)))
    return note([messages.edit.THEN_CONTINUE], kind="good", title=title)


def continue_warm(services: Services, run: str | None, minutes: float | None) -> str:
    """Begin a run on all pairs of the effect, the new ones too, that starts from what this run knows."""
    version_of(services, run)  # raises if it knows nothing
    config = services.training.open(run).config
    services.training.start(_effect(services, run), config, minutes, warm_from=run)
    return note([], kind="good", title=messages.edit.WARM_STARTED)


def _effect(services: Services, run: str) -> str:
    slug = services.training.open(run).effect_slug
    if slug not in {effect.slug for effect in services.workspace.effects()}:
        raise mistake(messages.edit.NO_EFFECT_OF_RUN)
    return slug


def _file(path: Path) -> dict[str, str]:
    return {"url": address(path), "name": path.name}
