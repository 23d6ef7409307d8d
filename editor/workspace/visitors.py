"""Public mode: every visitor has a workspace of their own, which the others neither see nor can name.

    ROOT/template/                what a new visitor finds
    ROOT/visitors/KEY/            one workspace each, see `folders`
    ROOT/cache/visitors/KEY/      what is served to that visitor, and their uploads

A visitor is known by a secret, which the browser keeps in a cookie that no script can read. KEY is derived from it, so
that the address of a picture, which people may pass on, does not give it away.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from editor.config import PRESETS, RunConfig
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.folders import Workspace
from editor.workspace.limits import PublicLimits
from editor.workspace.recovery import sweep
from editor.workspace.services import Services
from editor.workspace.space import Space
from editor.workspace.turns import Turns

SECRET_BYTES = 32
CLEAN_SECONDS = 3600.0  # between two looks for visitors who stayed away
SEEN_SECONDS = 60.0  # how exactly a visit is written down
logger = logging.getLogger(__name__)


@dataclass
class _Visitor:
    """One who is loaded."""

    services: Services
    used: float  # when last, by a clock that nobody sets
    seen: float  # when that was last written down
    guests: int = 0  # events that are at work


class Visitors:
    """All visitors of a public app. Safe to use from any thread.

    Attributes:
        root: The folder of it all.
        limits: What a visitor may do.
        presets: Settings that the page offers, by name.
        device: Where is computed, in words.
    """

    def __init__(
        self,
        root: Path,
        *,
        device: str = "auto",
        presets: Mapping[str, RunConfig] = PRESETS,
        limits: PublicLimits = PublicLimits(),  # noqa: B008 (frozen)
        max_bytes: float | None = None,
    ) -> None:
        """Open the folder for this process and delete what visitors of long ago have left.

        Args:
            root: Where everything goes.
            device: Where to compute.
            presets: Settings that the page offers, by name.
            limits: What a visitor may do.
            max_bytes: The most that may lie there; None for no limit but the disk's.

        Raises:
            WorkspaceError: The folder is in use or cannot be written.
            DeviceError: This machine has no such device.
        """
        self.root = Path(root).expanduser().resolve()
        self.limits, self.presets = limits, presets
        self._device = device
        self._space = Space(self.root, max_bytes)
        self._template = Services(Workspace(self.root / "template"), device=device, presets=presets)
        self.device = self._template.device
        self._folders = self.root / "visitors"
        self._caches = self.root / "cache" / "visitors"
        self._turns = Turns(limits.waiting)
        self._lock = threading.Lock()  # for what follows
        self._loaded: dict[str, _Visitor] = {}
        self._is_closed = threading.Event()
        shutil.rmtree(self.root / "cache", ignore_errors=True)
        for folder in (self._folders, self._caches):
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder)
        self.clean()
        self._cleaner = threading.Thread(target=self._clean_hourly, name="visitors", daemon=True)
        self._cleaner.start()

    def close(self) -> None:
        """Stop training, keeping what was learned, and leave the folder to others."""
        self._is_closed.set()
        self._turns.close()
        with self._lock:
            for visitor in self._loaded.values():
                visitor.services.close()
            self._loaded.clear()
        self._template.close()

    @staticmethod
    def new_secret() -> str:
        """Return the secret of a new visitor. Nothing is made before they do something."""
        return secrets.token_urlsafe(SECRET_BYTES)

    @staticmethod
    def is_secret(text: str) -> bool:
        """Say whether a text looks like a secret of ours."""
        return re.fullmatch(r"[A-Za-z0-9_-]{43}", text) is not None

    @contextmanager
    def at(self, secret: str) -> Iterator[Services]:
        """Lend the services of a visitor, whose workspace is made or loaded if need be.

        Raises:
            WorkspaceError: There are too many visitors, or the disk is full.
        """
        key = _key(secret)
        with self._lock:
            visitor = self._loaded.get(key) or self._load(key)
            visitor.guests += 1
            visitor.used = time.monotonic()
            if visitor.used - visitor.seen > SEEN_SECONDS:
                visitor.seen = visitor.used
                os.utime(self._folders / key)
        try:
            yield visitor.services
        finally:
            with self._lock:
                visitor.guests -= 1
                visitor.used = time.monotonic()

    def owns(self, secret: str | None, path: Path) -> bool:
        """Say whether a file may be shown to a visitor: all may, but those in the cache of another."""
        path = path.resolve()
        if not path.is_relative_to(self._caches):
            return True
        return secret is not None and path.is_relative_to(self._caches / _key(secret))

    def require_space(self, secret: str, coming: int) -> None:
        """Make sure that there is room for an upload.

        Raises:
            UserError: The visitor has used up what is theirs, or the disk is almost full.
        """
        self._space.require(coming)
        with self.at(secret) as services:
            services.workspace.require_space(coming)

    @disk_errors_in_words()
    def take_in(self, secret: str, uploads: list[Path]) -> list[Path]:
        """Move files that have just arrived to where only this visitor can name them, and return where that is."""
        with self.at(secret) as services:
            places = []
            for upload in uploads:
                places.append(services.workspace.fresh_cache("uploads") / upload.name)
                upload.replace(places[-1])
            return places

    def clean(self) -> None:
        """Delete all that belongs to visitors who have not come for `limits.hours`."""
        now = time.time()
        for folder in self._folders.glob("[!.]*"):
            with self._lock:
                visitor = self._loaded.get(folder.name)
                is_busy = visitor is not None and (visitor.guests or visitor.services.training.active)
                if is_busy or now - folder.stat().st_mtime < 3600 * self.limits.hours:
                    continue
                if visitor is not None:
                    visitor.services.close()
                    del self._loaded[folder.name]
                hidden = folder.with_name(f".{uuid.uuid4().hex}.tmp")
                folder.rename(hidden)
            shutil.rmtree(hidden, ignore_errors=True)  # what stays is removed at the next start
            shutil.rmtree(self._caches / folder.name, ignore_errors=True)

    def _clean_hourly(self) -> None:
        while not self._is_closed.wait(CLEAN_SECONDS):
            try:
                self.clean()
            except Exception:  # whatever it is, the next hour may be better
                logger.exception("Old visitors could not be deleted")

    @disk_errors_in_words()
    def _load(self, key: str) -> _Visitor:
        if len(self._loaded) >= self.limits.loaded:
            self._unload_one()
        folder = self._folders / key
        if not folder.is_dir():
            if sum(1 for _ in self._folders.iterdir()) >= self.limits.visitors:
                raise WorkspaceError("This app has had too many visitors today. Come back tomorrow.")
            self._space.require()
            beside = folder.with_name(f".{uuid.uuid4().hex}.tmp")
            locks = shutil.ignore_patterns(".*")  # which are everybody's own
            for part in (self._template.workspace.effects_dir, self._template.workspace.runs_dir):
                shutil.copytree(part, beside / part.name, copy_function=_link, ignore=locks)
            beside.rename(folder)
        workspace = Workspace(folder, cache_dir=self._caches / key, limits=self.limits)
        services = Services(workspace, device=self._device, presets=self.presets, turns=self._turns)
        now = time.monotonic()
        self._loaded[key] = visitor = _Visitor(services, used=now, seen=now)
        os.utime(folder)
        return visitor

    def _unload_one(self) -> None:
        """Make room for another one; their files stay."""
        idle = {
            key: visitor
            for key, visitor in self._loaded.items()
            if not (visitor.guests or visitor.services.training.active)
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
    try:
        if not source.endswith(".jsonl"):
            os.link(source, place)
            return
    except OSError:  # this file system has no links
        pass
    shutil.copyfile(source, place)
