"""The desk of the Edit tab on disk: a reload, another window and a restart find the photos and all done to them.

    WORKSPACE/desk.json           which photos, how they are edited and called, what was done to each by hand, and what
                                  failed
    WORKSPACE/cache/edits/ID/     one photo each, with strokes and edits, see `editing`

What was not used for a day is deleted. Of several windows, the one that changed something last decides.
"""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from editor.config import MAX_SEED
from editor.editing.editor import MAX_STRENGTH
from editor.editing.errors import EditorError
from editor.editing.frames import Frame, require_frames
from editor.editing.loading import Weights
from editor.editing.references import ReferenceChoice
from editor.image_files import ImageError, picture_size
from editor.json_files import JsonFileError, JsonFormat
from editor.transparency import NAMES, Color
from editor.validation import Count, FilePath, Text, between
from editor.workspace.download_names import DEFAULT_NAMES, NamePattern
from editor.workspace.edit_progress import EditProgress, Failure
from editor.workspace.edit_state import EditState, Mark, Steps
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.photos import EditSettings, MaskMode, Photo
from editor.workspace.workspace import Workspace

KEPT_SECONDS = 24 * 3600.0
FORMAT = JsonFormat()
logger = logging.getLogger(__name__)


class _Checked(BaseModel):
    model_config = ConfigDict(strict=True)


class SavedSettings(_Checked):
    """The fields of `EditSettings`."""

    run: Text
    version: Annotated[int, between(0, 2**63)]
    weights: Weights
    reference: Text | None
    choice: ReferenceChoice
    seed: Annotated[int, between(0, MAX_SEED)]
    strength: Annotated[float, between(0, MAX_STRENGTH)]
    mask: MaskMode


class SavedMark(_Checked):
    """The fields of `Mark`; files are named from the folder of all photos on."""

    brush: FilePath | None = None
    corrected: FilePath | None = None
    frames: list[Annotated[list[Count], Field(min_length=3, max_length=3)]] = []
    scope: MaskMode | None = None


class SavedPhoto(_Checked):
    """The fields of `Photo`, and its `Steps`."""

    name: Text
    path: FilePath
    small: FilePath
    source: FilePath
    transparent: FilePath | None = None
    clip: FilePath | None = None
    backdrop: Annotated[list[Annotated[int, between(0, 255)]], Field(min_length=3, max_length=3)]
    done: Annotated[list[SavedMark], Field(min_length=1)]
    undone: list[SavedMark] = []


class SavedFailure(_Checked):
    """The fields of `Failure`, and what it is of."""

    path: FilePath
    name: Text
    sentence: Text


class SavedDesk(_Checked):
    """The fields of `EditState`, and those of its progress that outlive a page."""

    photos: list[SavedPhoto]
    shown: Count
    settings: SavedSettings | None = None
    names: Text = DEFAULT_NAMES.text
    failed: list[SavedFailure] = []
    is_stopped: bool = False


