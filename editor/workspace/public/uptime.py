"""The total running time of the app over all its starts, saved in a file.

Unlike the time of day it does not jump when the clock of the machine is set, so it is fit for expiry.
"""

from __future__ import annotations

import time
from pathlib import Path

from pydantic import BaseModel

from editor.json_files import JsonFileError, JsonFormat, NewerFileError
from editor.validation import Amount

FORMAT = JsonFormat()


class _About(BaseModel):
    """What the file says."""

    seconds: Amount


class Uptime:
    """Seconds of running. After a crash it continues from the last save, so it may be too low but never too high."""

    def __init__(self, path: Path) -> None:
        """Continue from the saved time.

        Args:
            path: The file; it need not be there.

        Raises:
            NewerFileError: A newer Pairbrush wrote it.
        """
        self._path = path
        self._before = read_seconds(path) or 0.0
        self._start = time.monotonic()

    def __call__(self) -> float:
        """Return the running time in seconds."""
        return self._before + time.monotonic() - self._start

    def save(self) -> None:
        """Save the running time.

        Raises:
            OSError: The disk is full or cannot be written.
        """
        write_seconds(self._path, self())


def read_seconds(path: Path) -> float | None:
    """Return a saved time in seconds; None where there is none, or the file is damaged.

    Raises:
        NewerFileError: A newer Pairbrush wrote it.
    """
    try:
        return FORMAT.read_as(_About, path).seconds
    except FileNotFoundError:
        return None
    except NewerFileError:
        raise
    except JsonFileError:
        return None


def write_seconds(path: Path, seconds: float) -> None:
    """Save a time in seconds.

    Raises:
        OSError: The disk is full or cannot be written.
    """
    FORMAT.write(path, {"seconds": round(seconds, 1)})
