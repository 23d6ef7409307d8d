"""Sorts uploaded files into pictures and the rest, and unpacks zip files, with limits against archive bombs.

Nothing that comes from an archive decides where on this machine something is written.
"""

from __future__ import annotations

import shutil
import stat
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from editor.errors import UserError
from editor.image_files import SUFFIXES
from editor.pairs.importing.plan import LeftOver
from editor.pairs.names import CLUTTER
from editor.zip_files import DamagedZipError, LongIndexError, ZipReader, read_entry

MAX_ENTRIES = 20_000  # files in an archive
MAX_INDEX_BYTES = 400 * MAX_ENTRIES  # of their names and places
MAX_FILE_BYTES = 64 * 2**20  # of one picture, unpacked
MAX_TOTAL_BYTES = 4 * 2**30  # of all pictures of an archive, unpacked
NOTES = frozenset({".json", ".txt", ".md", ".csv", ".html", ".xml", ".yaml", ".yml", ".log", ".xmp", ".aae"})


@dataclass
class CollectedFiles:
    """Pictures that can be looked at, and files that cannot.

    Attributes:
        files: Where each picture lies on disk, by the path that the person knows.
        left_over: Everything else, with reasons.
    """

    files: dict[PurePosixPath, Path] = field(default_factory=dict)
    left_over: list[LeftOver] = field(default_factory=list)


def collect(
    files: Mapping[PurePosixPath, Path], scratch: Path, require_space: Callable[[int], None] = lambda coming: None
) -> CollectedFiles:
    """Sort what was brought into pictures and the rest, and unpack zip files.

    Of a zip file no entry is written under its own name, links and encrypted entries are left out, and sizes are
    limited. What it holds appears as in a folder of the archive's name.

    Args:
        files: Where each file lies on disk, by the path that the person knows.
        scratch: An existing folder for what is unpacked. It must live as long as these are used.
        require_space: Given the number of bytes that an archive is about to take there, raises UserError where that is
            too much. That of the disk is looked at in any case.

    Returns:
        The pictures, and everything else with reasons: every file is in one of the two.

    Raises:
        OSError: An archive cannot be read from its disk, or `scratch` cannot be written.
    """
    collected = CollectedFiles()
    for path, file in files.items():
        if path.suffix.lower() == ".zip":
            _unpack(path, file, scratch, collected, require_space)
        elif reason := _no_picture(path):
            collected.left_over.append(reason)
        else:
            collected.files[path] = file
    return collected


def _no_picture(path: PurePosixPath) -> LeftOver | None:
    """Say why a file is no picture, or return None for one that has the suffix of a picture."""
    if any(part.startswith(".") or part.casefold() in CLUTTER for part in path.parts):
        return LeftOver(path, "An operating system left it behind; it is no picture.", is_clutter=True)
    if path.suffix.lower() in SUFFIXES:
        return None
    reason = "It is not a picture that can be read here. If it should be one, save it as PNG or JPEG."
    return LeftOver(path, reason, is_clutter=path.suffix.lower() in NOTES)


def _unpack(
    path: PurePosixPath, file: Path, scratch: Path, collected: CollectedFiles, require_space: Callable[[int], None]
) -> None:
    try:
        reader = ZipReader(file, MAX_INDEX_BYTES)
    except FileNotFoundError:
        collected.left_over.append(LeftOver(path, f"There is no file {path.name}. Choose it again."))
        return
    with reader:
        _unpack_all(path, reader, scratch, collected, require_space)


def _unpack_all(
    path: PurePosixPath,
    reader: ZipReader,
    scratch: Path,
    collected: CollectedFiles,
    require_space: Callable[[int], None],
) -> None:
    try:
        archive = reader.archive()
    except LongIndexError:
        collected.left_over.append(
            LeftOver(path, f"The archive has more than {MAX_ENTRIES} files. Split it into several.")
        )
        return
    except DamagedZipError:
        reason = f"{path.name} is not a zip file, or it is damaged. Pack the folder again."
        collected.left_over.append(LeftOver(path, reason))
        return
    with archive:
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
        if not infos:
            collected.left_over.append(LeftOver(path, "There is nothing in it. Choose another one."))
            return
        wanted, left_over = _sorted_out(infos, path.with_suffix(""))
        if refusal := _too_much(infos, wanted.values(), scratch, require_space):
            collected.left_over.append(LeftOver(path, refusal))
            return
        collected.left_over += left_over
        for inside, info in wanted.items():
            _unpack_entry(archive, info, inside, scratch, collected)


def _sorted_out(
    infos: Iterable[zipfile.ZipInfo], folder: PurePosixPath
) -> tuple[dict[PurePosixPath, zipfile.ZipInfo], list[LeftOver]]:
    """Return the entries that may be unpacked, by the path that the person knows, and the others with reasons."""
    wanted: dict[PurePosixPath, zipfile.ZipInfo] = {}
    left_over = []
    for info in infos:
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        path = folder / inside
        if inside.is_absolute() or ".." in inside.parts or any(":" in part for part in inside.parts[:1]):
            left_over.append(LeftOver(inside, "Its path leads out of the archive. Pack the folder again."))
        elif not_picture := _no_picture(path):
            left_over.append(not_picture)
        elif reason := _refusal(info):
            left_over.append(LeftOver(path, reason))
        elif path in wanted:
            left_over.append(LeftOver(path, "The archive holds two files under this name. Rename one of them."))
        else:
            wanted[path] = info
    return wanted, left_over


def _too_much(
    infos: Sequence[zipfile.ZipInfo],
    wanted: Iterable[zipfile.ZipInfo],
    scratch: Path,
    require_space: Callable[[int], None],
) -> str | None:
    if len(infos) > MAX_ENTRIES:
        return f"The archive has {len(infos)} files, more than {MAX_ENTRIES}. Split it into several."
    # The unpacker never yields more than the size that is announced here, so this sum is a true limit.
    total = sum(info.file_size for info in wanted)
    if total > MAX_TOTAL_BYTES:
        limit = MAX_TOTAL_BYTES / 2**30
        return f"The archive unpacks to more than {limit:g} GB. Split it, or make the pictures smaller."
    if total > shutil.disk_usage(scratch).free:
        return f"The archive unpacks to {total / 2**30:.1f} GB, and the disk has less room. Free some, or split it."
    try:
        require_space(total)
    except UserError as error:
        return f"The archive unpacks to {total / 2**30:.1f} GB. {error}"
    return None


def _unpack_entry(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: PurePosixPath, scratch: Path, collected: CollectedFiles
) -> None:
    if path in collected.files:
        collected.left_over.append(LeftOver(path, "Something else lies under this name already. Rename one of them."))
        return
    try:
        data = read_entry(archive, info, MAX_FILE_BYTES)
    except DamagedZipError:
        collected.left_over.append(LeftOver(path, "It cannot be unpacked. Pack the folder again."))
        return
    place = scratch / f"{uuid.uuid4().hex}{path.suffix.lower()}"
    place.write_bytes(data)
    collected.files[path] = place


def _refusal(info: zipfile.ZipInfo) -> str | None:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link and not a picture. Pack the picture itself."
    if info.flag_bits & 0x1:
        return "It is encrypted. Pack the folder without a password."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "It is compressed in an unusual way. Pack the folder again as a plain zip file."
    if info.file_size > MAX_FILE_BYTES:
        return f"It unpacks to more than {MAX_FILE_BYTES // 2**20} MB. Make the picture smaller."
    return None
