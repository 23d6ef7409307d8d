"""Small pictures for one look at a page, none of which may take long."""

from __future__ import annotations

import time
from html import escape
from pathlib import Path

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.html import picture
from editor.workspace import Workspace

SECONDS = 0.3  # for making small copies; a page of large photos fills within a few looks


class Glance:
    """Makes small copies as long as its time allows. The rest is made at the next look.

    Attributes:
        is_complete: Whether every picture that was asked for is shown.
    """

    def __init__(self, workspace: Workspace, seconds: float = SECONDS) -> None:
        self._pictures = workspace.pictures
        self._end = time.monotonic() + seconds
        self.is_complete = True

    def picture(self, path: Path, alt: str) -> str:
        """Return an image tag, or a box that stands for the picture until it is there, or for one that is broken."""
        try:
            small = self._pictures.made(path)
            if small is None and time.monotonic() < self._end:
                small = self._pictures.small(path)
        except (UserError, OSError):  # what is wrong is told where the file is used
            return _box(alt, messages.NOT_SHOWN)
        if small is None:
            self.is_complete = False
            return _box(alt, messages.COMING)
        return picture(small, alt, is_lazy=True)

    def size(self, path: Path) -> str:
        """Return the size of a picture in words, or nothing if it cannot be read."""
        try:
            return messages.pixels(self._pictures.size(path))
        except (UserError, OSError):
            return ""


def _box(alt: str, text: str) -> str:
    return f'<span class="pb-no-picture" role="img" aria-label="{escape(alt)}">{escape(text)}</span>'
