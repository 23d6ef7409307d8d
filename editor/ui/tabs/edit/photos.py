"""The photos of the Edit tab: dropped, edited again, edited one after another in the background, and removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.handlers import mistake
from editor.ui.inputs import sent
from editor.ui.tabs.edit.checks import settings_for, with_photo_of
from editor.ui.tabs.edit.state import Shown, nothing_new, show, strip
from editor.workspace import EditState, Photo, Services

MAX_PHOTOS = 200


def drop(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Open photos and edit the first of them at once. A bad file is named and stops no other."""
    (dropped,) = sent(event._data, files=list)
    files = [sent(file, path=str, name=str) for file in dropped]
    if not all(services.workspace.is_upload(Path(path)) for path, _ in files):
        raise mistake(messages.errors.STALE_PAGE)
    total, unreadable = sent({"total": len(files), "unreadable": 0, **event._data}, total=int, unreadable=int)
    problems = [messages.importing.unreadable(unreadable)] if unreadable else []
    if not files:
        if event._data.get("failed"):
            problems = [messages.importing.UPLOAD_FAILED]
        elif total > MAX_PHOTOS:
            problems = [messages.edit.TOO_MANY_PHOTOS.format(limit=MAX_PHOTOS)]
        raise mistake(" ".join(problems) or messages.edit.NOTHING_DROPPED)
    opened = []
    services.editing.touch(state.photos)  # else opening a photo clears away those that were not used for long
    for path, name in files:
        if len(state.photos) + len(opened) >= MAX_PHOTOS:
            problems.append(messages.edit.TOO_MANY_PHOTOS.format(limit=MAX_PHOTOS))
            break
        try:
            opened.append(services.editing.open_photo(Path(path), PurePosixPath(name).name or None))
        except UserError as error:
            problems.append(str(error))
    return add_photos(services, state, run, opened, problems)


def restore(services: Services) -> tuple[Any, ...]:
    """Return what the page that was open last has left, and the seed."""
    state = services.desk.load()
    seed = gr.skip() if state.settings is None else state.settings.seed
    if state.settings is not None and state.settings.run not in {run.id for run in services.training.runs()}:
        state = replace(state, settings=None)
    try:
        return *(show(services, state) if state.photos else nothing_new()), seed
    except UserError as error:  # the run cannot edit any more; the photos are there for another one
        return *show(services, replace(state, settings=None), [str(error)]), seed


def edit(services: Services, state: EditState, run: str | None) -> Shown:
    """Edit all photos with the newest weights of the run; the shown one first."""
    if not run:
        raise mistake(messages.edit.NO_RUN_TO_EDIT)
    if state.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    return show(services, state.anew(settings_for(services, state, run)))


def clear(services: Services, state: EditState) -> tuple[Any, ...]:
    """Remove all photos."""
    return *show(services, replace(state, photos=(), shown=0, steps={})), ""


def remove(services: Services, state: EditState, event: gr.EventData) -> Shown:
    """Remove one photo, and show the next one if it was shown."""
    return show(services, state.without(with_photo_of(services, state, event).photo))


def edit_next(services: Services, state: EditState) -> Shown:
    """Edit the next photo that waits, and return the strip; and all that is shown where a photo is gone."""
    if len(services.editing.touch(state.photos)) < len(state.photos):
        return show(services, state)
    for photo in state.photos if state.settings else ():
        brush = state.brushes.get(photo.path)
        if services.editing.thumbnail(photo, state.settings, brush, is_wanted=False) is None:
            services.editing.thumbnail(photo, state.settings, brush, is_wanted=True)
            break
    return nothing_new()._replace(strip=strip(services, state))


def add_photos(
    services: Services, state: EditState, run: str | None, opened: list[Photo], problems: list[str]
) -> Shown:
    """Add photos that were opened and show the first of them; `problems` says which could not be."""
    if run and services.editing.version(run):
        state = replace(state, settings=settings_for(services, state, run))
    if opened:
        photos = (*state.photos, *opened)
        state = replace(state, photos=photos, shown=len(state.photos))
    return show(services, state, problems)
