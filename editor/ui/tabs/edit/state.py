"""The state of one page's Edit tab: its photos, how they are edited, and what the page shows of them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import address, note
from editor.ui.tabs.edit.thumbnail_rows import photo_row
from editor.workspace import UNDO_STEPS, EditedPhoto, EditSettings, Frame, MaskMode, Photo, Services


class Mark(NamedTuple):
    """What a person did to one photo by hand.

    Attributes:
        brush: Where it may change, white on black.
        corrected: What they made of its edit; None where it is as the editor made it, for instance since the strength
            was changed.
        frames: The squares of the photo that are edited instead of all of it.
        scope: Where photos could change then; None where that does not belong to this step.
    """

    brush: Path | None = None
    corrected: Path | None = None
    frames: tuple[Frame, ...] = ()
    scope: MaskMode | None = None


class Steps(NamedTuple):
    """The history of one photo: all marks up to now, of which the first is none, and those that were undone."""

    done: tuple[Mark, ...] = (Mark(),)
    undone: tuple[Mark, ...] = ()

    @property
    def now(self) -> Mark:
        """The present one."""
        return self.done[-1]

    def then(self, mark: Mark) -> Steps:
        """Return the history with one more step, unless it changes nothing. What was undone is forgotten."""
        return self if mark == self.now else Steps((*self.done, mark)[-UNDO_STEPS - 1 :])

    def back(self) -> Steps:
        """Return the history with its last step undone."""
        return Steps(self.done[:-1], (*self.undone, self.now)) if len(self.done) > 1 else self

    def forth(self) -> Steps:
        """Return the history with the step done again that was undone last."""
        return Steps((*self.done, self.undone[-1]), self.undone[:-1]) if self.undone else self


@dataclass(frozen=True)
class EditState:
    """Everything that one page edits. Never changed, only replaced.

    Attributes:
        photos: The photos.
        shown: Index of the one that is shown large.
        settings: How they are edited; None before there was a run to edit with.
        steps: What was done to them by hand, by their paths.
    """

    photos: tuple[Photo, ...] = ()
    shown: int = 0
    settings: EditSettings | None = None
    steps: dict[Path, Steps] = field(default_factory=dict)

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown large."""
        return self.photos[self.shown] if self.photos else None

    def without(self, photo: Photo) -> EditState:
        """Return the state without one of its photos; if it was shown, the next one is."""
        index = self.photos.index(photo)
        photos = (*self.photos[:index], *self.photos[index + 1 :])
        shown = min(self.shown - (index < self.shown), max(len(photos) - 1, 0))
        steps = {path: steps for path, steps in self.steps.items() if path != photo.path}
        return replace(self, photos=photos, shown=shown, steps=steps)

    def only(self, photos: Sequence[Photo]) -> EditState:
        """Return the state with some of its photos; the first of them is shown if the shown one is not among them."""
        shown = photos.index(self.photo) if self.photo in photos else 0
        return replace(self, photos=tuple(photos), shown=shown)

    def history(self, photo: Photo) -> Steps:
        """Return what was done to a photo by hand."""
        return self.steps.get(photo.path, Steps())

    @property
    def brushes(self) -> dict[Path, Path]:
        """Where photos may change, by their paths: what a person brushed."""
        return {path: steps.now.brush for path, steps in self.steps.items() if steps.now.brush}

    @property
    def brush(self) -> Path | None:
        """Where it may change."""
        return self.history(self.photo).now.brush if self.photo else None

    @property
    def corrected(self) -> Path | None:
        """What the person made of its edit."""
        return self.correction(self.photo) if self.photo else None

    def correction(self, photo: Photo) -> Path | None:
        """Return what the person made of the edit of a photo, if it is not as the editor made it."""
        return self.history(photo).now.corrected

    def with_history(self, steps: Steps) -> EditState:
        """Return the state with another history of the shown photo, and what it says of where photos may change."""
        scope = steps.now.scope
        settings = replace(self.settings, mask=scope) if scope and self.settings else self.settings
        photos = list(self.photos)
        photos[self.shown] = self.photo._replace(frames=steps.now.frames)
        return replace(self, photos=tuple(photos), steps={**self.steps, self.photo.path: steps}, settings=settings)

    def with_correction(self, corrected: Path | None) -> EditState:
        """Return the state with another picture, or none, in place of the shown edit."""
        history = self.history(self.photo)
        return self.with_history(history.then(history.now._replace(corrected=corrected, scope=None)))

    def with_brush(self, brush: Path) -> EditState:
        """Return the state in which the shown photo, without corrections, may change only where the person brushed."""
        history = self.history(self.photo)
        start = history._replace(done=(*history.done[:-1], history.now._replace(scope=self.settings.mask)))
        return self.with_history(start.then(Mark(brush, frames=self.photo.frames, scope="brushed")))

    def with_frames(self, frames: tuple[Frame, ...]) -> EditState:
        """Return the state in which these squares of the shown photo are edited, or all of it if there are none."""
        history = self.history(self.photo)
        return self.with_history(history.then(history.now._replace(frames=frames, corrected=None, scope=None)))

    def with_settings(self, **changes: Any) -> EditState:
        """Return the state with other settings, and the shown photo without corrections."""
        cleared = self.with_correction(None) if self.corrected else self
        return replace(cleared, settings=replace(self.settings, **changes))

    def anew(self, settings: EditSettings | None) -> EditState:
        """Return the state with other settings and all photos without corrections."""
        steps = {path: old.then(old.now._replace(corrected=None)) for path, old in self.steps.items()}
        return replace(self, settings=settings, steps=steps)


