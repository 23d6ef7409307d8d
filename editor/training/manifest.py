"""Integrity of saved files: SHA-256 digests in `manifest.json`, and the version before the newest kept beside each."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from editor.errors import UserError
from editor.files import link_or_copy, temporary_name
from editor.json_files import JsonFileError, JsonFormat
from editor.validation import Text

FORMAT = JsonFormat()
KEPT_DIGESTS = 8  # per file: those of the two versions kept, and of saves that a crash interrupted
logger = logging.getLogger(__name__)


class _Manifest(BaseModel):
    """What `manifest.json` says: the digests of each file, the newest first."""

    sha256: dict[str, list[Text]]


class DamagedError(UserError):
    """A saved file that is not what was written. The message is for a person."""


def save_version(path: Path, save: Callable[[Path], None], *others: Path) -> None:
    """Put a new version of a file in place, and keep the one before under the name of `previous_version`.

    Crash-safe: at every moment `path` exists if it ever did, and the manifest has the digest of what is there.

    Args:
        path: The file, in the run's folder.
        save: Writes the new version to the path that it is given.
        others: More files of that folder that get the same version, after `path`: written once, and linked to.

    Raises:
        OSError: The disk is full or the folder cannot be written. The file is then untouched.
        JsonFileError: The manifest was written by a newer Pairbrush.
    """
    paths = (path, *others)
    old, new, *links = (path.with_name(temporary_name()) for _ in range(1 + len(paths)))
    try:
        save(new)
        digest, digests = _sha256(new), _digests(path)
        for each in paths:
            digests[each.name] = [digest, *digests.get(each.name, ())][:KEPT_DIGESTS]
        FORMAT.write(path.parent / "manifest.json", {"sha256": digests})
        for link in links:
            link_or_copy(new, link)
        for each, version in zip(paths, (new, *links)):
            if each.is_file():
                link_or_copy(each, old)
                old.replace(previous_version(each))
            version.replace(each)
    finally:
        for unfinished in (old, new, *links):
            unfinished.unlink(missing_ok=True)


def intact_version(path: Path) -> Path:
    """Return `path` or, if it is damaged or missing, the version before. A file without a digest is trusted.

    Raises:
        DamagedError: Neither version is what was written.
    """
    known = _digests(path).get(path.name)
    if known is None:
        return path
    versions = [version for version in (path, previous_version(path)) if version.is_file()]
    for version in versions:
        if _sha256(version) in known:
            if version != path:
                logger.warning("%s is damaged or missing: %s is used instead.", path, version.name)
            return version
    if not versions:
        return path
    raise DamagedError(f"{path} is damaged, and so is the version before it. Train a new run.")


def previous_version(path: Path) -> Path:
    """Return where the version before the newest is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def _digests(path: Path) -> dict[str, list[str]]:
    manifest = path.parent / "manifest.json"
    try:
        return FORMAT.read_as(_Manifest, manifest).sha256 if manifest.is_file() else {}
    except JsonFileError as error:
        logger.warning("%s cannot be used to check files: %s", manifest, error)
        return {}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()
