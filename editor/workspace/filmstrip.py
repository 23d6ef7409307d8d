"""How far the photos of the Edit tab are: edited one after another, with what failed and the time that is left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from editor.editing.errors import EditorError
from editor.errors import UserError
from editor.image_files import ImageError
from editor.workspace.clips import Clips
from editor.workspace.edit_state import EditState
from editor.workspace.editing import Editing
from editor.workspace.photos import Photo
from editor.workspace.workspace import Workspace

PAGE_SIZE = 48  # photos in the filmstrip at once: with hundreds, the page would be slow


class Filmstrip:
    """Makes the small edits of all photos. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, editing: Editing, clips: Clips) -> None:
        self._workspace = workspace
        self._editing = editing
        self._clips = clips

    def page(self, state: EditState) -> range:
        """Return the indices of the photos around the shown one that the filmstrip shows."""
        first = state.shown // PAGE_SIZE * PAGE_SIZE
        return range(first, min(first + PAGE_SIZE, len(state.photos)))

    def pictures(self, state: EditState) -> list[Path | None]:
        """Return a small picture of the edit of each photo; None where that is still to be made, or failed."""
        return [self._picture(state, photo, is_wanted=False) for photo in state.photos]

    def waiting(self, state: EditState) -> list[Photo]:
        """Return the photos that are still to be edited: those on the page of the filmstrip first."""
        pictures, page = self.pictures(state), self.page(state)
        order = [*page, *range(page.start), *range(page.stop, len(state.photos))]
        found = [state.photos[index] for index in order if pictures[index] is None]
        return [photo for photo in found if photo.path not in state.progress.failed]

    def edit_next(self, state: EditState) -> tuple[EditState, str]:
        """Edit the next photo that waits, and return the state and a sentence on why no other can be edited, or "".

        A photo that cannot be edited stops no other one. What would stop all of them stops at once: a full disk, or a
        run that is gone.
        """
        progress = state.progress
        waiting = self.waiting(state) if state.settings and not progress.is_stopped else []
        if not waiting:
            return state, ""
        photo, start, sentence = waiting[0], time.perf_counter(), ""
        try:
            self._picture(state, photo, is_wanted=True)
        except (ImageError, EditorError) as error:
            progress = progress.with_failure(photo.path, photo.name, str(error))
        except UserError as error:
            progress, sentence = replace(progress, is_stopped=True), str(error)
        return replace(state, progress=progress.stepped(time.perf_counter() - start)), sentence

    def make_shown(self, state: EditState) -> None:
        """Make the small picture of the shown photo, whose large edit is there.

        Raises:
            UserError: It cannot be edited.
        """
        self._picture(state, state.photo, is_wanted=True)

    def open_again(self, state: EditState, path: Path) -> EditState:
        """Return the state in which something that failed is tried once more.

        Args:
            state: What is there.
            path: Of a photo, or of a file that was dropped and could not be opened.
        """
        failure, progress = state.progress.failed[path], state.progress.without_failures([path])
        if path in {photo.path for photo in state.photos}:
            return replace(state, progress=replace(progress, is_stopped=False).stepped(None))
        return self.opened(replace(state, progress=progress), [(path, failure.name)])[0]

    def opened(self, state: EditState, files: Sequence[tuple[Path, str | None]]) -> tuple[EditState, list[str]]:
        """Open files and return the state with their photos behind the others, and a sentence for each that failed.

        Args:
            state: What is there.
            files: Each with what the person calls it.
        """
        opened, problems, progress = [], [], state.progress
        for path, name in files:
            try:
                is_clip = self._clips.is_clip(path, name or path.name)
                opened.append((self._clips.open if is_clip else self._editing.open_photo)(path, name or path.name))
            except UserError as error:
                problems.append(str(error))
                progress = progress.with_failure(path, name or path.name, str(error))
        return replace(state, photos=(*state.photos, *opened), progress=progress), problems

    def _picture(self, state: EditState, photo: Photo, *, is_wanted: bool) -> Path | None:
        if corrected := state.correction(photo):
            return self._workspace.thumbnail(corrected)
        brush = state.brushes.get(photo.path)
        return self._editing.thumbnail(photo, state.settings, brush, is_wanted=is_wanted)
