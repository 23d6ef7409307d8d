"""Crash recovery at the start: unfinished changes are completed or removed.

Whatever is not whole yet has a name like `.0f3a.tmp`, wherever it lies: a picture, a new effect, a new run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from editor.pairs.store import PairStore
from editor.training.run_folder import is_locked
from editor.workspace.trash import Trash


def recover(root: Path, effects_dir: Path, runs_dir: Path, trash: Trash) -> None:
    """Recover a workspace that no other app uses; another program may be training one of its runs.

    Raises:
        OSError: The workspace cannot be written.
    """
    for path in (*effects_dir.glob("[!.]*"), *trash.directory.glob("[!.]*/content")):
        PairStore(path).recover(within=root)
    trash.recover()
    for path in root.iterdir():
        if path == runs_dir:
            for run in runs_dir.iterdir():
                if not is_locked(run):
                    sweep(run)
        elif path.is_dir():
            sweep(path)
    for path in root.glob(".*.tmp"):
        path.unlink()


def sweep(path: Path) -> None:
    """Remove what is not whole, at `path` and below. Links are not followed.

    Raises:
        OSError: Something cannot be removed.
    """
    if _is_unfinished(path.name):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return
    for directory, folders, names in os.walk(path):
        for name in filter(_is_unfinished, names):
            Path(directory, name).unlink()
        for name in filter(_is_unfinished, folders.copy()):
            shutil.rmtree(Path(directory, name))
            folders.remove(name)


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")
