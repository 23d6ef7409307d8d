"""How much a workspace may take: what is free on its disk, and a limit that whoever runs the app may set."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

from editor.errors import UserError
from editor.workspace.sizes import folder_bytes

MIN_FREE_BYTES = 1_000_000_000
MEASURED_SECONDS = 5.0  # for how long a size counts as known: a folder arrives as thousands of uploads


class SpaceError(UserError):
    """There is no room for more. The message is a sentence for the person who wanted to add something."""


class Space:
    """The room that is left in one folder. Safe to use from any thread."""

    def __init__(self, root: Path, max_bytes: float | None = None, *, of_visitor: tuple[Path, ...] = ()) -> None:
        """Watch a folder.

        Args:
            root: The folder; it need not be there yet.
            max_bytes: The most that may lie in it; None for no limit but the disk's.
            of_visitor: More folders that count, of a visitor who sees neither the disk nor the command line.

        Raises:
            SpaceError: The limit is not a positive number.
        """
        if max_bytes is not None and not max_bytes > 0:
            raise SpaceError("The limit of a workspace must be greater than zero.")
        self._root, self._more = root, of_visitor
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._measured: tuple[float, int] | None = None  # when, and how many bytes

    def require(self, coming: int = 0) -> None:
        """Make sure that there is room for more.

        Args:
            coming: How many bytes are about to be written.

        Raises:
            SpaceError: There is not.
        """
        free = shutil.disk_usage(self._root).free
        if free - coming < MIN_FREE_BYTES:
            if self._more:
                raise SpaceError("The disk of this app is almost full. Try again later.")
            raise SpaceError(
                f"Only {free / 1e6:,.0f} MB are free on the disk of {self._root}, and {MIN_FREE_BYTES / 1e6:,.0f} MB "
                "must stay free. Free some space first."
            )
        if self._max_bytes is None:
            return
        with self._lock:
            used = self._used()
            is_full = used + coming > self._max_bytes
            if not is_full:  # counted at once: sizes are measured only now and then
                self._measured = self._measured[0], used + coming
        if is_full:
            if self._more:
                raise SpaceError(
                    f"Your files take {used / 1e6:,.0f} MB and may take {self._max_bytes / 1e6:,.0f} MB here. Remove "
                    "pairs or runs that you no longer need, and empty the trash."
                )
            raise SpaceError(
                f"The workspace holds {used / 1e6:,.0f} MB and may hold {self._max_bytes / 1e6:,.0f} MB. Remove pairs "
                "or runs that are no longer needed, or raise the limit with --workspace-limit."
            )

    def _used(self) -> int:
        now = time.monotonic()
        if self._measured is None or now - self._measured[0] > MEASURED_SECONDS:
            self._measured = now, sum(map(folder_bytes, (self._root, *self._more)))
        return self._measured[1]
