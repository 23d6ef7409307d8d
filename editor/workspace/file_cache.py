"""Values that were read from files, kept in memory as long as the files are the same.

Every open page polls every second. Finding out that nothing has changed must not open a file: comparing what the file
system says about it (time of the last change, size, inode) is enough.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

TICK_NS = 2 * 10**9  # the coarsest clock of a file system in use, that of FAT

T = TypeVar("T")


class FileVersion(NamedTuple):
    """What the file system says about a file. It differs, with one exception, between any two contents of it.

    The exception: of two changes within one tick of the file system's clock, the second can leave the time and the size
    of the first, and even its inode, which is free again after a replacement.
    """

    changed: int  # time of the last change, in ns since 1970
    size: int  # bytes
    inode: int

    def is_settled(self, now: int) -> bool:
        """Say whether a second change would show. Else what was read is not kept: git calls such files "racily clean".

        Args:
            now: The time before the file was read, in ns since 1970. A file from the future, on a drive whose clock is
                ahead of ours, is read each time.
        """
        return now - self.changed > TICK_NS


def version_of(path: str | Path) -> FileVersion | None:
    """Return the version of a file without opening it; None where there is none.

    Raises:
        OSError: The file system does not say, for instance because the folder cannot be read.
    """
    try:
        stat = os.stat(path)  # noqa: PTH116 (half the time of Path.stat)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return FileVersion(stat.st_mtime_ns, stat.st_size, stat.st_ino)


class CachedFiles(Generic[T]):
    """One value that is read from files, again only after one of them has changed. Safe to use from any thread."""

    def __init__(self, paths: Sequence[Path], read: Callable[[], T]) -> None:
        """Nothing is read yet.

        Args:
            paths: The files that the value depends on; they need not be there.
            read: Reads it. What it raises is not kept.
        """
        self._paths, self._read = tuple(map(str, paths)), read
        self._lock = threading.Lock()  # guards `_known`
        self._known: tuple[tuple[FileVersion | None, ...], T] | None = None

    def get(self) -> T:
        """Return the value that belongs to the files as they are now."""
        with self._lock:
            versions = tuple(map(version_of, self._paths))  # before reading: a change meanwhile shows the next time
            if self._known is not None and self._known[0] == versions:
                return self._known[1]
            now = time.time_ns()
            value = self._read()
            is_settled = all(version is None or version.is_settled(now) for version in versions)
            self._known = (versions, value) if is_settled else None
            return value
