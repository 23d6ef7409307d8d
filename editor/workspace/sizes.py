"""Space that is used."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from editor.workspace.file_cache import FileVersion, version_of


class Storage(NamedTuple):
    """Bytes that a workspace takes.

    Attributes:
        effects: By slug.
        runs: By id.
        trash: What emptying the trash would free.
        cache: Thumbnails and what was uploaded and edited since the start.
        total: All of it.
        free: What the disk has left.
    """

    effects: dict[str, int]
    runs: dict[str, int]
    trash: int
    cache: int
    total: int
    free: int


class _Directory(NamedTuple):
    """One directory without those in it.

    Attributes:
        versions: Of itself and of the files in it that are written into, by path: while they stay, so does the rest.
            Empty where a change may not show.
        alone: Bytes of the files that have one name.
        linked: Bytes of files with several names (hard links), by device and inode.
        inside: Paths of the directories in it.
    """

    versions: Mapping[str, FileVersion | None]
    alone: int
    linked: Mapping[tuple[int, int], int]
    inside: Sequence[str]


class FolderSizes:
    """Sizes of folders. A directory is read again only after a file in it came, went or was replaced, as ours are.

    Safe to use from any thread.
    """

    def __init__(self, growing: Collection[str] = ()) -> None:
        """Nothing is measured yet.

        Args:
            growing: Names of files that are written into, which the time of their directory does not tell.
        """
        self._growing = frozenset(growing)
        self._known: dict[str, _Directory] = {}

    def measure(self, root: Path, *parts: Path) -> list[int]:
        """Return the bytes of all files in a folder and in folders within it.

        Each file counts once, however many names it has there. Files that vanish meanwhile do not count; symbolic links
        are not followed.

        Args:
            root: What of other folders was known is forgotten.
            parts: The folders within it.
        """
        found: dict[str, _Directory] = {}
        for path in _walk(str(root), found):
            found[path] = self._read(path)
        self._known = found
        return [_bytes(str(path), found) for path in (root, *parts)]

    def _read(self, path: str) -> _Directory:
        known = self._known.get(path)
        if known and known.versions and all(version_of(file) == version for file, version in known.versions.items()):
            return known
        # Before reading, so that a change meanwhile shows the next time.
        now, versions = time.time_ns(), {path: version_of(path)}
        alone, linked, inside = 0, {}, []
        with suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    inside.append(entry.path)
                    continue
                if entry.name in self._growing:
                    versions[entry.path] = version_of(entry.path)
                with suppress(FileNotFoundError):
                    about = entry.stat(follow_symlinks=False)
                    if about.st_nlink == 1:
                        alone += about.st_size
                    else:
                        linked[about.st_dev, about.st_ino] = about.st_size
        is_settled = all(version is None or version.is_settled(now) for version in versions.values())
        return _Directory(versions if is_settled else {}, alone, linked, inside)


def folder_bytes(path: Path) -> int:
    """Return the size of all files in a folder, see `FolderSizes.measure`."""
    return FolderSizes().measure(path)[0]


def _walk(root: str, found: Mapping[str, _Directory]) -> Iterator[str]:
    """Yield a directory and all within it; each is in `found` before the next one is asked for."""
    waiting = [root]
    while waiting:
        yield (path := waiting.pop())
        waiting += found[path].inside if path in found else ()


def _bytes(root: str, found: Mapping[str, _Directory]) -> int:
    total, linked = 0, {}
    for path in _walk(root, found):
        if directory := found.get(path):
            total += directory.alone
            linked |= directory.linked
    return total + sum(linked.values())
