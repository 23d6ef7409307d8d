"""What a person wants to teach: an effect, which is a folder of pairs with a name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from editor.files import parse_time
from editor.json_files import JsonFileError, JsonFormat

FORMAT = JsonFormat()
UNREADABLE = (OSError, ValueError, KeyError, TypeError)


class Effect(NamedTuple):
    """What a person wants to teach, and the pairs that show it."""

    slug: str  # name of its folder
    name: str
    created: datetime


def list_effects(directory: Path) -> list[Effect]:
    """Return every effect in a folder that can be read, the newest first."""
    found = []
    for path in directory.glob("[!.]*/effect.json"):
        try:
            found.append(read_effect(path.parent))
        except UNREADABLE:
            continue  # `effect_problems` says why
    return sorted(found, key=lambda effect: effect.created, reverse=True)


def effect_problems(directory: Path) -> list[str]:
    """Return one sentence for every effect in a folder that cannot be read."""
    sentences = []
    for path in sorted(directory.glob("[!.]*/effect.json")):
        try:
            read_effect(path.parent)
        except UNREADABLE as error:
            reason = str(error) if isinstance(error, JsonFileError) else f"{path} is damaged ({error!r})."
            sentences.append(f"The effect in the folder {path.parent.name} cannot be shown. {reason}")
    return sentences


def read_effect(directory: Path) -> Effect:
    """Return the effect in a folder.

    Raises:
        OSError, ValueError, KeyError, TypeError: It is missing, damaged or was written by a newer Pairbrush.
    """
    about = FORMAT.read(directory / "effect.json")
    return Effect(directory.name, str(about["name"]), parse_time(about["created"]))


def write_effect(directory: Path, effect: Effect) -> None:
    """Write down the name of an effect.

    Raises:
        OSError: The folder cannot be written.
    """
    FORMAT.write(directory / "effect.json", {"name": effect.name, "created": effect.created.isoformat()})
