"""For how long an app has been running, over all its starts: a clock that nobody can set."""

from __future__ import annotations

import math
import time
from pathlib import Path

from editor.json_files import JsonFileError, JsonFormat, NewerFileError

FORMAT = JsonFormat()


class Uptime:
    """Seconds of running. After a crash it goes on from when it was saved last, so it may lag but never runs ahead."""

    def __init__(self, path: Path) -> None:
        """Go on from what a file says.

        Args:
            path: The file; it need not be there.

        Raises:
            NewerFileError: A newer Pairbrush wrote it.
        """
        self._path = path
        self._before = read_seconds(path) or 0.0
        self._start = time.monotonic()

    def __call__(self) -> float:
        """Return the time."""
        return self._before + time.monotonic() - self._start

    def save(self) -> None:
        """Write the time down.

        Raises:
            OSError: The disk is full or cannot be written.
        """
        write_seconds(self._path, self())


def read_seconds(path: Path) -> float | None:
    """Return a time that was written down; None where there is none or it makes no sense.

    Raises:
        NewerFileError: A newer Pairbrush wrote it.
    """
    try:
        seconds = FORMAT.read(path)["seconds"]
    except FileNotFoundError:
        return None
    except NewerFileError:
        raise
    except (JsonFileError, KeyError):
        return None
    return float(seconds) if type(seconds) in (int, float) and math.isfinite(seconds) and seconds >= 0 else None


def write_seconds(path: Path, seconds: float) -> None:
    """Write a time down.

    Raises:
        OSError: The disk is full or cannot be written.
    """
    FORMAT.write(path, {"seconds": round(seconds, 1)})