class Desk:
    """Keeps the state of the Edit tab of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Find what an earlier process left, and delete photos that are on no desk any more."""
        self._workspace = workspace
        self._path = workspace.root / "desk.json"
        self._folder = workspace.cache_dir / "edits"
        state = self.load()
        if self._folder.is_dir():
            kept = {photo.path.parent for photo in state.photos}
            for folder in self._folder.iterdir():
                if folder not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    @disk_errors_in_words()
    def save(self, state: EditState) -> None:
        """Keep a state in place of the last one. Its photos stay in the cache until they are on the desk no more.

        Raises:
            WorkspaceError: The disk is full.
        """
        self._keep(state)
        if not state.photos and state.names == DEFAULT_NAMES:
            self._path.unlink(missing_ok=True)
            return
        progress = state.progress
        FORMAT.write(
            self._path,
            {
                "photos": [self._saved(photo, state.history(photo)) for photo in state.photos],
                "shown": state.shown,
                "settings": None if state.settings is None else asdict(state.settings),
                "names": state.names.text,
                "failed": [{"path": str(path), **found._asdict()} for path, found in progress.failed.items()],
                "is_stopped": progress.is_stopped,
            },
        )

    def load(self) -> EditState:
        """Return the state that was saved last: an empty one where that is damaged, or was not used for a day."""
        try:
            saved = FORMAT.read_as(SavedDesk, self._path)
            age = time.time() - self._path.stat().st_mtime
        except FileNotFoundError:
            return EditState()
        except JsonFileError as error:  # nothing is lost that could not be dropped once more
            logger.warning("%s The desk is empty now.", error)
            self._path.unlink()
            return EditState()
        if age > KEPT_SECONDS:
            state = EditState()
            self.save(state)
            return state
        state = self._state(saved)
        self._keep(state)
        self._path.touch()
        return state

    def _keep(self, state: EditState) -> None:
        self._workspace.keep_cache_folders("edits", {photo.path.parent for photo in state.photos})

    def _state(self, saved: SavedDesk) -> EditState:
        photos, steps = [], {}
        for item in saved.photos:
            path, small = self._place(item.path), self._place(item.small)
            parts = [self._place(part) for part in (item.transparent, item.clip) if part]
            if path is None or small is None or None in parts:
                continue
            history = Steps(*(tuple(self._mark(mark, path) for mark in marks) for marks in (item.done, item.undone)))
            backdrop: Color = tuple(item.backdrop)  # type: ignore[assignment]
            transparent = self._place(item.transparent) if item.transparent and backdrop in NAMES else None
            clip, frames = self._place(item.clip), history.now.frames
            photos.append(Photo(item.name, path, small, Path(item.source), transparent, backdrop, frames, clip))
            if history != Steps():
                steps[path] = history
        settings = EditSettings(**saved.settings.model_dump()) if saved.settings else None
        shown = min(saved.shown, max(len(photos) - 1, 0))
        progress = EditProgress(self._failed(saved), saved.is_stopped)
        return EditState(tuple(photos), shown, settings, steps, progress, _names(saved))

    def _failed(self, saved: SavedDesk) -> dict[Path, Failure]:
        """Return what failed and can be tried again: a file that was dropped is gone after a restart."""
        failed = {Path(item.path): Failure(item.name, item.sentence) for item in saved.failed}
        return {path: failure for path, failure in failed.items() if self._workspace.is_upload(path)}

    def _mark(self, saved: SavedMark, photo: Path) -> Mark:
        """Return a mark without what its photo has lost."""
        frames = tuple(Frame(*frame) for frame in saved.frames)
        try:
            if frames:
                require_frames(frames, picture_size(photo))
        except (EditorError, ImageError):
            frames = ()
        return Mark(self._place(saved.brush), self._place(saved.corrected), frames, saved.scope)

    def _place(self, name: str | None) -> Path | None:
        """Return a file in the folder of all photos; None where there is none of that name in there."""
        path = self._folder / name if name else None
        is_ours = path is not None and path.resolve().is_relative_to(self._folder.resolve()) and path.is_file()
        return path if is_ours else None

    def _name(self, path: Path | None) -> str | None:
        return path.relative_to(self._folder).as_posix() if path else None

    def _saved(self, photo: Photo, steps: Steps) -> dict[str, object]:
        done, undone = (
            [
                {
                    "brush": self._name(mark.brush),
                    "corrected": self._name(mark.corrected),
                    "frames": [list(frame) for frame in mark.frames],
                    "scope": mark.scope,
                }
                for mark in marks
            ]
            for marks in steps
        )
        return {
            "name": photo.name,
            "path": self._name(photo.path),
            "small": self._name(photo.small),
            "source": str(photo.source),
            "transparent": self._name(photo.transparent),
            "clip": self._name(photo.clip),
            "backdrop": list(photo.backdrop),
            "done": done,
            "undone": undone,
        }


def _names(saved: SavedDesk) -> NamePattern:
    try:
        return NamePattern(saved.names)
    except WorkspaceError:
        return DEFAULT_NAMES
