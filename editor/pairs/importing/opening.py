"""Pairs of the command line: a folder in our own layout as it is, anything else as the page understands it.

What is only a guess, and what would be left out, is asked before it counts.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from editor.image_files import ImageError, has_transparency, load_small, picture_size
from editor.pairs.errors import PairError
from editor.pairs.folder import same_shape
from editor.pairs.importing.collecting import MAX_ENTRIES
from editor.pairs.importing.importer import extend_plan, sentences, store_plan
from editor.pairs.importing.plan import ImportPlan
from editor.pairs.names import plain, safe_name
from editor.pairs.store import PairStore

LONELY = "has no partner", "have no partner"
TO_CHECK = 16  # pixels: as small as a picture may be decoded to see whether it is whole


@contextmanager
def opened_pairs(
    path: Path,
    *,
    say: Callable[[str], None],
    ask: Callable[[str], None],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[PairStore]:
    """Open pairs wherever they are, as a context; what had to be unpacked or paired is deleted at its end.

    Args:
        path: A folder, or a zip file.
        say: Is told in a sentence how the files were understood, where that could be otherwise.
        ask: Is told what one has to agree to, and raises an error where nobody does.
        progress: As for `importer.store_plan`.

    Raises:
        PairError: There are no pairs, or `pairs.json` is damaged.
        OSError: A file cannot be read, or the disk is full.
    """
    own = PairStore(path)
    if _is_in_order(own):
        yield own
        return
    files = files_at(path)
    if own.pairs():  # and beside them perhaps pictures as they were before a repair
        files = {told: file for told, file in files.items() if own.originals_dir not in file.parents}
    with tempfile.TemporaryDirectory(prefix="pairbrush-") as scratch:
        plan = extend_plan(ImportPlan({}), files, Path(scratch))
        if not plan.pairs:
            raise PairError(_nothing_found(own, plan))
        say(_understood(plan))
        if doubts := [*_guesses(plan), *_left_out(plan)]:
            ask(" ".join(doubts))
        store = PairStore(Path(scratch, "pairs"))
        report = store_plan(store, replace(plan, left_over=()), progress=progress)
        if not report.added:
            raise PairError(" ".join(report.problems))
        if report.problems:
            ask(" ".join(report.problems))
        _hold_out(store, own)
        yield store


def files_at(path: Path) -> dict[PurePosixPath, Path]:
    """Return a zip file, or all files below a folder, by the path that a browser would tell.

    Raises:
        PairError: There is neither, or the folder holds far too many files.
    """
    if path.is_file() and path.suffix.lower() == ".zip":
        return {PurePosixPath(path.name): path}
    if path.is_file():
        raise PairError(f"{path} is no folder and no zip file. Give the folder in which the pairs are.")
    if not path.is_dir():
        raise PairError(f"There is no folder {path}. Give the folder, or the zip file, in which the pairs are.")
    files: dict[PurePosixPath, Path] = {}
    name = path.resolve().name
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(item for item in folders if not item.startswith("."))
        inside = Path(folder).relative_to(path).as_posix()
        files |= {PurePosixPath(name, inside, item): Path(folder, item) for item in sorted(names)}
        if len(files) > MAX_ENTRIES:
            raise PairError(f"{path} holds more than {MAX_ENTRIES} files. Give the folder in which only the pairs are.")
    return files


def _is_in_order(store: PairStore) -> bool:
    """Whether a folder holds only whole pairs of equal shapes without transparency, so that there is nothing to ask."""
    pairs = store.pairs()
    if not pairs or store.problems():
        return False
    try:
        if not all(
            same_shape(picture_size(pair.source), picture_size(pair.target))
            and not has_transparency(pair.source)
            and not has_transparency(pair.target)
            for pair in pairs
        ):
            return False
        for pair in pairs:
            for path in (pair.source, pair.target):
                load_small(path, TO_CHECK)  # the first bytes may be good and the rest missing
    except ImageError:
        return False
    return True


def _nothing_found(own: PairStore, plan: ImportPlan) -> str:
    if own.source_dir.is_dir() or own.target_dir.is_dir():
        try:
            own.require()
        except PairError as error:
            return str(error)
    reasons = sentences([item for item in plan.left_over if not item.is_clutter])
    return " ".join(reasons[:3]) or f"There are no pictures in {own.directory}. Give a folder with pairs."


def _understood(plan: ImportPlan) -> str:
    uses = plan.rules()
    rules = [use.rule if len(uses) == 1 else f"{use.count} of them: {use.rule}" for use in uses]
    return f"{_pairs(len(plan.pairs))} found. {' '.join(rules)}"


def _guesses(plan: ImportPlan) -> Iterator[str]:
    guessed = [pair for pair in plan.pairs if pair.is_guess]
    if not guessed:
        return
    first = guessed[0]
    yield f"{_pairs(len(guessed))} of {len(plan.pairs)} are a guess: {' '.join(dict.fromkeys(p.rule for p in guessed))}"
    if first.source.path == first.target.path:
        return
    yield f"For instance, {first.source.path} would be the picture before and {first.target.path} the one after."


def _left_out(plan: ImportPlan) -> Iterator[str]:
    left = [item for item in plan.left_over if not item.is_clutter]
    is_picture = {item: item.path in plan.files for item in left}
    yield from sentences([item for item in left if is_picture[item]], fate=LONELY)
    yield from sentences([item for item in left if not is_picture[item]])


def _hold_out(store: PairStore, own: PairStore) -> None:
    """Take over what `pairs.json` says about pairs that were stored anew, under names that any file system takes."""
    chosen = own.chosen_held_out()
    if chosen is not None:
        names = {plain(safe_name(name)) for name in chosen}
        store.set_held_out([pair.name for pair in store.pairs() if plain(pair.name) in names])


def _pairs(number: int) -> str:
    return "1 pair" if number == 1 else f"{number} pairs"
