"""What was deleted, until a person empties the trash.

    TRASH/TIME-ID/trash.json    what it was
    TRASH/TIME-ID/content/      the folder itself; of pairs, a `PairStore` with what was removed

Deleting and restoring are one rename of a folder each, so a crash leaves a thing either here or there.
"""

from __future__ import annotations

import shutil
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel

from editor.files import temporary_name
from editor.json_files import JsonFileError, JsonFormat, NewerFileError
from editor.pairs.moves import JOURNAL
from editor.validation import Moment, Text
from editor.workspace.errors import WorkspaceError
from editor.workspace.sizes import folder_bytes

FORMAT = JsonFormat()

Kind = Literal["effect", "run", "pairs"]


class TrashEntry(NamedTuple):
    """Something that can be restored.

    Attributes:
        id: Name of its folder in the trash.
        kind: What it is.
        name: What a person called it: of pairs, their effect.
        place: Name of the folder where it was: of pairs, that of their effect.
        pairs: Names of the pairs, if that is what it is.
        deleted: When.
        bytes: Space that it takes.
    """

    id: str
    kind: Kind
    name: str
    place: str
    pairs: tuple[str, ...]
    deleted: datetime
    bytes: int


class _About(BaseModel):
    """What `trash.json` says."""

    kind: Kind
    name: Text
    place: Text
    pairs: tuple[Text, ...]
    deleted: Moment


class Trash:
    """The trash folder of a workspace."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def put(self, folder: Path, *, kind: Kind, name: str) -> str:
        """Move a folder into the trash and return the id by which it can be restored.

        Raises:
            OSError: The disk is full or cannot be written. Nothing is moved then.
        """
        id = self.begin(kind=kind, name=name, place=folder.name)
        try:
            folder.rename(self.content(id))
        except BaseException:
            self.discard(id)
            raise
        return id

    def begin(self, *, kind: Kind, name: str, place: str, pairs: tuple[str, ...] = ()) -> str:
        """Make an entry that does not show before something is moved to its `content`."""
        now = datetime.now(timezone.utc)
        id = f"{now:%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}"
        (self.directory / id).mkdir(parents=True)
        about = {"kind": kind, "name": name, "place": place, "pairs": list(pairs), "deleted": now.isoformat()}
        try:
            FORMAT.write(self.directory / id / "trash.json", about)
        except BaseException:
            shutil.rmtree(self.directory / id, ignore_errors=True)
            raise
        return id

    def content(self, id: str) -> Path:
        """Return where the content of an entry lies."""
        return self.directory / id / "content"

    def list(self) -> list[TrashEntry]:
        """Return all that can be restored, the last deleted first."""
        paths = self.directory.glob("[!.]*/trash.json")
        found = [entry for path in paths if (entry := self._read(path.parent)) is not None]
        return sorted(found, key=lambda entry: (entry.deleted, entry.id), reverse=True)

    def get(self, id: str) -> TrashEntry:
        """Return the entry with that id.

        Raises:
            WorkspaceError: There is none.
        """
        for entry in self.list():
            if entry.id == id:
                return entry
        raise WorkspaceError(
            "This is no longer in the trash: it was restored, or the trash was emptied. Reload the page."
        )

    def discard(self, id: str) -> None:
        """Delete an entry for good."""
        hidden = self.directory / temporary_name()  # from here on it does not show
        (self.directory / id).rename(hidden)
        shutil.rmtree(hidden, ignore_errors=True)  # what stays is removed at the next start

    def empty(self, older_than: timedelta | None) -> int:
        """Delete for good what was deleted longer ago than that, or everything, and return how many bytes that freed.

        Entries dated in the future (the clock was set back), and damaged ones, go only with everything. An entry whose
        restoring was interrupted stays until the next start has finished it.
        """
        now = datetime.now(timezone.utc)
        whole = [entry for entry in self.list() if not (self.content(entry.id) / JOURNAL).exists()]
        old = {entry.id: entry.bytes for entry in whole if older_than is None or now - entry.deleted >= older_than}
        if older_than is None:
            old |= {path.name: folder_bytes(path) for path in self.directory.glob("[!.]*") if _is_damaged(path)}
        for id in old:
            self.discard(id)
        return sum(old.values())

    def recover(self) -> None:
        """Remove what a crash left: entries to which nothing was moved, or from which everything was restored."""
        for path in self.directory.glob("[!.]*"):
            if not _files(path / "content"):
                shutil.rmtree(path, ignore_errors=True)

    def _read(self, path: Path) -> TrashEntry | None:
        if not _files(path / "content"):
            return None
        try:
            about = FORMAT.read_as(_About, path / "trash.json")
        except (OSError, JsonFileError):
            return None  # of another version, or just gone: not ours to show
        if about.place != Path(about.place).name or about.place.startswith("."):
            return None  # not written by us
        return TrashEntry(path.name, **about.model_dump(), bytes=folder_bytes(path))


def _is_damaged(path: Path) -> bool:
    """Say whether nobody can tell any more what an entry was."""
    if (path / "content" / JOURNAL).exists():
        return False
    try:
        FORMAT.read_as(_About, path / "trash.json")
    except NewerFileError:
        return False
    except JsonFileError:
        return True
    return False


def _files(content: Path) -> bool:
    """Say whether there is a file, other than the list of held-out pairs that a restored one leaves behind."""
    return any(path.is_file() and path.name != "pairs.json" for path in content.rglob("*"))
