"""What was dropped on a page, from the upload until it is stored in an effect or discarded.

It waits in the cache, in a folder of its own and not where uploads lie, which are swept after an hour.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from filecmp import cmp
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from editor.pairs.importing import ImportReport, extend_plan, store_plan
from editor.pairs.plan import ImportPlan
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.folders import Workspace

KEPT_SECONDS = 24 * 3600.0
NOT_UPLOADED = "The upload did not get through. Reload the page and drop the files again."
NO_NAME = "A file came without a name. Give it one and drop it again."


class Import(NamedTuple):
    """Files that wait to be stored.

    Attributes:
        folder: Where they lie, in the cache.
        plan: How they were understood.
    """

    folder: Path
    plan: ImportPlan


class Imports:
    """What a page may do with dropped files. All methods raise `WorkspaceError` if the disk refuses."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @disk_errors_in_words()
    def add(self, waiting: Import | None, uploads: Sequence[tuple[Path, str]], *, folder: str = "") -> Import:
        """Take in uploads and say what everything that waits is understood to be.

        Args:
            waiting: What the page has dropped before.
            uploads: Where each upload lies, and its path as the browser tells it. They may be gone afterwards.
            folder: What the person says by where they were dropped: "before", "after", or nothing.

        Raises:
            WorkspaceError: A file is not an upload, or has no name.
            SpaceError: The disk is almost full.
        """
        self._workspace.require_space()
        if not all(self._workspace.is_upload(upload) for upload, _ in uploads):
            raise WorkspaceError(NOT_UPLOADED)
        names = [_inside(folder, name) for _, name in uploads]
        if waiting is None or not waiting.folder.is_dir():  # the latter if it waited for more than a day
            place = self._workspace.fresh_cache("imports", KEPT_SECONDS)
            waiting = Import(place, ImportPlan({}))
        files: dict[PurePosixPath, Path] = {}
        for (upload, _), name in zip(uploads, names):
            if (path := _free(name, upload, {**waiting.plan.files, **files})) is not None:
                files[path] = waiting.folder / uuid.uuid4().hex
                _share(upload, files[path])
        return waiting._replace(plan=extend_plan(waiting.plan, files, waiting.folder, self._workspace.require_space))

    @disk_errors_in_words()
    def store(self, effect: str, waiting: Import) -> tuple[ImportReport, Import | None]:
        """Add the pairs of a plan to an effect.

        Returns:
            What was added and what was not, and the pictures that still wait for a partner, if there are any.

        Raises:
            WorkspaceError: There is no such effect, or the disk is full. Nothing is added then.
        """
        self._workspace.require_space()
        plan = waiting.plan
        others = tuple(item for item in plan.left_over if item.path not in plan.files)
        with self._workspace.lend(effect) as store:
            report = store_plan(store, replace(plan, left_over=others), label=called)
        lonely = tuple(item for item in plan.left_over if item.path in plan.files)
        if not lonely:
            self.discard(waiting)
            return report, None
        files = {item.path: plan.files[item.path] for item in lonely}
        for path in plan.files.keys() - files.keys():
            plan.files[path].unlink(missing_ok=True)
        return report, waiting._replace(plan=ImportPlan(files, left_over=lonely))

    @disk_errors_in_words()
    def discard(self, waiting: Import) -> None:
        """Delete the files that wait."""
        shutil.rmtree(waiting.folder, ignore_errors=True)


def called(path: PurePosixPath) -> str:
    """Return what the person calls a file, given its path in a plan: "cat.png (before)" says where it was dropped."""
    if path.parts[0] in ("before", "after") and len(path.parts) == 2:
        return f"{path.name} ({path.parts[0]})"
    return path.as_posix()


def _share(upload: Path, place: Path) -> None:
    """Make an upload appear in a second place. It is not moved: of two equal files there is one upload only."""
    try:
        place.hardlink_to(upload)
    except OSError:  # not every file system has links
        shutil.copyfile(upload, place)


def _inside(folder: str, name: str) -> PurePosixPath:
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", ".", "..")]
    if not parts:
        raise WorkspaceError(NO_NAME)
    return PurePosixPath(folder, *parts)


def _free(name: PurePosixPath, upload: Path, taken: Mapping[PurePosixPath, Path]) -> PurePosixPath | None:
    """Return a path for an upload: its name, in a folder of its own where another file has that name.

    None if the very same file is there already. Two drops of equal names are often the two sides, so that they are
    told apart by folders is all that `guessing` needs.
    """
    path, number = name, 2
    while path in taken:
        if cmp(taken[path], upload, shallow=False):
            return None
        path, number = PurePosixPath(f"drop {number}", name), number + 1
    return path
