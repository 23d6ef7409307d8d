"""What is on the desk of the Edit tab: photos, how they are edited, and what a person did to each by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from editor.editing.frames import Frame
from editor.workspace.download_names import DEFAULT_NAMES, NamePattern
from editor.workspace.edit_progress import EditProgress
from editor.workspace.photos import UNDO_STEPS, EditSettings, MaskMode, Photo


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
    """Undo history of one photo.

    Attributes:
        done: All marks up to now, the present one last. Never empty: the first says that nothing was done.
        undone: Marks that were undone, the next one to be done again last.
    """

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
        progress: How far they are. Of it, what failed and whether it was stopped are kept over a reload.
        names: How their edits are called where they are saved.
    """

    photos: tuple[Photo, ...] = ()
    shown: int = 0
    settings: EditSettings | None = None
    steps: dict[Path, Steps] = field(default_factory=dict)
    progress: EditProgress = EditProgress()
    names: NamePattern = DEFAULT_NAMES

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
        progress = self.progress.without_failures([photo.path])
        return replace(self, photos=photos, shown=shown, steps=steps, progress=progress)

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
        progress = replace(self.progress.without_failures([photo.path for photo in self.photos]), is_stopped=False)
        return replace(self, settings=settings, steps=steps, progress=progress)
