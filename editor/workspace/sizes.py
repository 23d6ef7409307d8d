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
    """Return the size of all files in a folder. Files that vanish meanwhile do not count; links are not followed."""
    total = 0
    for directory, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(directory, name)).st_size  # noqa: PTH118 (twice as fast)
            except FileNotFoundError:
                continue
    return total
