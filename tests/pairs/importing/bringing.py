"""Files imported as the app does it, but without a person who corrects the plan."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from editor.pairs.importing.importer import ImportReport, extend_plan, store_plan
from editor.pairs.importing.plan import ImportPlan
from editor.pairs.store import PairStore
from editor.workspace.imports import called


def understood(files: Mapping[PurePosixPath, Path], scratch: Path) -> ImportPlan:
    """Return how files are understood of which nothing was known before."""
    return extend_plan(ImportPlan({}), files, scratch)


def bring(store: PairStore, files: Mapping[PurePosixPath, Path]) -> ImportReport:
    with tempfile.TemporaryDirectory() as scratch:
        return store_plan(store, understood(files, Path(scratch)), label=called)


def bring_sides(store: PairStore, sources: Iterable[Path], targets: Iterable[Path]) -> ImportReport:
    """Bring files to the two places for one side each."""
    sides = {"before": sources, "after": targets}
    return bring(store, {PurePosixPath(side, path.name): path for side, paths in sides.items() for path in paths})


def bring_zip(store: PairStore, path: Path) -> ImportReport:
    return bring(store, {PurePosixPath(path.name): path})


def files_of(folder: Path) -> dict[PurePosixPath, Path]:
    """Return every file below a folder by the path that a browser tells, which begins with the folder's own name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {PurePosixPath(folder.name, path.relative_to(folder).as_posix()): path for path in files}
