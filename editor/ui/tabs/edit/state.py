"""What the page of the Edit tab shows of its state: the large picture, the filmstrip, and a note."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import address, note
from editor.ui.components.mode import by_mode
from editor.ui.tabs.edit.thumbnail_rows import photo_row
from editor.workspace import EditedPhoto, EditState, Services, Suggestion


class Shown(NamedTuple):
    """What handlers return, in this order."""

    state: EditState
    viewer: dict[str, Any] | None
    strip: str
    note: str


def show(services: Services, state: EditState, problems: list[str] | None = None) -> Shown:
    """Edit the shown photo, save the state, and return it and what is shown of it. Photos that are gone are named.

    Args:
        services: The one object to ask.
        state: The photos and their settings.
        problems: Sentences about photos that could not be opened.
    """
    shown = _shown(services, state, problems or [])
    services.clips.keep({photo.path for photo in shown.state.photos})
    services.desk.save(shown.state)
    return shown


def _shown(services: Services, state: EditState, problems: list[str]) -> Shown:
    title = messages.edit.NO_PHOTO_OPENED if problems else ""
    there = services.editing.touch(state.photos)
    if gone := [photo.name for photo in state.photos if photo not in there]:
        state, problems = state.only(there), [*problems, messages.edit.photos_gone(gone)]
    if state.photo is None:
        return Shown(state, None, "", note(problems, kind="bad", title=title))
    if state.settings is None:
        return Shown(state, _unedited(state), strip(services, state), note(problems, kind="bad"))
    result = services.editing.edit(state.photo, state.settings, state.brush)
    if state.corrected:
        title, outside = messages.edit.CORRECTED, []
    else:
        title = messages.edit.edit_done(*result.size, result.seconds, result.references, result.pasted)
        outside = [
            by_mode(simple=messages.edit.outside_plain(result.change_outside), expert=levels)
            for levels in messages.edit.outside(result.change_outside, result.jpeg_outside)
        ]
    if state.photo.transparent:
        outside = [*outside, messages.edit.transparent(state.photo.backdrop_name)]
    report = note([*problems, *outside], kind="bad" if problems else "good", title=title)
    if len(state.photos) > 1:
        services.filmstrip.make_shown(state)
    suggestion = services.suggestions.for_photo(state.photo, state.settings)
    return Shown(state, _viewer(state, result, suggestion), strip(services, state), report)


def nothing_new() -> Shown:
    """Return what changes nothing on the page."""
    return Shown(*(gr.skip() for _ in Shown._fields))


def preview(services: Services, state: EditState) -> dict[str, Any]:
    """Return a small, quick edit of the shown photo, while a control is being moved."""
    data = base64.b64encode(services.editing.preview(state.photo, state.settings, state.brush)).decode()
    return {"preview": f"data:image/jpeg;base64,{data}", "photo": str(state.photo.path)}


def strip(services: Services, state: EditState) -> str:
    """Return the filmstrip: the photos around the shown one, and how far all of them are."""
    if len(state.photos) < 2 or state.settings is None:
        return ""
    return photo_row(state, services.filmstrip.pictures(state), services.filmstrip.page(state))


def _unedited(state: EditState) -> dict[str, Any]:
    photo, count = state.photo, len(state.photos)
    return {
        "photo": str(photo.path),
        "name": photo.name,
        "before": address(photo.path),
        "after": None,
        "count": count,
        "isClip": photo.clip is not None,
    }


def _viewer(state: EditState, result: EditedPhoto, suggestion: Suggestion) -> dict[str, Any]:
    """Return what `edit_stage.js` shows."""
    return {
        **_unedited(state),
        "after": address(state.corrected or result.after),
        "area": address(result.area),
        "heat": address(result.heat) if result.heat else None,
        "frames": state.photo.frames,
        "isLarge": suggestion.is_large,
        "suggested": suggestion.frames,
        "heatTitle": messages.edit.heat_title(result.heat_max),
        "strength": round(100 * state.settings.strength),
        "scope": state.settings.mask,
        "canUndo": len(state.history(state.photo).done) > 1,
        "canRedo": bool(state.history(state.photo).undone),
    }
