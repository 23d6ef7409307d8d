"""Many photos at once: which they are, where their edits go, and which of those are there already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from editor.editing.errors import EditorError
from editor.image_files import SUFFIXES
from editor.pairs.names import plain


class Task(NamedTuple):
    """A photo, and the file that its edit becomes."""

    photo: Path
    edit: Path

    def is_done(self, since: float) -> bool:
        """Return whether the edit is there, newer than its photo and than a moment (of `st_mtime`)."""
        return self.edit.is_file() and self.edit.stat().st_mtime > max(since, self.photo.stat().st_mtime)


def tasks_of(inputs: Sequence[Path], output: Path, *, with_subfolders: bool = False) -> list[Task]:
    """Return a task for each photo, in the order of the inputs and by name within each.

    Args:
        inputs: Photos, folders of photos, and patterns such as photos/*.jpg, which some shells pass on.
        output: Folder for the edits, NAME.png each. Where it lies in a folder of photos, what is in it is none.
        with_subfolders: Whether also those inside a folder are edited, into folders of the same names.

    Raises:
        EditorError: An input has no photos, two edits would have the same name, or an edit would replace its photo.
    """
    photos = _photos(inputs, output, with_subfolders)
    tasks = [Task(photo, output / inside.with_suffix(".png")) for photo, inside in photos]
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
        path for path in paths if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")
    )
