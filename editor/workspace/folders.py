"""Where everything of a person lies on disk.

    WORKSPACE/effects/SLUG/{effect.json, source/, target/, pairs.json}   an effect: its name and its pairs
    WORKSPACE/runs/ID/                                                   one training each, see `training.run_folder`
    WORKSPACE/cache/                                                     uploads, thumbnails, edits: safe to delete

Names that come from a browser are checked here before they become paths.
"""

from __future__ import annotations

import json
import re
import shutil
import time
import unicodedata
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from PIL import Image

from editor.errors import UserError
from editor.files import parse_time, read_json
from editor.images import load_image, replace_file, save_png
from editor.pairs.store import Pair, PairStore
from editor.workspace.space import Space

FORMAT = 1
MAX_NAME = 60  # characters
KEPT_SECONDS = 3600.0  # how long an edit stays in the cache


class WorkspaceError(UserError):
    """Something that cannot be done. The message is a sentence for the person who asked for it."""


class Effect(NamedTuple):
    """What a person wants to teach, and the pairs that show it."""

    slug: str  # name of its folder
    name: str
    created: datetime


class Workspace:
    """Folders and names. Knows nothing of training."""

    def __init__(self, root: Path, max_bytes: float | None = None) -> None:
        """Name the folders; nothing is made or read yet.

        Args:
            root: Where everything goes.
            max_bytes: The most that may lie there; None for no limit but the disk's.
        """
        self.root = Path(root).expanduser().resolve()
        self._space = Space(self.root, max_bytes)
        self.effects_dir = self.root / "effects"
        self.runs_dir = self.root / "runs"
        self.cache_dir = self.root / "cache"
        self._pairs: dict[str, tuple[tuple[int, ...], tuple[Pair, ...]]] = {}

    def open(self) -> FileLock:
        """Make the folders, sweep the cache and keep a second app out until the returned lock is released.

        Raises:
            WorkspaceError: Another app has this workspace open, or the folder cannot be written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.root / ".lock", timeout=0)
            lock.acquire()
        except Timeout as error:
            raise WorkspaceError(
                f"The workspace {self.root} is open in another Pairbrush. Use that one, close it, "
                "or choose another folder with --workspace."
            ) from error
        except OSError as error:
            raise WorkspaceError(
                f"The workspace {self.root} cannot be written ({error.strerror}). "
                "Choose another folder with --workspace."
            ) from error
        for directory in (self.effects_dir, self.runs_dir, self.thumbnails_dir):
            directory.mkdir(parents=True, exist_ok=True)
        for path in self.cache_dir.iterdir():  # uploads and edits of the last time
            if path != self.thumbnails_dir:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        return lock

    @property
    def thumbnails_dir(self) -> Path:
        """Small copies of pictures for the pages."""
        return self.cache_dir / "thumbnails"

    def effects(self) -> list[Effect]:
        """Return every effect that can be read, the newest first."""
        found = []
        for path in self.effects_dir.glob("[!.]*/effect.json"):
            try:
                about = read_json(path)
                created = parse_time(about["created"])
                found.append(Effect(slug=path.parent.name, name=str(about["name"]), created=created))
            except (OSError, ValueError, KeyError, TypeError):
                continue  # not written by us: not ours to show
        return sorted(found, key=lambda effect: effect.created, reverse=True)

    def create_effect(self, name: str, fill: Callable[[PairStore], None] = lambda store: None) -> Effect:
        """Make an effect; it appears only when it is whole.

        Args:
            name: What a person calls it.
            fill: Puts the first pairs in.

        Raises:
            WorkspaceError: The name is empty, too long or taken.
        """
        name = " ".join(name.split())
        if not name:
            raise WorkspaceError("Give the new effect a name, for instance “Sunglasses”.")
        if len(name) > MAX_NAME:
            raise WorkspaceError(f"The name is too long. Use at most {MAX_NAME} characters.")
        if name.casefold() in {effect.name.casefold() for effect in self.effects()}:
            raise WorkspaceError(f"There is an effect called “{name}” already. Choose it, or use another name.")
        path = free_path(self.effects_dir, slugify(name))
        effect = Effect(slug=path.name, name=name, created=datetime.now(timezone.utc))
        about = {"format": FORMAT, "name": effect.name, "created": effect.created.isoformat()}
        unfinished = self.effects_dir / f".{path.name}"
        shutil.rmtree(unfinished, ignore_errors=True)  # what a crash left
        unfinished.mkdir()
        fill(PairStore(unfinished))
        replace_file(unfinished / "effect.json", (json.dumps(about, ensure_ascii=False) + "\n").encode())
        unfinished.rename(path)
        return effect

    def effect(self, slug: str) -> Effect:
        """Return the effect in the folder `slug`.

        Raises:
            WorkspaceError: There is none.
        """
        for effect in self.effects():
            if effect.slug == slug:
                return effect
        raise WorkspaceError("This effect is no longer there. Choose another one in step 1.")

    def store(self, slug: str) -> PairStore:
        """Return the pairs of an effect.

        Raises:
            WorkspaceError: There is no such effect.
        """
        return PairStore(self.effects_dir / self.effect(slug).slug)

    def pairs(self, slug: str) -> tuple[Pair, ...]:
        """Return the pairs of an effect; cheap to ask every second, since the disk is read only after a change.

        Raises:
            WorkspaceError: There is no such effect.
            PairError: Its `pairs.json` cannot be understood.
        """
        store = self.store(slug)
        parts = (store.source_dir, store.target_dir, store.directory / "pairs.json")
        version = tuple(part.stat().st_mtime_ns if part.exists() else 0 for part in parts)
        if self._pairs.get(slug, ((), ()))[0] != version:
            self._pairs[slug] = version, tuple(store.pairs())
        return self._pairs[slug][1]

    def run_dir(self, run_id: str) -> Path:
        """Return the folder of a run that is there.

        Raises:
            WorkspaceError: The name is not that of a run in this workspace.
        """
        names = {path.name for path in self.runs_dir.iterdir() if path.is_dir()}
        path = self.runs_dir / run_id
        if run_id not in names or not path.resolve().is_relative_to(self.runs_dir):
            raise WorkspaceError("This run is no longer there. Choose another one.")
        return path

    def is_upload(self, path: Path) -> bool:
        """Say whether a path that a browser named is a file that was uploaded."""
        return path.resolve().is_relative_to(self.cache_dir) and path.is_file()

    def fresh_cache(self, kind: str) -> Path:
        """Return a new folder in the cache, and drop old ones of its kind."""
        parent = self.cache_dir / kind
        parent.mkdir(parents=True, exist_ok=True)
        for path in parent.iterdir():
            if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        path = parent / uuid.uuid4().hex
        path.mkdir()
        return path

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
        stat = path.stat()
        key = f"{path}|{stat.st_mtime_ns}|{stat.st_size}|{side}"
        thumbnail = self.thumbnails_dir / f"{sha256(key.encode()).hexdigest()[:24]}.png"
        if not thumbnail.is_file():
            image = load_image(path)
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
            save_png(image, thumbnail)
        return thumbnail


def slugify(name: str) -> str:
    """Return a plain folder name for `name`: lower case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "effect"


def free_path(directory: Path, name: str) -> Path:
    """Return `directory / name`, with a number where that is taken."""
    path, number = directory / name, 2
    while path.exists():
        path, number = directory / f"{name}-{number}", number + 1
    return path
