"""Thumbnails for one refresh of a page, made within a time budget so that no refresh takes long."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from markupsafe import Markup

from editor.config import FitMode
from editor.errors import UserError
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import from_template, picture
from editor.workspace import Workspace

SIDE = 256  # pixels
SECONDS = 0.3  # for making thumbnails; a page of large photos fills up within a few refreshes


class PageThumbnails:
    """Makes thumbnails as long as its time allows. The rest is made at the next refresh.

    Attributes:
        is_complete: Whether every picture that was asked for is shown.
    """

    def __init__(self, workspace: Workspace, seconds: float = SECONDS) -> None:
        self._thumbnails = workspace.thumbnails
        self._end = time.monotonic() + seconds
        self.is_complete = True

    def picture(self, path: Path, alt: str, *, side: int = SIDE, fit: FitMode | None = None) -> Markup:
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
        except (UserError, OSError):  # the page says what is wrong where the file is used
            return from_template("no_picture", alt=alt, text=messages.common.NOT_SHOWN)
        if small is None:
            self.is_complete = False
            return from_template("no_picture", alt=alt, text=messages.common.COMING)
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
            with suppress(UserError, OSError):  # the page says that it is broken where it is used
                if not self._thumbnails.is_square(pair.source):
                    found.append(pair)
        return found

    def size(self, path: Path) -> str:
        """Return width and height of a picture as text, empty if it cannot be read."""
        try:
            return messages.common.pixels(self._thumbnails.size(path))
        except (UserError, OSError):
            return ""
