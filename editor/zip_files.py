"""Reading zip files that anyone may have made."""

from __future__ import annotations

import errno
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What zipfile raises where bytes make no sense, beside an OSError: it has no one error for it. A ValueError says that a
# name is no text, a RuntimeError that a password or a compression that it does not know is needed.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)


class DamagedZipError(Exception):
    """What an archive says of itself makes no sense. A disk that fails is an OSError instead."""


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
            DamagedZipError: It is damaged.
            OSError: It cannot be read.
        """
        with _damage():
            archive = zipfile.ZipFile(self)
        self._limit = None
        return archive

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, at most so many."""
        if self._limit is not None and size is not None and size > self._limit:
            raise LongIndexError
        return super().read(size)


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """Return what an entry holds; no more than `limit` bytes are unpacked.

    Raises:
        DamagedZipError: It cannot be unpacked.
        OSError: The archive cannot be read.
    """
    with _damage(), archive.open(entry) as packed:
        return packed.read(limit)


@contextmanager
def _damage() -> Iterator[None]:
    """Turn everything that tells of bytes that make no sense into one error."""
    try:
        yield
    except DAMAGED as error:
        raise DamagedZipError from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a seek to before the file, where Python 3.10 believes the index to be
            raise
        raise DamagedZipError from error
