"""From files that a person brings to pairs in a store. A bad file is named in the report and loses only its pair."""

from __future__ import annotations

import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from PIL import Image

from editor.images import SUFFIXES, ImageError, load_image
from editor.pairs.store import PairError, PairStore

MAX_ENTRIES = 20_000  # files in an archive
MAX_FILE_BYTES = 64 * 2**20  # of one picture, unpacked
MAX_TOTAL_BYTES = 4 * 2**30  # of all pictures of an archive, unpacked


class ImportReport(NamedTuple):
    """What became of the files.

    Attributes:
        added: Names of the new pairs in the store.
        problems: One sentence for the person about everything that was left out, naming the files.
    """

    added: list[str]
    problems: list[str]


Entries = dict[PurePosixPath, Callable[[], Image.Image]]


@dataclass(frozen=True)
class _Picture:
    """A picture that has not been read yet.

    Attributes:
        label: What the person calls the file in a sentence.
        stem: Its name without suffix.
        load: Decodes it, or raises ImageError.
    """

    label: str
    stem: str
    load: Callable[[], Image.Image]

    @property
    def key(self) -> str:
        """What the partner must share: the stem, however its accents are encoded and whatever its case."""
        return unicodedata.normalize("NFC", self.stem).casefold()


def import_files(store: PairStore, sources: Sequence[Path], targets: Sequence[Path]) -> ImportReport:
    """Add the pairs among two sets of files. Files belong together when their names without suffix agree.

    Args:
        store: Where the pairs go.
        sources: Pictures before.
        targets: Pictures after.

    Returns:
        The new pairs, and what was left out and why.

    Raises:
        OSError: The store cannot be written, for instance because the disk is full.
    """
    return _import(store, _uploads(sources, "before"), _uploads(targets, "after"))


def import_archive(store: PairStore, path: Path) -> ImportReport:
    """Add the pairs of a zip file or a folder.

    The pictures lie in `source/` and `target/`, at any depth but in one place only. No file is written under a
    name from the archive, links and encrypted files are left out, and sizes are limited.

    Args:
        store: Where the pairs go.
        path: The zip file, under the name the person gave it, or the folder.

    Returns:
        The new pairs, and what was left out and why.

    Raises:
        OSError: The store cannot be written, for instance because the disk is full.
    """
    if path.is_dir():
        return _import_sides(store, path.name, _folder_entries(path), problems=[])
    try:
        with zipfile.ZipFile(path) as archive:
            entries, problems = _safe_entries(archive)
            return _import_sides(store, path.name, entries, problems)
    except FileNotFoundError:
        return ImportReport([], [f"There is no file {path.name}. Choose it again."])
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        return ImportReport([], [f"{path.name} is not a zip file, or it is damaged. Pack the folder again."])


def _uploads(paths: Sequence[Path], side: str) -> list[_Picture]:
    labels = [f"{path.name} ({side})" for path in paths]
    return [_Picture(label, path.stem, partial(load_image, path, label)) for label, path in zip(labels, paths)]


def _folder_entries(directory: Path) -> Entries:
    entries: Entries = {}
    for file in sorted(directory.rglob("*")):
        path = PurePosixPath(file.relative_to(directory).as_posix())
        if file.is_file() and _is_picture(path):
            entries[path] = partial(load_image, file, str(path))
    return entries


def _safe_entries(archive: zipfile.ZipFile) -> tuple[Entries, list[str]]:
    """Return the pictures that may be read, by their path in the archive, and what is wrong with the others."""
    infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    if len(infos) > MAX_ENTRIES:
        return {}, [f"The archive has {len(infos)} files, more than {MAX_ENTRIES}. Split it into several."]
    entries: Entries = {}
    problems, total = [], 0
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if not _is_picture(path):
            continue
        if reason := _refusal(info, path):
            problems.append(f"{info.filename} was left out, because {reason}.")
            continue
        # The unpacker never yields more than the size that is announced here, so this sum is a true limit.
        total += info.file_size
        if total > MAX_TOTAL_BYTES:
            limit = MAX_TOTAL_BYTES / 2**30
            return {}, [f"The archive unpacks to more than {limit:g} GB. Split it, or make the pictures smaller."]
        entries[path] = partial(_load_entry, archive, info)
    return entries, problems


def _refusal(info: zipfile.ZipInfo, path: PurePosixPath) -> str | None:
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link and not a picture"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in an unusual way"
    if info.file_size > MAX_FILE_BYTES:
        return f"it unpacks to more than {MAX_FILE_BYTES // 2**20} MB"
    return None


def _load_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Image.Image:
    try:
        with archive.open(info) as packed:
            data = packed.read(MAX_FILE_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:  # all are zipfile's
        raise ImageError(f"{info.filename} cannot be unpacked. Pack the folder again.") from error
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "picture"
        file.write_bytes(data)
        return load_image(file, info.filename)


def _import_sides(store: PairStore, name: str, entries: Entries, problems: list[str]) -> ImportReport:
    """Find `source/` and `target/` among the paths and import what lies in them."""
    sides: defaultdict[PurePosixPath, dict[str, list[_Picture]]] = defaultdict(lambda: {"source": [], "target": []})
    elsewhere = []
    for path, load in sorted(entries.items()):
        side = path.parent.name.lower()
        if side in ("source", "target"):
            picture = _Picture(f"{side}/{path.name}", path.stem, load)
            sides[path.parent.parent][side].append(picture)
        else:
            elsewhere.append(str(path))
    if not sides:
        hint = "Put the pictures before into source/ and the pictures after into target/."
        return ImportReport([], [*problems, f"{name} has no pictures in folders named source and target. {hint}"])
    if len(sides) > 1:
        places = ", ".join(str(place) for place in sides)
        return ImportReport([], [*problems, f"{name} has pairs in several places: {places}. Choose one of them."])
    if elsewhere:
        problems.append(f"Left out, being neither in source/ nor in target/: {', '.join(elsewhere)}.")
    (found,) = sides.values()
    report = _import(store, found["source"], found["target"])
    return ImportReport(report.added, problems + report.problems)


def _import(store: PairStore, sources: Iterable[_Picture], targets: Iterable[_Picture]) -> ImportReport:
    """Add every whole pair to the store, in the order of their names."""
    added: list[str] = []
    problems: list[str] = []
    before, after = _by_key(sources, problems), _by_key(targets, problems)
    for key in sorted(before.keys() & after.keys()):
        try:
            added.append(store.add(before[key].stem, before[key].load(), after[key].load()))
        except (ImageError, PairError) as error:
            problems.append(str(error))
    for mine, others, missing in ((before, after, "after"), (after, before, "before")):
        if lonely := [mine[key].label for key in sorted(mine.keys() - others.keys())]:
            problems.append(
                f"{', '.join(lonely)} left out: there is no picture {missing} with the same name. Add it, or "
                f"rename the file."
            )
    return ImportReport(added, problems)


def _by_key(pictures: Iterable[_Picture], problems: list[str]) -> dict[str, _Picture]:
    found: dict[str, _Picture] = {}
    for picture in pictures:
        if picture.key in found:
            problems.append(f"{picture.label} was left out, because {found[picture.key].label} has the same name.")
        else:
            found[picture.key] = picture
    return found


def _is_picture(path: PurePosixPath) -> bool:
    """Whether the suffix is that of a picture, and the file nothing that an operating system left behind."""
    hidden = any(part.startswith(".") and part != ".." or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in SUFFIXES
