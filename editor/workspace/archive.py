"""A zip file of edits at full size that is written while it is sent: one edit at a time is in memory, and none on disk.

Edits are stored as they are, for pictures do not shrink any further. Clips that were edited go along, piece by piece
from where they are: editing one takes too long for a browser that waits for a file.
"""

from __future__ import annotations

import secrets
import threading
import time
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from editor.errors import UserError
from editor.pairs.names import UniqueNames
from editor.workspace.download_names import NamePattern
from editor.workspace.downloads import DownloadItem, Downloads, FileFormat, require_format
from editor.workspace.editing import Editing
from editor.workspace.errors import WorkspaceError
from editor.workspace.names import slugify
from editor.workspace.photos import EditSettings
from editor.workspace.training import Training

NOT_EDITED = "not-edited.txt"
MAX_ARCHIVES = 8  # that are remembered
PIECE_BYTES = 2**20  # of a clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a person wants in one zip file.

    Attributes:
        name: Of the zip file.
        items: The photos.
        settings: How to edit them.
        format: What to save them as.
        names: How the files are called; of equal names, all but the first get a number.
    """

    name: str
    items: tuple[DownloadItem, ...]
    settings: EditSettings
    format: FileFormat
    names: NamePattern


class Archives:
    """The archives that pages asked for last, by a key that nobody can guess. Safe to use from any thread."""

    def __init__(self, training: Training, editing: Editing) -> None:
        self._training = training
        self._editing = editing
        self._lock = threading.Lock()  # guards `_wanted`
        self._wanted: OrderedDict[str, Archive] = OrderedDict()

    def add(
        self, items: Sequence[DownloadItem], settings: EditSettings, format: FileFormat, names: NamePattern
    ) -> tuple[str, Archive]:
        """Remember an archive, whose photos are edited when it is sent, and return its key and what it is.

        Raises:
            WorkspaceError: No photo is there any more, the format is unknown, or the run cannot edit.
        """
        require_format(format)
        self._editing.editor(settings.run)  # else every photo would say that there is none
        if not self._editing.touch([item.photo for item in items]):
            raise WorkspaceError("None of the photos could be edited. Drop them again.")
        name = f"{slugify(self._training.open(settings.run).effect)}-edits.zip"
        archive = Archive(name=name, items=tuple(items), settings=settings, format=format, names=names)
        key = secrets.token_urlsafe()
        with self._lock:
            self._wanted[key] = archive
            while len(self._wanted) > MAX_ARCHIVES:
                self._wanted.popitem(last=False)
        return key, archive

    def get(self, key: str) -> Archive | None:
        """Return what a key stands for; None where it is unknown or forgotten."""
        with self._lock:
            return self._wanted.get(key)


class _Window(BytesIO):
    """The end of a file of which the beginning was sent already. Positions are those in the whole file.

    `zipfile` goes back to the head of an entry once its size is known. In a stream that cannot do so the size would
    follow the entry, and not every program unpacks that where nothing is compressed. A head that was sent already was
    right from the beginning, see `_Known`, and writing it again changes nothing.
    """

    _sent = 0
    _is_behind = False  # in what was sent

    def tell(self) -> int:
        """Return the position in the whole file."""
        return self._sent + super().tell()

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go to a position in the whole file."""
        self._is_behind = whence == 0 and position < self._sent
        if self._is_behind:
            return position
        return self._sent + super().seek(position - (self._sent if whence == 0 else 0), whence)

    def write(self, data: bytes, /) -> int:
        """Write, unless that is about what was sent already."""
        return len(data) if self._is_behind else super().write(data)

    def take(self) -> bytes:
        """Return all that was not sent yet, and regard it as sent."""
        data = self.getvalue()
        self._sent += len(data)
        super().seek(0)
        self.truncate()
        return data


class _Known(zipfile.ZipInfo):
    """An entry of which the bytes are known before the first is written, so that its head is right at once."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        """Read a file once, from its beginning to its end, to which it goes back."""
        super().__init__(name, time.localtime()[:6])
        checksum = 0
        while piece := file.read(PIECE_BYTES):
            checksum = zlib.crc32(piece, checksum)
        self._known = file.tell(), checksum
        self.file_size = self._known[0]  # which decides whether the head must have room for 64 bits
        file.seek(0)

    def FileHeader(self, zip64: bool | None = None) -> bytes:  # noqa: N802
        """Return the head of the entry."""
        self.file_size, self.CRC = self._known
        self.compress_size = self.file_size
        return super().FileHeader(zip64)


def packed(wanted: Archive, lend: Callable[[], AbstractContextManager[Downloads]]) -> Iterator[bytes]:
    """Yield a zip file piece by piece, each with one more edit, which is made only then, or with a part of a clip.

    What cannot be edited is left out, and a text file in the archive says why.

    Args:
        wanted: What goes into it.
        lend: Gives what edits, for as long as one photo takes.
    """
    unique = UniqueNames()  # whatever their case, or one file would replace another where it is unpacked
    window, problems = _Window(), []
    with zipfile.ZipFile(window, "w", zipfile.ZIP_STORED) as archive:
        for item in wanted.items:
            try:
                with lend() as downloads:
                    if item.photo.clip:
                        stem, suffix, place = downloads.film(item, wanted.settings, wanted.names)
                        film = place.open("rb")
                    else:
                        stem, suffix, data = downloads.encoded(item, wanted.settings, wanted.format, wanted.names)
            except UserError as error:
                problems.append(str(error))
                continue
            name = f"{unique.add(stem)}{suffix}"
            if item.photo.clip:
                yield from _pieces(archive, window, name, film)
            else:
                archive.writestr(name, data)
                yield window.take()
        if problems:
            archive.writestr(NOT_EDITED, "\n".join([*problems, ""]))
    yield window.take()


def _pieces(archive: zipfile.ZipFile, window: _Window, name: str, file: BinaryIO) -> Iterator[bytes]:
    """Yield an entry of an archive piece by piece; the file is closed then."""
    with file, archive.open(_Known(name, file), "w") as entry:
        while piece := file.read(PIECE_BYTES):
            entry.write(piece)
            yield window.take()
