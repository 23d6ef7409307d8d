"""Errors with a message for the person at the screen; what the disk refuses becomes one too."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from editor.errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT)
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class WorkspaceError(UserError):
    """Something that cannot be done. The message is a sentence for the person who asked for it."""


@contextmanager
def disk_errors_in_words() -> Iterator[None]:
    """Turn what the disk refuses into a sentence. Serves as a decorator too.

    Raises:
        WorkspaceError: In place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise WorkspaceError(_sentence(error)) from error


def _shorten(text: str, limit: int = 120) -> str:
    """Return a text of at most `limit` characters, its end cut off: names may be as long as somebody likes."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _sentence(error: OSError) -> str:
    if error.errno in FULL:
        return "The disk is full. Free some space, then try again; what was stored before is as it was."
    place = f": {_shorten(str(error.filename))}" if error.filename else ""
    if error.errno in READ_ONLY:
        return (
            f"The workspace cannot be written ({error.strerror}{place}). Change the rights of the folder, or "
            "choose another one with --workspace."
        )
    return f"The disk did not do what was asked ({error.strerror}{place}). Try again, or restart Pairbrush."
