"""Space that is used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


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


def folder_bytes(path: Path) -> int:
    """Return the size of all files in a folder, each counted once, however many names (hard links) it has in there.

    Files that vanish meanwhile do not count; symbolic links are not followed.
    """
    total = 0
    linked: set[tuple[int, int]] = set()  # device and inode of files with several names
    for directory, _, names in os.walk(path):
        for name in names:
            try:
                about = os.lstat(os.path.join(directory, name))  # noqa: PTH118 (twice as fast)
            except FileNotFoundError:
                continue
            inode = about.st_dev, about.st_ino
            if about.st_nlink == 1 or inode not in linked:
                total += about.st_size
            if about.st_nlink > 1:
                linked.add(inode)
    return total
