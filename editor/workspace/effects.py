"""What a person wants to teach: an effect, which is a folder of pairs with a name."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from editor.json_files import JsonFileError, JsonFormat
from editor.validation import Moment, Text
from editor.workspace.file_cache import CachedFiles

FORMAT = JsonFormat()


class _About(BaseModel):
    """What `effect.json` says."""

    name: Text
    created: Moment


class Effect(NamedTuple):
    """What a person wants to teach, and the pairs that show it."""

    slug: str  # name of its folder
    name: str
    created: datetime


class EffectIndex:
    """The effects in a folder. Each `effect.json` is opened again only after it has changed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._cached: dict[str, CachedFiles[Effect | str | None]] = {}  # by slug: the effect, or why there is none

    def list(self) -> list[Effect]:
        """Return every effect that can be read, the newest first."""
        effects = [found for found in self._all().values() if isinstance(found, Effect)]
        return sorted(effects, key=lambda effect: effect.created, reverse=True)

    def get(self, slug: str) -> Effect | None:
        """Return the effect in a folder of that very name; None if there is none that can be read."""
        found = self._read(slug) if slug in folder_names(self._directory) else None
        return found if isinstance(found, Effect) else None

    def damaged(self) -> dict[str, str]:
        """Return one sentence for every effect that cannot be read, by the name of its folder."""
        return {slug: found for slug, found in sorted(self._all().items()) if isinstance(found, str)}

    def _all(self) -> dict[str, Effect | str]:
        names = folder_names(self._directory)
        for name in self._cached.keys() - set(names):
            self._cached.pop(name, None)
        return {name: found for name in names if (found := self._read(name)) is not None}

    def _read(self, name: str) -> Effect | str | None:
        cached = self._cached.get(name)
        if cached is None:
            folder = self._directory / name
            read = partial(_read_or_say_why, folder)
            cached = self._cached.setdefault(name, CachedFiles([folder / "effect.json"], read))
        return cached.get()


def folder_names(directory: Path) -> list[str]:
    """Return the names in a folder, other than hidden ones; none where there is no such folder."""
    try:
        names = os.listdir(directory)  # noqa: PTH208 (no paths are wanted)
    except FileNotFoundError:
        return []
    return [name for name in names if name[0] != "."]


def read_effect(directory: Path) -> Effect:
    """Return the effect in a folder.

    Raises:
        OSError, JsonFileError: It is missing, damaged or was written by a newer Pairbrush.
    """
    about = FORMAT.read_as(_About, directory / "effect.json")
    return Effect(directory.name, about.name, about.created)


def write_effect(directory: Path, effect: Effect) -> None:
    """Write down the name of an effect.

    Raises:
        OSError: The folder cannot be written.
    """
    FORMAT.write(directory / "effect.json", {"name": effect.name, "created": effect.created.isoformat()})


def _read_or_say_why(directory: Path) -> Effect | str | None:
    """Return an effect, or a sentence that says why it cannot be shown; None where the folder holds none."""
    path = directory / "effect.json"
    try:
        return read_effect(directory) if path.exists() else None
    except JsonFileError as error:
        reason = str(error)
    except OSError as error:
        reason = f"{path} cannot be read ({error.strerror})."
    return f"The effect in the folder {directory.name} cannot be shown. {reason}"
