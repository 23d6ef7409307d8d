"""Many photos and clips: which they are, where their edits go, which of these are there already, and making one."""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from editor.editing.clips import CONTAINERS, OnFrame, edit_clip, first_frame
from editor.editing.editor import Editor, require_strength
from editor.editing.errors import EditorError
from editor.editing.frames import Frame
from editor.files import replace_file
from editor.image_files import SUFFIXES, save_png
from editor.pairs.names import plain

NOTE_NAME = ".pairbrush-edits"  # in a folder of edits: a digest of how they were made


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How all of them are edited, see `Editor.edit`."""

    seed: int = 0
    strength: float = 1.0
    frames: tuple[Frame, ...] = ()
    reference: str | None = None

    def require_possible(self, editor: Editor) -> None:
        """Raise an EditorError if an editor could edit no picture in this manner."""
        require_strength(self.strength)
        if self.reference is not None:
            editor.index(self.reference)


class Task(NamedTuple):
    """A photo or clip, and the file that its edit becomes."""

    photo: Path
    edit: Path

    @property
    def is_clip(self) -> bool:
        """Whether it is a clip, by its name."""
        return self.photo.suffix.lower() in CONTAINERS

    def is_done(self, since: float) -> bool:
        """Return whether the edit is there, newer than its photo and than a moment (of `st_mtime`)."""
        return self.edit.is_file() and self.edit.stat().st_mtime > max(since, self.photo.stat().st_mtime)


class AskedBefore:
    """How edits into a folder were asked for the last time: at another strength or by another run they are others."""

    def __init__(self, output: Path, *about: object) -> None:
        """Compare with what the folder remembers.

        Args:
            output: Folder for the edits.
            about: All that decides what an edit looks like, apart from the photo.
        """
        self._note, self._digest = output / NOTE_NAME, hashlib.sha256(repr(about).encode()).hexdigest().encode()
        self._began = time.time()
        self._is_same = self._note.is_file() and self._note.read_bytes() == self._digest

    @property
    def since(self) -> float:
        """Since when it is the same, as `st_mtime`: older edits were made in another way. Infinite if it is new."""
        return self._note.stat().st_mtime if self._is_same else math.inf

    def remember(self) -> None:
        """Write it down, once there is an edit: since the beginning of this time."""
        if not self._is_same:
            replace_file(self._note, self._digest)
            os.utime(self._note, (self._began, self._began))
            self._is_same = True


def tasks_of(inputs: Sequence[Path], output: Path, *, with_subfolders: bool = False) -> list[Task]:
    """Return a task for each photo or clip, in the order of the inputs and by name within each.

    Args:
        inputs: Photos, folders of photos, and patterns such as photos/*.jpg, which some shells pass on.
        output: Folder for the edits, NAME.png or a clip each. What is in it is not edited again.
        with_subfolders: Whether also those inside a folder are edited, into folders of the same names.

    Raises:
        EditorError: An input has no photos, two edits would have the same name, or an edit would replace its photo.
    """
    photos = _photos(inputs, output, with_subfolders)
    tasks = [
        Task(photo, output / inside.with_suffix(CONTAINERS.get(inside.suffix.lower(), ".png")))
        for photo, inside in photos
    ]
    names = {plain(str(task.edit)) for task in tasks}
    if len(names) < len(tasks):  # some disks take A.png and a.png for one file
        advice = "" if with_subfolders else " Give the folder that holds both, and --subfolders."
        raise EditorError(
            f"Two of the pictures have the same name, so their results would overwrite each other.{advice}"
        )
    for task in tasks:
        if task.edit.resolve() == task.photo.resolve():
            raise EditorError(f"The edit would overwrite {task.photo}. Choose another folder for --output.")
    return tasks


def carry_out(editor: Editor, task: Task, manner: Manner, on_frame: OnFrame = lambda *_: None) -> str:
    """Edit a photo or clip into its file, and return the name of the reference pair.

    All frames of a clip are edited by one reference, that of the first, and with one noise: else an edit flickers.

    Args:
        editor: Who edits.
        task: What.
        manner: How.
        on_frame: See `clips.edit_clip`.

    Raises:
        UserError: It cannot be edited.
        OSError: The edit cannot be written.
    """
    edit = partial(editor.edit, seed=manner.seed, strength=manner.strength, frames=manner.frames)
    result = edit(first_frame(task.photo) if task.is_clip else task.photo, reference=manner.reference)
    task.edit.parent.mkdir(parents=True, exist_ok=True)
    if task.is_clip:
        edit_clip(task.photo, task.edit, lambda frame: edit(frame, reference=result.reference).image, on_frame)
    else:
        save_png(result.image, task.edit)
    return result.reference


def _photos(inputs: Iterable[Path], output: Path, with_subfolders: bool) -> Iterator[tuple[Path, Path]]:
    """Yield each photo with its path inside the folder that was named."""
    for given in inputs:
        if given.is_dir():
            found = _pictures(given.rglob("*") if with_subfolders else given.iterdir())
            if given.resolve() in output.resolve().parents:
                found = [path for path in found if output.resolve() not in path.resolve().parents]
            yield from ((path, path.relative_to(given)) for path in found)
        elif not given.exists() and set("*?[") & set(given.name):
            found = _pictures(given.parent.glob(given.name))
            yield from ((path, Path(path.name)) for path in found)
        else:  # if it is not there, opening it says so, and the others are edited
            yield given, Path(given.name)
            continue
        if not found:
            raise EditorError(f"{given} holds no pictures to edit.")


def _pictures(paths: Iterable[Path]) -> list[Path]:
    """Return the pictures among them, by name and without hidden files."""
    return sorted(
        path
        for path in paths
        if path.suffix.lower() in (*SUFFIXES, *CONTAINERS) and path.is_file() and not path.name.startswith(".")
    )
