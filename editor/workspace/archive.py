"""A zip file of edits at full size that is written while it is sent: one edit at a time is in memory, and none on disk.

Edits are stored as they are, for pictures do not shrink any further.
"""

from __future__ import annotations

import secrets
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO

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
    follow the entry, and not every program unpacks that where nothing is compressed.
    """

    _sent = 0

    def tell(self) -> int:
        """Return the position in the whole file."""
        return self._sent + super().tell()

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go to a position in the whole file."""
        return self._sent + super().seek(position - (self._sent if whence == 0 else 0), whence)

    def take(self) -> bytes:
        """Return all that was not sent yet, and regard it as sent."""
        data = self.getvalue()
        self._sent += len(data)
        super().seek(0)
        self.truncate()
        return data


def packed(wanted: Archive, lend: Callable[[], AbstractContextManager[Downloads]]) -> Iterator[bytes]:
    """Yield a zip file piece by piece, each with one more edit, which is made only then.

    What cannot be edited is left out, and a text file in the archive says why.

    Args:
        wanted: What goes into it.
        lend: Gives what edits, for as long as one photo takes.
    """
    unique = UniqueNames()  # whatever their case, or one file would replace another where it is unpacked
    window, problems = _Window(), []
    with zipfile.ZipFile(window, "w", zipfile.ZIP_STORED) as archive:
        for item in wanted.items:
            if item.photo.clip:
                problems.append(f"{item.photo.name} is a clip. Show it and download it by itself.")
                continue
            try:
                with lend() as downloads:
                    stem, suffix, data = downloads.encoded(item, wanted.settings, wanted.format, wanted.names)
            except UserError as error:
                problems.append(str(error))
                continue
            archive.writestr(f"{unique.add(stem)}{suffix}", data)
            yield window.take()
        if problems:
            archive.writestr(NOT_EDITED, "\n".join([*problems, ""]))
    yield window.take()
