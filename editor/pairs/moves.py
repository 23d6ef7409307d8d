"""A write-ahead journal for moving several files as one transaction.

The moves are written to the journal before the first of them is made; after a crash, `finish_moves` makes those that
are missing. In this way both sides of a pair appear, disappear or change their name together.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel

from editor.json_files import JsonFileError, JsonFormat
from editor.validation import FilePath

FORMAT = JsonFormat()
JOURNAL = ".moves.json"  # beside the pairs that are being changed
logger = logging.getLogger(__name__)


class _Moves(BaseModel):
    """What a journal says: from where to where."""

    moves: list[tuple[FilePath, FilePath]]


def move_all(journal: Path, moves: Sequence[tuple[Path, Path]]) -> None:
    """Move files. Nothing may lie where they go.

    Args:
        journal: Where to write down what is being done, in a folder on the same disk; gone when it is done.
        moves: From where to where.

    Raises:
        OSError: Not all could be moved; what had been moved is back. Where the disk refused that, too, the journal
            stays, and nothing is moved any more before `finish_moves` was called.
    """
    if journal.exists():
        words = "an earlier change of these pairs is not finished; restart Pairbrush, which finishes it"
        raise OSError(errno.EBUSY, words)
    base = journal.parent
    relative = [[Path(os.path.relpath(path, base)).as_posix() for path in move] for move in moves]
    FORMAT.write(journal, {"moves": relative})
    done: list[tuple[Path, Path]] = []
    try:
        for origin, place in moves:
            origin.replace(place)
            done.append((origin, place))
    except BaseException:
        for origin, place in reversed(done):
            place.replace(origin)
        journal.unlink()  # not reached if something cannot go back: then `finish_moves` does the rest
        raise
    journal.unlink()


def finish_moves(journal: Path, *, within: Path) -> None:
    """Do what is left of moves that a crash interrupted.

    Args:
        journal: As given to `move_all`.
        within: The folder outside of which nothing is touched, whatever the journal says.

    Raises:
        OSError: A file cannot be moved.
    """
    if not journal.is_file():
        return
    try:
        base = journal.parent.resolve()
        moves = FORMAT.read_as(_Moves, journal).moves
        paths = [[Path(os.path.normpath(base / path)) for path in move] for move in moves]  # links are not followed
    except JsonFileError as error:
        logger.warning("%s is left as it is: %s", journal, error)
        return
    for origin, place in paths:
        is_inside = origin.is_relative_to(within) and place.is_relative_to(within)
        # Where case does not count, both names of a change of case are the same file.
        is_free = not place.exists() or (origin.exists() and origin.samefile(place))
        if is_inside and origin.is_file() and is_free:
            place.parent.mkdir(parents=True, exist_ok=True)
            origin.replace(place)
    journal.unlink()
