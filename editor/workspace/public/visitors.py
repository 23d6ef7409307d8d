"""Public mode: every visitor has a workspace of their own, which the others neither see nor can name.

    ROOT/template/                what a new visitor finds
    ROOT/visitors/KEY/            one workspace each, see `workspace`, and the time of the last visit
    ROOT/uptime.json              how long the app has been running, see `uptime`
    ROOT/cache/visitors/KEY/      what is served to that visitor, and their uploads

A visitor is known by a secret, which the browser keeps in a cookie that no script can read. KEY is derived from it, so
that the address of a picture, which people may pass on, does not give it away.

What belongs to visitors who stay away is deleted after `PublicLimits.hours`. These are hours of running (see `uptime`),
so that nobody loses anything where the machine's clock was wrong or is set.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from editor.config import PRESETS, RunConfig
from editor.errors import UserError
from editor.files import copy_folder, link_or_copy, temporary_name
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.public.limits import PublicLimits
from editor.workspace.public.pages import OpenPages
from editor.workspace.public.uptime import Uptime, read_seconds, write_seconds
from editor.workspace.queue import TrainingQueue
from editor.workspace.recovery import sweep
from editor.workspace.services import Services
from editor.workspace.space import Space
from editor.workspace.workspace import Workspace, lock_folder

SECRET_BYTES = 32
CLEAN_SECONDS = 600.0  # between two searches for visitors who stayed away
SEEN_SECONDS = 60.0  # resolution of the saved time of the last visit
logger = logging.getLogger(__name__)


@dataclass
class _Visitor:
    """A visitor whose services are in memory."""

    services: Services
    used: float  # when last, by `Uptime`
    seen: float  # when that was last saved
    num_requests: int = 0  # that use the services right now


class Visitors:
    """All visitors of a public app. Safe to use from any thread.

    Attributes:
        root: The folder of it all.
        limits: What a visitor may do.
        presets: Settings that the page offers, by name.
        device: The processor that computes, in words.
        is_lasting: Whether what is there outlives a restart of the machine.
        pages: Whose open page is whose.
    """

    def __init__(
        self,
        root: Path,
        *,
        device: str = "auto",
        presets: Mapping[str, RunConfig] = PRESETS,
        limits: PublicLimits = PublicLimits(),  # noqa: B008 (frozen)
        max_bytes: float | None = None,
        is_lasting: bool = True,
    ) -> None:
        """Open the folder for this process and delete what visitors of long ago have left.

        Args:
            root: Where everything goes.
            device: Where to compute.
            presets: Settings that the page offers, by name.
            limits: What a visitor may do.
            max_bytes: The most that may lie there; None for no limit but the disk's.
            is_lasting: Whether it outlives a restart of the machine.

        Raises:
            WorkspaceError: The folder is in use or cannot be written.
            DeviceError: This machine has no such device.
        """
        self.is_lasting = is_lasting
        self.root = Path(root).expanduser().resolve()
        self.limits, self.presets = limits, presets
        self._device = device
        self._space = Space(self.root, max_bytes)
        self._uptime = Uptime(self.root / "uptime.json")
        self._folder_lock = lock_folder(self.root)  # no other app may open it, public or not
        try:
            self._template = Services(Workspace(self.root / "template"), device=device, presets=presets)
        except BaseException:
            self._folder_lock.release()
            raise
        self.device = self._template.device
        self._folders = self.root / "visitors"
        self._caches = self.root / "cache" / "visitors"
        self._queue, self._clip_turn = TrainingQueue(limits.waiting), threading.Lock()
        self.pages = OpenPages(limits.pages)
        self._lock = threading.Lock()  # guards `_loaded`
        self._loaded: dict[str, _Visitor] = {}
        self._is_closed = threading.Event()
        self._clear_cache()
        for folder in (self._folders, self._caches):
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder)
        self.clean()
        self._take_up_queue()
        self._cleaner = threading.Thread(target=self._keep_clean, name="visitors", daemon=True)
        self._cleaner.start()

    def _clear_cache(self) -> None:
        """Delete what an earlier process served, but for the photos on the desks of visitors, see `workspace.desk`."""
        known = {self._caches / folder.name for folder in self._folders.glob("*")}
        kept = {path for cache in known for path in (cache, cache / "edits")} | {self._caches}
        for path in [*self.root.glob("cache/*"), *self._caches.glob("*"), *self._caches.glob("*/*")]:
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def _take_up_queue(self) -> None:
        """Load the visitors whose trainings waited when the app ended: they go on waiting, in about the same order."""
        files = sorted(self._folders.glob("*/queue.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in files[-self.limits.loaded :]:
            try:
                with self._lock:
                    self._load(path.parent.name)
            except UserError as error:  # the others must get their turn
                logger.warning("What a visitor had waiting was left alone: %s", error)

    def close(self) -> None:
        """Stop training, keeping what was learned, and leave the folder to others."""
        self._is_closed.set()
        self._queue.close()
        with self._lock:
            for visitor in self._loaded.values():
                visitor.services.close()
            self._loaded.clear()
        with suppress(OSError):
            self._uptime.save()
        self._template.close()
        self._folder_lock.release()

    @staticmethod
    def new_secret() -> str:
        """Return the secret of a new visitor. Nothing is made before they do something."""
        return secrets.token_urlsafe(SECRET_BYTES)

    @staticmethod
    def is_secret(text: str) -> bool:
        """Say whether a text looks like a secret of ours."""
        return re.fullmatch(r"[A-Za-z0-9_-]{43}", text) is not None

    @contextmanager
    def services_of(self, secret: str) -> Iterator[Services]:
        """Lend the services of a visitor, whose workspace is made or loaded if need be.

        Raises:
            WorkspaceError: There are too many visitors, or the disk is full.
        """
        key = _key(secret)
        with self._lock:
            visitor = self._loaded.get(key) or self._load(key)
            visitor.num_requests += 1
            visitor.used = self._uptime()
            if visitor.used - visitor.seen > SEEN_SECONDS:
                visitor.seen = visitor.used
                self._note_visit(key, visitor.seen)
        try:
            yield visitor.services
        finally:
            with self._lock:
                visitor.num_requests -= 1
                visitor.used = self._uptime()

    def owns(self, secret: str | None, path: Path) -> bool:
        """Say whether a file may be shown to a visitor: of the cache, only what lies in their own part of it."""
        try:
            path = path.resolve()
        except ValueError:  # no file system knows such a name
            return False
        if not path.is_relative_to(self.root / "cache"):
            return True
        return secret is not None and path.is_relative_to(self._caches / _key(secret))

    @staticmethod
    def name_of(secret: str | None) -> str:
        """Return what a visitor is called here. All who bring no cookie are one, who may do nothing."""
        return _key(secret) if secret else ""

    def require_space(self, secret: str, coming: int) -> None:
        """Make sure that there is room for an upload.

        Raises:
            UserError: The visitor has used up what is theirs, or the disk is almost full.
        """
        self._space.require(coming)
        with self.services_of(secret) as services:
            services.workspace.require_space(coming)

    @disk_errors_in_words()
    def move_uploads(self, secret: str, uploads: list[Path]) -> list[Path]:
        """Move files that have just arrived to where only this visitor can name them, and return where that is."""
        with self.services_of(secret) as services:
            places = []
            for upload in uploads:
                places.append(services.workspace.new_cache_folder("uploads") / upload.name)
                upload.replace(places[-1])
                with suppress(OSError):  # one of the same content but another name is still there
                    upload.parent.rmdir()
            return places

    def clean(self) -> None:
        """Delete all that belongs to visitors who have not come for `limits.hours` of running."""
        now = self._uptime()
        for folder in self._folders.glob("[!.]*"):
            with self._lock:
                visitor = self._loaded.get(folder.name)
                is_busy = visitor is not None and (visitor.num_requests or visitor.services.is_busy)
                came = read_seconds(self._visit(folder.name))
                if came is None:  # a folder of an older version, which went by the clock of the machine
                    write_seconds(self._visit(folder.name), now)
                    continue
                if is_busy or now - came < 3600 * self.limits.hours:
                    continue
                if visitor is not None:
                    visitor.services.close()
                    del self._loaded[folder.name]
                hidden = folder.with_name(temporary_name())
                folder.rename(hidden)
            shutil.rmtree(hidden, ignore_errors=True)  # what stays is removed at the next start
            shutil.rmtree(self._caches / folder.name, ignore_errors=True)

    def _keep_clean(self) -> None:
        while not self._is_closed.wait(CLEAN_SECONDS):
            try:
                self._uptime.save()
                self.clean()
            except Exception as error:  # any error: it is tried again the next time
                logger.error("Old visitors could not be deleted: %r", error)

    def _note_visit(self, key: str, seconds: float) -> None:
        try:
            write_seconds(self._visit(key), seconds)
        except OSError as error:  # the disk is full: no reason to turn anybody away
            logger.warning("A visit could not be written down: %s", error)

    def _visit(self, key: str) -> Path:
        """Return where is written down when a visitor came last."""
        return self._folders / key / "visit.json"

    @disk_errors_in_words()
    def _load(self, key: str) -> _Visitor:
        if len(self._loaded) >= self.limits.loaded:
            self._unload_one()
        folder = self._folders / key
        if not folder.is_dir():
            if sum(1 for _ in self._folders.iterdir()) >= self.limits.visitors:
                raise WorkspaceError("This app has had too many visitors today. Come back tomorrow.")
            self._space.require()
            beside = folder.with_name(temporary_name())
            try:
                for part in (self._template.workspace.effects_dir, self._template.workspace.runs_dir):
                    copy_folder(part, beside / part.name, _link)
                write_seconds(beside / "visit.json", self._uptime())
                beside.rename(folder)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
        workspace = Workspace(folder, cache_dir=self._caches / key, limits=self.limits)
        shared = {"queue": self._queue, "clip_turn": self._clip_turn}
        services = Services(workspace, device=self._device, presets=self.presets, **shared)
        now = self._uptime()
        self._note_visit(key, now)
        self._loaded[key] = visitor = _Visitor(services, used=now, seen=now)
        return visitor

    def _unload_one(self) -> None:
        """Make room for another one; their files stay."""
        idle = {
            key: visitor
            for key, visitor in self._loaded.items()
            if not (visitor.num_requests or visitor.services.is_busy)
        }
        if not idle:
            raise WorkspaceError("Too many people are here right now. Try again in a few minutes.")
        key = min(idle, key=lambda key: idle[key].used)
        idle[key].services.close()
        del self._loaded[key]


def _key(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:40]


def _link(source: str, place: str) -> None:
    """Copy a file, without taking space where it is never changed, only ever replaced: all but lists of events."""
    (shutil.copyfile if source.endswith(".jsonl") else link_or_copy)(Path(source), Path(place))