class Shown(NamedTuple):
    """What handlers return, in this order."""

    state: EditState
    viewer: dict[str, Any] | None
    strip: str
    note: str


def show(services: Services, state: EditState, problems: list[str] | None = None) -> Shown:
    """Edit the shown photo and return the state and what the page shows of it. Photos that are gone are named.

    Args:
        services: The one object to ask.
        state: The photos and their settings.
        problems: Sentences about photos that could not be opened.
    """
    problems = problems or []
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
        title = messages.edit.edit_done(*result.size, result.seconds, result.references)
        outside = messages.edit.outside(result.change_outside, result.jpeg_outside)
    if state.photo.transparent:
        outside = [*outside, messages.edit.transparent(state.photo.backdrop_name)]
    report = note([*problems, *outside], kind="bad" if problems else "good", title=title)
    return Shown(state, _viewer(state, result), strip(services, state), report)


def nothing_new() -> Shown:
    """Return what changes nothing on the page."""
    return Shown(*(gr.skip() for _ in Shown._fields))


def preview(services: Services, state: EditState) -> dict[str, Any]:
    """Return a small, quick edit of the shown photo, while a control is being moved."""
    data = base64.b64encode(services.editing.preview(state.photo, state.settings, state.brush)).decode()
    return {"preview": f"data:image/jpeg;base64,{data}", "photo": str(state.photo.path)}


def strip(services: Services, state: EditState) -> str:
    """Return the thumbnails of all photos, edited as far as they are."""
    if len(state.photos) < 2 or state.settings is None:
        return ""
    pictures = [
        services.workspace.thumbnail(corrected)
        if (corrected := state.correction(photo))
        else services.editing.thumbnail(photo, state.settings, state.brushes.get(photo.path), is_wanted=False)
        for photo in state.photos
    ]
    return photo_row(state.photos, pictures, state.shown)


def _unedited(state: EditState) -> dict[str, Any]:
    photo, count = state.photo, len(state.photos)
    return {"photo": str(photo.path), "name": photo.name, "before": address(photo.path), "after": None, "count": count}


def _viewer(state: EditState, result: EditedPhoto) -> dict[str, Any]:
    """Return what `edit_stage.js` shows."""
    return {
        **_unedited(state),
        "after": address(state.corrected or result.after),
        "area": address(result.area),
        "heat": address(result.heat) if result.heat else None,
        "frames": state.photo.frames,
        "heatTitle": messages.edit.heat_title(result.heat_max),
        "strength": round(100 * state.settings.strength),
        "scope": state.settings.mask,
        "canUndo": len(state.history(state.photo).done) > 1,
        "canRedo": bool(state.history(state.photo).undone),
    }
