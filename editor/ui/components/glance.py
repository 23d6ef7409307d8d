"""Small pictures for one look at a page, none of which may take long."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from pathlib import Path

from editor.config import FitMode
from editor.errors import UserError
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import picture
from editor.workspace import Workspace

SIDE = 256  # pixels
SECONDS = 0.3  # for making small copies; a page of large photos fills within a few looks


class Glance:
    """Makes small copies as long as its time allows. The rest is made at the next look.

    Attributes:
        is_complete: Whether every picture that was asked for is shown.
    """

    def __init__(self, workspace: Workspace, seconds: float = SECONDS) -> None:
        self._thumbnails = workspace.thumbnails
        self._end = time.monotonic() + seconds
        self.is_complete = True

    def picture(self, path: Path, alt: str, *, side: int = SIDE, fit: FitMode | None = None) -> str:
        """Return an image tag, or a box that stands for the picture until it is there, or for one that is broken.

        Args:
            path: The picture.
            alt: What it shows.
            side: At most so many pixels long.
            fit: Show the square that a model sees of it.
        """
        try:
            small = self._thumbnails.existing(path, side, fit)
            if small is None and time.monotonic() < self._end:
                small = self._thumbnails.get(path, side, fit)
        except (UserError, OSError):  # what is wrong is told where the file is used
            return _box(alt, messages.common.NOT_SHOWN)
        if small is None:
            self.is_complete = False
            return _box(alt, messages.common.COMING)
        return picture(small, alt, is_lazy=True)

    def not_square(self, pairs: Iterable[Pair], limit: int) -> list[Pair]:
        """Return the first pairs whose source is not square, as many as are wanted and found in time."""
        found: list[Pair] = []
        for pair in pairs:
            if len(found) == limit:
                break
            if time.monotonic() >= self._end:
                self.is_complete = False
                break
            with suppress(UserError, OSError):  # one that is broken is told where it is used
                if not self._thumbnails.is_square(pair.source):
                    found.append(pair)
        return found

    def size(self, path: Path) -> str:
        """Return the size of a picture in words, or nothing if it cannot be read."""
        try:
            return messages.common.pixels(self._thumbnails.size(path))
        except (UserError, OSError):
            return ""


def _box(alt: str, text: str) -> str:
    return f'<span class="pb-no-picture" role="img" aria-label="{escape(alt)}">{escape(text)}</span>'
