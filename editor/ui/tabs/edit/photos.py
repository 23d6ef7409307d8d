"""The photos of the Edit tab: dropped, edited again, edited one after another in the background, and removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.html import note
from editor.ui.handlers import mistake
from editor.ui.inputs import sent
from editor.ui.tabs.edit.checks import settings_for, with_photo_of
from editor.ui.tabs.edit.state import Shown, nothing_new, show, strip
from editor.workspace import EditProgress, EditState, Photo, Services

MAX_PHOTOS = 400
AT_ONCE = 10  # photos in one event of a page: the first are edited while others are still uploaded


def drop(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Open photos and edit the first of them at once. A bad file is named and stops no other."""
    (dropped,) = sent(event._data, files=list)
    files = [sent(file, path=str, name=str) for file in dropped]
    if not all(services.workspace.is_upload(Path(path)) for path, _ in files):
        raise mistake(messages.errors.STALE_PAGE)
    total, unreadable, is_later = sent(
        {"total": len(files), "unreadable": 0, "isLater": False, **event._data}, total=int, unreadable=int, isLater=bool
    )
    problems = [messages.importing.unreadable(unreadable)] if unreadable else []
    if not files:
        if event._data.get("failed"):
            problems = [messages.importing.UPLOAD_FAILED]
        elif total > MAX_PHOTOS:
            problems = [messages.edit.TOO_MANY_PHOTOS.format(limit=MAX_PHOTOS)]
        raise mistake(" ".join(problems) or messages.edit.NOTHING_DROPPED)
    services.editing.touch(state.photos)  # else opening a photo clears away those that were not used for long
    room = MAX_PHOTOS - len(state.photos)
    if len(files) > room:
        problems.append(messages.edit.TOO_MANY_PHOTOS.format(limit=MAX_PHOTOS))
    taken = [(Path(path), PurePosixPath(name).name or None) for path, name in files[:room]]
    after, trouble = services.filmstrip.opened(state, taken)
    return _added(services, state, after, run, [*trouble, *problems], is_later=is_later)


def restore(services: Services) -> tuple[Any, ...]:
    """Return what the page that was open last has left, the seed, and the pattern of names."""
    state = services.desk.load()
    names = state.names.text
    seed = gr.skip() if state.settings is None else state.settings.seed
    if state.settings is not None and state.settings.run not in {run.id for run in services.training.runs()}:
        state = replace(state, settings=None)
    try:
        return *(nothing_new() if state == EditState() else show(services, state)), seed, names
    except UserError as error:  # the run cannot edit any more; the photos are there for another one
        return *show(services, replace(state, settings=None), [str(error)]), seed, names


def edit(services: Services, state: EditState, run: str | None) -> Shown:
    """Edit all photos with the newest weights of the run; the shown one first."""
    if not run:
        raise mistake(messages.edit.NO_RUN_TO_EDIT)
    if state.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    return show(services, state.anew(settings_for(services, state, run)))


def clear(services: Services, state: EditState) -> tuple[Any, ...]:
    """Remove all photos."""
    progress = EditProgress(turn=state.progress.turn + 1)
    return *show(services, EditState(settings=state.settings, progress=progress, names=state.names)), ""


def remove(services: Services, state: EditState, event: gr.EventData) -> Shown:
    """Remove one photo, and show the next one if it was shown; or skip a file that could not be opened."""
    (path,) = sent(event._data, photo=str)
    if Path(path) in state.progress.failed and Path(path) not in {photo.path for photo in state.photos}:
        return _in_strip(services, state, progress=state.progress.without_failures([Path(path)]))
    return show(services, state.without(with_photo_of(services, state, event).photo))


def edit_next(services: Services, state: EditState) -> Shown:
    """Edit the next photo that waits, and return the strip; and all that is shown where a photo is gone."""
    if len(services.editing.touch(state.photos)) < len(state.photos):
        return show(services, replace(state, progress=state.progress.stepped(None)))
    after, trouble = services.filmstrip.edit_next(state)
    if not trouble:
        return _in_strip(services, state, progress=after.progress)
    report = note([trouble], kind="bad", title=messages.edit.NOT_GOING_ON)
    return nothing_new()._replace(state=after, strip=strip(services, after), note=report)


def pause(services: Services, state: EditState, event: gr.EventData) -> Shown:
    """Stop editing the photos that wait, or go on with it."""
    (is_stopped,) = sent(event._data, isStopped=bool)
    return _in_strip(services, state, progress=replace(state.progress, is_stopped=is_stopped).stepped(None))


def retry(services: Services, state: EditState, run: str | None, event: gr.EventData) -> Shown:
    """Try a photo once more that could not be opened or edited."""
    (path,) = sent(event._data, photo=str)
    if Path(path) not in state.progress.failed:
        raise mistake(messages.errors.STALE_PAGE)
    return _added(services, state, services.filmstrip.open_again(state, Path(path)), run, [], is_later=True)


def add_photo(services: Services, state: EditState, run: str | None, photo: Photo) -> Shown:
    """Add a photo that was opened, and show it."""
    return _added(services, state, replace(state, photos=(*state.photos, photo)), run, [], is_later=False)


def _added(
    services: Services, before: EditState, after: EditState, run: str | None, problems: list[str], *, is_later: bool
) -> Shown:
    """Show the first photo that was added; if others of the same drop are there, only add it to the strip."""
    if run and services.editing.version(run):
        after = replace(after, settings=settings_for(services, after, run))
    if is_later and before.photos:
        services.desk.save(after)
        report = note(problems, kind="bad") if problems else gr.skip()
        return nothing_new()._replace(state=after, strip=strip(services, after), note=report)
    if len(after.photos) > len(before.photos):
        after = replace(after, shown=len(before.photos))
    return show(services, after, problems)


def _in_strip(services: Services, state: EditState, *, progress: EditProgress) -> Shown:
    """Return a state with another progress, of which only the filmstrip looks different; save what is worth keeping."""
    before, state = state.progress, replace(state, progress=progress)
    if (before.failed, before.is_stopped) != (progress.failed, progress.is_stopped):
        services.desk.save(state)
    return nothing_new()._replace(state=state, strip=strip(services, state))
