"""Names of pairs and of their files."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from editor.config import MAX_NAME
from editor.image_files import SUFFIXES

CLUTTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})  # what operating systems leave behind, beside dot files


class UniqueNames:
    """Names that are in use, no two of them equal by `plain`: some file systems hold A.png and a.png to be one file."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._used = {plain(name) for name in names}
        self._next: dict[str, int] = {}  # the first number that may be free, or 10,000 equal names would take minutes

    def __len__(self) -> int:
        return len(self._used)

    def add(self, name: str) -> str:
        """Add a name, with a number behind it if it is in use, and return it."""
        free, number = name, self._next.get(plain(name), 2)
        while plain(free) in self._used:
            free, number = f"{name}-{number}", number + 1
        self._next[plain(name)] = number
        self._used.add(plain(free))
        return free


def plain(text: str) -> str:
    """Return the text without regard to case or to how its accents are encoded."""
    return unicodedata.normalize("NFC", text).casefold()


def safe_name(name: str) -> str:
    """Return a name that every file system takes: letters and digits of any script, `-` and `_`."""
    name = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name)).strip("-")[:MAX_NAME]
    if re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", name):
        return f"{name}-"  # these are devices on Windows
    return name or "pair"


def files_of(directory: Path) -> list[Path]:
    """Return the files of a folder by name, without what operating systems leave behind."""
    try:
        with os.scandir(directory) as entries:
            names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and _is_file(entry))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [directory / name for name in names if name.lower() not in CLUTTER]


def _is_file(entry: os.DirEntry[str]) -> bool:
    # `DirEntry` knows without asking the disk, but raises for a link that leads to itself.
    return Path(entry).is_file() if entry.is_symlink() else entry.is_file()


def pictures_by_name(directory: Path) -> dict[str, list[Path]]:
    """Return the pictures of a folder by stem. More than one per stem is possible: a.png and a.jpg."""
    pictures: defaultdict[str, list[Path]] = defaultdict(list)
    for path in files_of(directory):
        if path.suffix.lower() in SUFFIXES:
            pictures[path.stem].append(path)
    return dict(pictures)
