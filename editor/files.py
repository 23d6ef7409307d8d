"""Writing files whole or not at all, and reading small JSON files that anyone may have written."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

MAX_JSON_BYTES = 16 * 2**20  # our largest, the held-out names of thousands of pairs, is far below

SYNC_THREADS = 8  # that wait for the disk side by side


def replace_file(path: Path, data: bytes, *, is_lasting: bool = True) -> None:
    """Write a file beside `path`, then move it there in one step, so that no reader ever sees half of it.

    Args:
        path: Where.
        data: All of it.
        is_lasting: Whether it must survive a power cut: a disk may carry out the move before the write, and then
            an empty file is left. Waiting for the disk (fsync) costs milliseconds; files that can
            be made again do without.

    Raises:
        OSError: The disk is full or the folder cannot be written. An older file at `path` is then untouched.
    """
    beside = path.with_name(temporary_name())
    try:
        beside.write_bytes(data)
        if is_lasting:
            _sync(beside)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def temporary_name() -> str:
    """Return a hidden name for what is not whole yet. If a crash leaves it there, the next start removes it."""
    return f".{uuid.uuid4().hex}.tmp"


def link_or_copy(source: Path, place: Path) -> None:
    """Make a file appear in a second place: by a hard link, or by a copy where the file system has none.

    Only for files that are replaced and never written into: a change of one would be a change of both.

    Raises:
        OSError: The disk is full, there is no such file, or the place cannot be written.
    """
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)


def copy_folder(source: Path, place: Path, copy: Callable[[str, str], object] = shutil.copyfile) -> None:
    """Copy a folder and all below it, but for hidden files: locks, and what is not whole.

    Args:
        source: The folder.
        place: Where; it is made.
        copy: Copies one file.

    Raises:
        OSError: Of the first file that cannot be copied. That of `shutil.copytree` does not say whether the disk is
            full.
    """
    for directory, _, names in os.walk(source):
        to = place / Path(directory).relative_to(source)
        to.mkdir(parents=True, exist_ok=True)
        for name in names:
            if name[0] != ".":
                copy(str(Path(directory, name)), str(to / name))


def make_lasting(paths: Sequence[Path]) -> None:
    """Wait until many files that were written without `is_lasting` would survive a power cut.

    The disk is asked for several files at once: it then writes them in one go, which takes a tenth of the time that
    one file after the other would.

    Raises:
        OSError: A file is missing, or the disk failed.
    """
    with ThreadPoolExecutor(min(SYNC_THREADS, len(paths) or 1)) as pool:
        for _ in pool.map(_sync, paths):
            pass


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def read_json(path: Path) -> Any:
    """Return what a JSON file says.

    Raises:
        FileNotFoundError: There is no such file.
        OSError: It cannot be read.
        ValueError: It is too large or no JSON. The message says which, for a person.
    """
    with path.open("rb") as file:
        data = file.read(MAX_JSON_BYTES + 1)
    if len(data) > MAX_JSON_BYTES:
        raise ValueError(f"it is larger than {MAX_JSON_BYTES // 2**20} MB")
    return parse_json(data)


def parse_json(text: str | bytes) -> Any:
    """Return what a text of bounded length says.

    Raises:
        ValueError: It is no JSON, nested so deeply that nobody wrote it, or holds half of a surrogate pair, which can
            be sent to no page and written to no file.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode(json.detect_encoding(text))
        values = json.loads(text)
        if "\\ud" in text.lower():  # the escape of such a half; two of them may be a whole character
            json.dumps(values, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except UnicodeEncodeError as error:
        raise ValueError("it holds half of a character") from error
    return values
