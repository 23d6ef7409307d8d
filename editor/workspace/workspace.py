"""Where everything of a person lies on disk.

    WORKSPACE/workspace.json                                             the format of all this
    WORKSPACE/effects/SLUG/{effect.json, source/, target/, pairs.json}   an effect: its name and its pairs
    WORKSPACE/runs/ID/                                                   one training each, see `training.run_folder`
    WORKSPACE/queue.json                                                 which runs wait, see `waiting_line`
    WORKSPACE/trash/                                                     what was deleted, see `trash`
    WORKSPACE/cache/                                                     uploads, thumbnails, edits: safe to delete

Names that come from a browser are checked here before they become paths.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

from editor.files import temporary_name
from editor.json_files import JsonFileError, JsonFormat
from editor.pairs.folder import Pair
from editor.pairs.store import PairStore
from editor.workspace.effects import Effect, EffectIndex, write_effect
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.names import clean_name, free_path, slugify
from editor.workspace.public.limits import PublicLimits
from editor.workspace.recovery import recover
from editor.workspace.space import Space
from editor.workspace.thumbnails import Thumbnails
from editor.workspace.trash import Trash

WORKSPACE = JsonFormat()
TTL_SECONDS = 3600.0  # how long an unused edit stays in the cache
UPLOAD = re.compile(r"[0-9a-f]{64}")  # the folder in which Gradio puts an upload, by its SHA-256
STILL_SECONDS = 60.0  # an empty folder is deleted after it; a younger one may be about to take a file


def lock_folder(root: Path) -> FileLock:
    """Make a folder and lock it against other processes until the returned lock is released.

    Raises:
        WorkspaceError: Another app has it open, or it cannot be written.
    """
    lock = FileLock(root / ".lock")
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WorkspaceError(
            f"The workspace {root} is open in another Pairbrush. Use that one, close it, "
            "or choose another folder with --workspace."
        ) from error
    except OSError as error:
        raise WorkspaceError(
            f"The workspace {root} cannot be written ({error.strerror}). Choose another folder with --workspace."
        ) from error
    return lock


class Workspace:
    """Folders and names. Knows nothing of training.

    Attributes:
        root: The folder of everything that lasts.
        cache_dir: Files that can be made again, and uploads; within `root` unless it was given.
        effects_dir: A folder for each effect.
        runs_dir: A folder for each run.
        limits: What a visitor of the public app may do; None where the app serves only the person who runs it.
        naming: Lock to be held from the choice of a name until it is on disk, so that no two get the same.
        trash: What was deleted.
        thumbnails: Small copies of pictures, for the pages.
    """

    def __init__(
        self,
        root: Path,
        max_bytes: float | None = None,
        *,
        cache_dir: Path | None = None,
        limits: PublicLimits | None = None,
    ) -> None:
        """Name the folders; nothing is made or read yet.

        Args:
            root: Where everything goes.
            max_bytes: The most that may lie there; None for no limit but the disk's.
            cache_dir: Where the cache goes, if not in there.
            limits: What a visitor may do, if it is that of one.
        """
        self.root = Path(root).expanduser().resolve()
        self.cache_dir = self.root / "cache" if cache_dir is None else cache_dir
        self.limits = limits
        if limits is None:
            self._space = Space(self.root, max_bytes)
        else:
            self._space = Space(self.root, limits.megabytes * 1e6, of_visitor=(self.cache_dir,))
        self.effects_dir = self.root / "effects"
        self._effects = EffectIndex(self.effects_dir)
        self.runs_dir = self.root / "runs"
        self.trash = Trash(self.root / "trash")
        self.thumbnails = Thumbnails(self.thumbnails_dir)
        self._pairs: dict[str, tuple[tuple[int, ...], tuple[Pair, ...]]] = {}
        self._kept: dict[str, set[Path]] = {}  # folders of the cache that stay, by kind
        self._made: dict[Path, float] = {}  # time.monotonic() of each folder of the cache when it was made or used last
        self.naming = threading.RLock()
        self._use_lock = threading.Lock()  # guards `_stores`, `_users`
        self._stores: dict[str, PairStore] = {}  # by effect; one for all threads, because its lock must be shared
        self._users: dict[str, int] = {}  # number of users by effect

    def open(self) -> FileLock:
        """Make the folders, recover from a crash, and lock the workspace until the returned lock is released.

        Raises:
            WorkspaceError: Another app has this workspace open, it was made by a newer Pairbrush, or the folder cannot
                be written.
        """
        lock = lock_folder(self.root)
        try:
            self._prepare()
        except BaseException:
            lock.release()
            raise
        return lock

    @disk_errors_in_words()
    def _prepare(self) -> None:
        about = self.root / "workspace.json"
        try:
            if not about.is_file():
                WORKSPACE.write(about, {})
            WORKSPACE.read(about)
        except JsonFileError as error:
            raise WorkspaceError(f"{error} Or choose another folder with --workspace.") from error
        for directory in (self.effects_dir, self.runs_dir, self.trash.directory, self.thumbnails_dir):
            directory.mkdir(parents=True, exist_ok=True)
        recover(self.root, self.effects_dir, self.runs_dir, self.trash)
        for path in self.cache_dir.iterdir():  # uploads and edits of an earlier process
            if path not in (self.thumbnails_dir, self.cache_dir / "edits"):  # see `desk`
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    @property
    def thumbnails_dir(self) -> Path:
        """Small copies of pictures for the pages."""
        return self.cache_dir / "thumbnails"

    def effects(self) -> list[Effect]:
        """Return every effect that can be read, the newest first."""
        return self._effects.list()

    def damaged_effects(self) -> dict[str, str]:
        """Return one sentence for every effect that cannot be shown, by the name of its folder."""
        return self._effects.damaged()

    @disk_errors_in_words()
    def create_effect(self, name: str, fill: Callable[[PairStore], None] = lambda store: None) -> Effect:
        """Make an effect; it appears only when it is whole.

        Args:
            name: What a person calls it.
            fill: Puts the first pairs in.

        Raises:
            WorkspaceError: The name is empty, too long or taken, or the disk is full.
        """
        with self.naming:
            name = clean_name(name, what="effect", taken=self.effect_names())
            self.require_room_for_effect()
            # Folders of the trash are taken too, so that an effect which comes back is still that of its runs.
            taken = {entry.place for entry in self.trash.list() if entry.kind == "effect"}
            path = free_path(self.effects_dir, slugify(name), taken)
            effect = Effect(slug=path.name, name=name, created=datetime.now(timezone.utc))
            unfinished = self.effects_dir / temporary_name()
            try:
                unfinished.mkdir()
                fill(self._store(unfinished))
                write_effect(unfinished, effect)
                unfinished.rename(path)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            return effect

    @disk_errors_in_words()
    def discard_effect(self, slug: str) -> None:
        """Delete an effect for good that nobody would miss.

        Raises:
            WorkspaceError: There is no such effect, or its pairs are in use.
        """
        with self.idle_effect(slug) as folder:
            shutil.rmtree(folder)

    def require_room_for_effect(self) -> None:
        """Make sure that there may be one more effect.

        Raises:
            WorkspaceError: There are as many as there may be.
        """
        if self.limits and len(self.effects()) >= self.limits.effects:
            raise WorkspaceError(f"There can be at most {self.limits.effects} effects here. Delete one first.")

    def effect_names(self) -> set[str]:
        """Return the names that are taken."""
        return {effect.name for effect in self.effects()}

    def effect(self, slug: str) -> Effect:
        """Return the effect in the folder `slug`.

        Raises:
            WorkspaceError: There is none.
        """
        effect = self._effects.get(slug)
        if effect is None:
            raise WorkspaceError("This effect is no longer there. Choose another one in step 1.")
        return effect

    def store(self, slug: str) -> PairStore:
        """Return the pairs of an effect.

        Raises:
            WorkspaceError: There is no such effect.
        """
        slug = self.effect(slug).slug
        with self._use_lock:
            return self._stores.setdefault(slug, self._store(self.effects_dir / slug))

    def _store(self, directory: Path) -> PairStore:
        return PairStore(directory, max_pairs=self.limits.pairs if self.limits else None)

    @contextmanager
    def using_pairs(self, slug: str) -> Iterator[PairStore]:
        """Return the pairs of an effect as a context: a shared lock, which keeps the effect in place.

        Raises:
            WorkspaceError: There is no such effect.
        """
        with self._use_lock:
            self._users[slug] = self._users.get(slug, 0) + 1
        try:
            yield self.store(slug)
        finally:
            with self._use_lock:
                self._users[slug] -= 1

    @contextmanager
    def idle_effect(self, slug: str) -> Iterator[Path]:
        """Return the folder of an effect, also of a damaged one, as a context: an exclusive lock, for moving it away.

        Raises:
            WorkspaceError: There is no such effect, or its pairs are in use.
        """
        if slug not in self.damaged_effects():
            slug = self.effect(slug).slug
        with self._use_lock:
            if self._users.get(slug):
                raise WorkspaceError(f"The pairs of “{self.effect(slug).name}” are in use right now. Wait a moment.")
            yield self.effects_dir / slug

    def pairs(self, slug: str) -> tuple[Pair, ...]:
        """Return the pairs of an effect; cheap to ask every second, since the disk is read only after a change.

        Raises:
            WorkspaceError: There is no such effect.
            PairError: Its `pairs.json` cannot be understood.
        """
        version = self.version(slug)
        if self._pairs.get(slug, ((), ()))[0] != version:
            self._pairs[slug] = version, tuple(self.store(slug).pairs())
        return self._pairs[slug][1]

    def version(self, slug: str) -> tuple[int, ...]:
        """Return numbers that change whenever the pairs of an effect do.

        Raises:
            WorkspaceError: There is no such effect.
        """
        store = self.store(slug)
        parts = (store.source_dir, store.target_dir, store.directory / "pairs.json")
        # The file system's clock may be too coarse to tell two changes of this process apart, so these are counted.
        return store.changes, *(part.stat().st_mtime_ns if part.exists() else 0 for part in parts)

    def run_dir(self, run_id: str) -> Path:
        """Return the folder of a run that is there.

        Raises:
            WorkspaceError: The name is not that of a run in this workspace.
        """
        path = self.runs_dir / run_id
        names = os.listdir(self.runs_dir)  # noqa: PTH208 (names only: a path may be spelled in other ways than a name)
        if run_id not in names or not path.is_dir() or not path.resolve().is_relative_to(self.runs_dir):
            raise WorkspaceError("This run is no longer there. Choose another one.")
        return path

    def is_upload(self, path: Path) -> bool:
        """Say whether a path that a browser named is a file that was uploaded."""
        return path.resolve().is_relative_to(self.cache_dir) and path.is_file()

    def new_cache_folder(self, kind: str, ttl: float = TTL_SECONDS) -> Path:
        """Return a new folder in the cache, and delete those of its kind that were not used for `ttl` seconds."""
        parent = self.cache_dir / kind
        now = time.monotonic()
        for path in [path for path, made in self._made.copy().items() if path.parent == parent]:
            if now - self._made.get(path, now) > ttl and path not in self._kept.get(kind, ()):
                shutil.rmtree(path, ignore_errors=True)
                self._made.pop(path, None)
        path = parent / uuid.uuid4().hex
        path.mkdir(parents=True)
        self._made[path] = now
        self._delete_empty_uploads()
        return path

    def _delete_empty_uploads(self) -> None:
        """Delete folders of uploads that are empty: Gradio deletes old uploads, but leaves the folder of each."""
        latest = time.time() - STILL_SECONDS
        with os.scandir(self.cache_dir) as entries:
            for entry in entries:
                with suppress(OSError):  # it holds an upload, or another thread was faster
                    if UPLOAD.fullmatch(entry.name) and entry.stat(follow_symlinks=False).st_mtime < latest:
                        os.rmdir(entry.path)  # noqa: PTH106 (a Path for each costs more than the call)

    def touch(self, path: Path) -> None:
        """Restart the time to live of a folder that `new_cache_folder` returned."""
        if path in self._made:
            self._made[path] = time.monotonic()

    def keep_cache_folders(self, kind: str, folders: set[Path]) -> None:
        """Let folders of one kind stay however long they are not used, and no others of that kind any more."""
        for path in self._kept.get(kind, set()) | folders:
            self._made[path] = time.monotonic()
        self._kept[kind] = folders

    def require_space(self, coming: int = 0) -> None:
        """Make sure that there is room for more.

        Args:
            coming: How many bytes are about to be written.

        Raises:
            SpaceError: The disk or the workspace is almost full.
        """
        self._space.require(coming)

    def thumbnail(self, path: Path, side: int = 256) -> Path:
        """Return a copy of a picture of ours, at most `side` pixels long, made only once."""
        return self.thumbnails.get(path, side)
