"""What people call things, and how folders are called. A name is free text and never part of a path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

from editor.config import MAX_NAME
from editor.workspace.errors import WorkspaceError

NOT_TEXT = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of surrogate pairs, separators of lines
INVISIBLE = (*NOT_TEXT, "Cf", "Zs")


def clean_name(name: str, *, what: str, taken: Iterable[str]) -> str:
    """Return the name as it is kept: NFC, on one line, without control characters and superfluous space.

    Args:
        name: What a person typed.
        what: What is called so, such as "effect".
        taken: The names of the others.

    Raises:
        WorkspaceError: It is empty, too long or taken.
    """
    name = unicodedata.normalize("NFC", name)
    name = " ".join("".join(" " if unicodedata.category(c) in NOT_TEXT else c for c in name).split())
    if all(unicodedata.category(c) in INVISIBLE for c in name):
        raise WorkspaceError(f"Give the {what} a name, for instance “Sunglasses”.")
    if len(name) > MAX_NAME:
        raise WorkspaceError(f"The name is too long. Use at most {MAX_NAME} characters.")
    if name_key(name) in map(name_key, taken):
        article = "an" if what[0] in "aeiou" else "a"
        raise WorkspaceError(f"There is {article} {what} called “{name}” already. Choose it, or use another name.")
    return name


def name_key(name: str) -> str:
    """Return what two names share that a person would call the same: case and encoding of accents do not count."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return `name`, with a number where that is taken, cut so that it is not too long."""
    keys = {name_key(other) for other in taken}
    candidate, number = name[:MAX_NAME], 2
    while name_key(candidate) in keys:
        suffix = f" {number}"
        candidate, number = name[: MAX_NAME - len(suffix)].rstrip() + suffix, number + 1
    return candidate


def slugify(name: str) -> str:
    """Return a plain folder name for `name`: lower case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "effect"


def free_path(directory: Path, name: str, taken: Collection[str] = ()) -> Path:
    """Return `directory / name`, with a number where that is there or `taken`."""
    path, number = directory / name, 2
    while path.exists() or path.name in taken:
        path, number = directory / f"{name}-{number}", number + 1
    return path
