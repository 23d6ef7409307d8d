"""What lies on one person's desk in the Edit tab: photos, how they are edited, and what the page shows of it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from editor.ui import messages
from editor.ui.components.html import address, note
from editor.ui.tabs.edit.strips import photo_strip
from editor.workspace import UNDO_STEPS, EditedPhoto, EditSettings, Photo, Services


@dataclass(frozen=True)
class Desk:
    """Everything that one page edits. Never changed, only replaced.

    Attributes:
        photos: The photos.
        shown: Index of the one that is shown large.
        settings: How they are edited; None before there was a run to edit with.
        brushes: Where photos may change, by their paths: what a person brushed, white on black.
        corrections: What a person made of edits, by the paths of the photos: all that was, the newest last, so that
            each step can be undone; None where there was none, for instance since the strength was changed.
    """

    photos: tuple[Photo, ...] = ()
    shown: int = 0
    settings: EditSettings | None = None
    brushes: dict[Path, Path] = field(default_factory=dict)
    corrections: dict[Path, tuple[Path | None, ...]] = field(default_factory=dict)

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown large."""
        return self.photos[self.shown] if self.photos else None

    def only(self, photos: Sequence[Photo]) -> Desk:
        """Return the desk with some of its photos; the first of them is shown if the shown one is not among them."""
        shown = photos.index(self.photo) if self.photo in photos else 0
        return replace(self, photos=tuple(photos), shown=shown)

    @property
    def brush(self) -> Path | None:
        """Where it may change."""
        return self.brushes.get(self.photo.path) if self.photo else None

    @property
    def corrected(self) -> Path | None:
        """What the person made of its edit."""
        return self.correction(self.photo) if self.photo else None

    def correction(self, photo: Photo) -> Path | None:
        """Return what the person made of the edit of a photo, if it is not as the editor made it."""
        return self.corrections.get(photo.path, (None,))[-1]

    def with_correction(self, corrected: Path | None) -> Desk:
        """Return the desk with another picture, or none, in place of the shown edit."""
        if corrected == self.corrected:
            return self
        steps = (*self.corrections.get(self.photo.path, ()), corrected)[-UNDO_STEPS:]
        return replace(self, corrections={**self.corrections, self.photo.path: steps})

    @property
    def can_undo(self) -> bool:
        """Whether the person made something of the shown edit, even if it is not shown any more."""
        return any(self.corrections.get(self.photo.path, ())) if self.photo else False

    def undone(self) -> Desk:
        """Return the desk without the last step of `with_correction` on the shown photo."""
        steps = self.corrections.get(self.photo.path, ())[:-1]
        return replace(self, corrections={**self.corrections, self.photo.path: steps or (None,)})

    def with_settings(self, **changes: Any) -> Desk:
        """Return the desk with other settings, and see the edit that they make of the shown photo."""
        return replace(self, settings=replace(self.settings, **changes)).with_correction(None)

    def anew(self, settings: EditSettings | None) -> Desk:
        """Return the desk with all photos as the editor makes them."""
        corrections = {path: (*steps, None) if steps[-1] else steps for path, steps in self.corrections.items()}
        return replace(self, settings=settings, corrections=corrections)


class Shown(NamedTuple):
    """What handlers return, in this order."""

    desk: Desk
    viewer: dict[str, Any] | None
    strip: str
    note: str


def show(services: Services, desk: Desk, problems: list[str] | None = None) -> Shown:
    """Edit the shown photo and return the desk and what the page shows of it. Photos that are gone are named.

    Args:
        services: The one object to ask.
        desk: What lies there.
        problems: Sentences about photos that could not be opened.
    """
    problems = problems or []
    title = messages.edit.NO_PHOTO_OPENED if problems else ""
    there = services.editing.touch(desk.photos)
    if gone := [photo.name for photo in desk.photos if photo not in there]:
        desk, problems = desk.only(there), [*problems, messages.edit.photos_gone(gone)]
    if desk.photo is None:
        return Shown(desk, None, "", note(problems, kind="bad", title=title))
    if desk.settings is None:
        return Shown(desk, _unedited(desk.photo), strip(services, desk), note(problems, kind="bad"))
    result = services.editing.edit(desk.photo, desk.settings, desk.brush)
    if desk.corrected:
        title, outside = messages.edit.CORRECTED, []
    else:
        title = messages.edit.edit_done(*result.size, result.seconds, result.references)
        outside = messages.edit.outside(result.change_outside, result.jpeg_outside)
    told = note([*problems, *outside], kind="bad" if problems else "good", title=title)
    return Shown(desk, _viewer(desk, result), strip(services, desk), told)


def preview(services: Services, desk: Desk) -> dict[str, Any]:
    """Return a quick look at the shown edit, while a control is being moved."""
    data = base64.b64encode(services.editing.preview(desk.photo, desk.settings, desk.brush)).decode()
    return {"preview": f"data:image/jpeg;base64,{data}", "photo": str(desk.photo.path)}


def strip(services: Services, desk: Desk) -> str:
    """Return the thumbnails of all photos, edited as far as they are."""
    if len(desk.photos) < 2 or desk.settings is None:
        return ""
    pictures = [
        services.workspace.thumbnail(corrected)
        if (corrected := desk.correction(photo))
        else services.editing.thumbnail(photo, desk.settings, is_wanted=False)
        for photo in desk.photos
    ]
    return photo_strip([photo.name for photo in desk.photos], pictures, desk.shown)


def _unedited(photo: Photo) -> dict[str, Any]:
    return {"photo": str(photo.path), "name": photo.name, "before": address(photo.path), "after": None}


def _viewer(desk: Desk, result: EditedPhoto) -> dict[str, Any]:
    """Return what `edit_viewer.js` shows."""
    return {
        **_unedited(desk.photo),
        "after": address(desk.corrected or result.after),
        "area": address(result.area),
        "heat": address(result.heat) if result.heat else None,
        "heatTitle": messages.edit.heat_title(result.heat_max),
        "strength": round(100 * desk.settings.strength),
        "scope": desk.settings.mask,
        "canUndo": desk.can_undo,
    }
