"""What was dropped on a page, from the upload until it is stored in an effect or discarded.

It waits under a random key that belongs to no page, so that a page that is opened later finds it too. The files lie in
the cache in a folder of their own, because uploads are deleted after an hour. What was not used for a day is deleted.
"""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from filecmp import cmp
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from editor.files import link_or_copy
from editor.pairs.importing.importer import ImportReport, extend_plan, listed, store_plan
from editor.pairs.importing.plan import ImportPlan
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.workspace import Workspace

KEPT_SECONDS = 24 * 3600.0
NOT_UPLOADED = "The upload did not get through. Reload the page and drop the files again."
NO_NAME = "A file came without a name. Give it one and drop it again."
NO_ROOM = (
    "There can be at most {limit} pairs here, so these still wait: {names}. Remove some, or choose another effect."
)


class Waiting(NamedTuple):
    """What waits under a key, as somebody sees it who does not hold its lock.

    Attributes:
        plan: How it was understood; None if nothing waits.
        revision: Of the plan, see `PendingImport`.
        is_busy: Whether a thread works on it.
    """

    plan: ImportPlan | None = None
    revision: int = 0
    is_busy: bool = False


class PendingImport:
    """Files that wait to be stored. Given out by `Imports.locked` to one thread at a time.

    Attributes:
        plan: How they were understood; None if nothing waits. Whoever corrects it puts another one here.
        revision: Of the plan: grows whenever the lock is taken, so that a page can tell which of two answers is newer.
        stored: While pairs are being stored: how many are, of how many.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.plan: ImportPlan | None = None
        self.revision = 0
        self.stored: tuple[int, int] | None = None
        self.touched = time.monotonic()
        self.num_users = 0  # threads that hold the lock or wait for it
        self.lock = threading.Lock()
        self._workspace = workspace
        self._folder: Path | None = None  # where the files lie

    @disk_errors_in_words()
    def add(self, uploads: Sequence[tuple[Path, str]], *, folder: str = "") -> ImportPlan:
        """Add uploads, and plan anew what all waiting files are.

        Args:
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
        plan = self.plan or ImportPlan({})
        if self._folder is None:
            self._folder = self._workspace.new_cache_folder("imports", KEPT_SECONDS)
        files: dict[PurePosixPath, Path] = {}
        for (upload, _), name in zip(uploads, names):
            if (path := _free(name, upload, {**plan.files, **files})) is not None:
                files[path] = self._folder / uuid.uuid4().hex
                link_or_copy(upload, files[path])  # not moved: of two equal files there is one upload only
        self.plan = extend_plan(plan, files, self._folder, self._workspace.require_space)
        return self.plan

    @disk_errors_in_words()
    def store(self, effect: str) -> ImportReport:
        """Add the pairs of the plan to an effect.

        Pairs for which there is no room still wait, and so do pictures without a partner.

        Returns:
            What was added and what was not.

        Raises:
            WorkspaceError: There is no such effect, or the disk is full. Nothing is added then.
        """
        self._workspace.require_space()
        plan = self.plan or ImportPlan({})
        others = tuple(item for item in plan.left_over if item.path not in plan.files)
        with self._workspace.using_pairs(effect) as store:
            fitting = plan.pairs[: store.room()]
            try:
                report = store_plan(store, replace(plan, pairs=fitting, left_over=others), called, self._count)
            finally:
                self.stored = None
        waiting = plan.pairs[len(fitting) :]
        if waiting:
            names = listed([pair.name for pair in waiting])
            report.problems.append(NO_ROOM.format(limit=self._workspace.limits.pairs, names=names))
        lonely = tuple(item for item in plan.left_over if item.path in plan.files)
        used = {picture.path for pair in waiting for picture in (pair.source, pair.target)}
        files = {path: plan.files[path] for path in (*used, *(item.path for item in lonely))}
        if not files:
            self.discard()
            return report
        for path in plan.files.keys() - files.keys():
            plan.files[path].unlink(missing_ok=True)
        self.plan = ImportPlan(files, waiting, lonely, is_corrected=bool(waiting) and plan.is_corrected)
        return report

    @disk_errors_in_words()
    def discard(self) -> None:
        """Delete the files that wait."""
        self.plan = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _count(self, done: int, total: int) -> None:
        self.stored = done, total

    def refresh(self) -> None:
        """Restart the time to live, and forget files that the cache has deleted."""
        self.touched = time.monotonic()
        if self._folder is not None:
            self._workspace.touch(self._folder)
            if not self._folder.is_dir():
                self.plan = self._folder = None


class Imports:
    """All that waits in a workspace. Safe to use from any thread: there is one lock for each key."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()  # guards `_waiting`
        self._waiting: dict[str, PendingImport] = {}

    @contextmanager
    def locked(self, key: str) -> Iterator[PendingImport]:
        """Return what waits under a key, which may be nothing yet, as a context: an exclusive lock on that key."""
        with self._lock:
            files = self._waiting.setdefault(key, PendingImport(self._workspace))
            files.num_users += 1
        try:
            with files.lock:
                files.revision = time.time_ns() // 1000  # exact as a number of JavaScript, and grows over restarts
                files.refresh()
                yield files
        finally:
            with self._lock:
                files.num_users -= 1
                if files.plan is None and not files.num_users:
                    del self._waiting[key]

    def peek(self, key: str) -> Waiting:
        """Return what waits under a key. Never blocks."""
        with self._lock:
            files = self._waiting.get(key)
            return Waiting(files.plan, files.revision, files.num_users > 0) if files else Waiting()

    def stored(self, key: str) -> tuple[int, int] | None:
        """Return how many pairs another thread has stored, of how many, while it does. Never blocks."""
        with self._lock:
            files = self._waiting.get(key)
            return files.stored if files else None

    @staticmethod
    def new_key() -> str:
        """Return a key under which nothing waits."""
        return uuid.uuid4().hex

    def newest(self) -> str | None:
        """Return the key under which something waits, or is just coming in: the one that was touched last."""
        self._forget()
        with self._lock:
            waiting = {key: files.touched for key, files in self._waiting.items() if files.plan or files.num_users}
        return max(waiting, key=waiting.__getitem__) if waiting else None

    def _forget(self) -> None:
        """Delete what nobody has touched for a day."""
        with self._lock:
            now = time.monotonic()
            old = [key for key, files in self._waiting.items() if now - files.touched > KEPT_SECONDS]
            gone = [self._waiting.pop(key) for key in old if not self._waiting[key].num_users]
        for files in gone:
            files.discard()


def called(path: PurePosixPath) -> str:
    """Return what the person calls a file, given its path in a plan: "cat.png (before)" says where it was dropped."""
    if path.parts[0] in ("before", "after") and len(path.parts) == 2:
        return f"{path.name} ({path.parts[0]})"
    return path.as_posix()


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
