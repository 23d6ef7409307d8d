"""Reading zip files that anyone may have made."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

# What zipfile raises where bytes make no sense: it has no one error for it. Names may be no text (a ValueError), and
# Python 3.10 seeks to where the index is said to begin, be it before the file (an OSError or ValueError).
BAD_INDEX = (zipfile.BadZipFile, NotImplementedError, OSError, ValueError)
BAD_ENTRY = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)


class LongIndexError(Exception):
    """An archive holds far too many files."""


class ZipReader(io.BufferedReader):
    """An archive on disk, whose index is bounded.

    `zipfile` reads the index in one piece, as long as the file itself says, and makes objects of it all, which take
    twenty times that in memory, before anybody can count them.
    """

    def __init__(self, file: Path, max_index: int) -> None:
        """Open a file.

        Args:
            file: The archive.
            max_index: The most bytes that names and places of its entries may take.

        Raises:
            OSError: It cannot be read.
        """
        super().__init__(io.FileIO(file))
        self._limit: int | None = max_index

    def archive(self) -> zipfile.ZipFile:
        """Read the index, and nothing else.

        Raises:
            LongIndexError: It is longer than it may be.
            BAD_INDEX: It is damaged.
        """
        archive = zipfile.ZipFile(self)
        self._limit = None
        return archive

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, at most so many."""
        if self._limit is not None and size is not None and size > self._limit:
            raise LongIndexError
        return super().read(size)
