"""Names of pairs and of their files."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import defaultdict
from pathlib import Path

from editor.image_files import SUFFIXES

CLUTTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})  # what operating systems leave behind, beside dot files
MAX_NAME = 60  # characters; four bytes each still fit the 255 that file systems allow


def safe_name(name: str) -> str:
    """Return a name that every file system takes: letters and digits of any script, `-` and `_`."""
    name = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name)).strip("-")[:MAX_NAME]
    if re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", name):
        return f"{name}-"  # these are devices on Windows
    return name or "pair"


def unfinished_name() -> str:
    """Return the name of a file that is no picture of anybody: if a crash leaves it, the next start removes it."""
    return f".{uuid.uuid4().hex}.tmp"


def files_of(directory: Path) -> list[Path]:
    """Return the files of a folder by name, without what operating systems leave behind."""
    if not directory.is_dir():
        return []
    files = (p for p in directory.iterdir() if p.is_file() and not p.name.startswith("."))
    return sorted(p for p in files if p.name.lower() not in CLUTTER)


def pictures_by_name(directory: Path) -> dict[str, list[Path]]:
    """Return the pictures of a folder by stem. More than one per stem is possible: a.png and a.jpg."""
    pictures: defaultdict[str, list[Path]] = defaultdict(list)
    for path in files_of(directory):
        if path.suffix.lower() in SUFFIXES:
            pictures[path.stem].append(path)
    return dict(pictures)
