"""The choice of held-out pairs: what a person chose, in `pairs.json`, or else a tenth of all, evenly spaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel

from editor.json_files import JsonFileError, JsonFormat
from editor.pairs.errors import PairError
from editor.validation import Text

FORMAT = JsonFormat()


class _About(BaseModel):
    """What `pairs.json` says."""

    held_out: list[Text]


class HeldOut:
    """The file that names the held-out pairs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[str] | None:
        """Return the names that were chosen, or None if nobody chose yet.

        Raises:
            PairError: The file cannot be understood.
        """
        if not self.path.is_file():
            return None
        try:
            return FORMAT.read_as(_About, self.path).held_out
        except JsonFileError as error:
            raise PairError(f"{error} Delete the file to get the default choice of held-out pairs.") from error

    def write(self, names: Iterable[str]) -> None:
        """Choose exactly these.

        Raises:
            PairError: The file was written by a newer Pairbrush.
            OSError: The folder cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            FORMAT.write(self.path, {"held_out": sorted(names)})
        except JsonFileError as error:
            raise PairError(str(error)) from error


def default_held_out(names: Sequence[str]) -> list[str]:
    """Choose pairs to hold out: a tenth, at least one of five or more, none of fewer, evenly spaced.

    Args:
        names: Names of all pairs, sorted.

    Returns:
        The same names for the same input, always.
    """
    count = max(1, len(names) // 10) if len(names) >= 5 else 0
    return [names[(2 * k + 1) * len(names) // (2 * count)] for k in range(count)]
