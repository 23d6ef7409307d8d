"""Pairs where no name says before or after: by equal names in two folders, halves, what is shown, or mere order.

All of these pairs are marked as guesses, which the person confirms or corrects.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from editor.image_files import ImageError, picture_size
from editor.pairs.importing.content import MAX_PICTURES, couples, looks, partners
from editor.pairs.importing.naming import SPLITS, WORDS, natural_order
from editor.pairs.importing.plan import Part, Picture, PlannedPair
from editor.pairs.names import plain

HALVES_TOLERANCE = 0.06  # how far a picture of two halves may be from twice as wide as high, relative
MIN_COMMON = 0.5  # of the names, or of the pictures, in the smaller folder, for two folders to be two sides
MIN_COUPLED = 0.8  # of the pictures in a heap, for all of it to be pairs
CAMERA = re.compile(r"_?(img|dsc[nf]?|dji|gopr|mg|p|pxl|mvi|sam|imgp|photo)[_\- ]?\d{3,}", re.IGNORECASE)  # its names
BY_CONTENT = "The names do not say which pictures belong together. They were paired by what they show."
UNLIKE = "No other picture shows the same. Add its partner, or pair it by hand."
UNNAMED = (
    "Nothing says which pictures belong together. Put the pictures before into a folder named source and the "
    "pictures after into a folder named target, with equal file names."
)


class Guess(NamedTuple):
    """Pairs, and why what is left over was left over."""

    pairs: list[PlannedPair]
    reason: str


def guess(paths: Sequence[PurePosixPath], files: Mapping[PurePosixPath, Path]) -> Guess:
    """Look for an order in pictures whose names match nothing.

    Args:
        paths: The pictures, in the order in which people count.
        files: Where they lie on disk.

    Returns:
        The first guess that explains anything, perhaps with no pairs.
    """
    folders: defaultdict[PurePosixPath, list[PurePosixPath]] = defaultdict(list)
    for path in paths:
        folders[path.parent].append(path)
    two = _two_sides(folders)
    is_heap = len(folders) == 1 and not _side(paths[0].parent)
    return (
        (two and _equal_names(*two))
        or _halves(paths, files)
        or (two and _alike(*two, files))
        or (two and _equal_counts(*two))
        or (is_heap and _alike_in_heap(paths, files))
        or (is_heap and _numbered(paths))
        or Guess([], UNNAMED)
    )


Folder = tuple[PurePosixPath, Sequence[PurePosixPath]]


def _two_sides(folders: Mapping[PurePosixPath, Sequence[PurePosixPath]]) -> tuple[Folder, Folder] | None:
    """Return the folder before and the folder after, if there are two: by what they are called, else by alphabet."""
    if len(folders) != 2 or any(SPLITS & {plain(part) for part in folder.parts} for folder in folders):
        return None
    first, second = sorted(folders.items(), key=lambda item: natural_order(item[0]))
    is_turned = _side(first[0]) == "target" or _side(second[0]) == "source"
    return (second, first) if is_turned else (first, second)


def _side(folder: PurePosixPath) -> str | None:
    return next((side for part in reversed(folder.parts) if (side := WORDS.side(part))), None)


def _equal_names(before: Folder, after: Folder) -> Guess | None:
    partners = {plain(path.stem): path for path in after[1]}
    found = [(path, partners[plain(path.stem)]) for path in before[1] if plain(path.stem) in partners]
    if len(found) < MIN_COMMON * min(len(before[1]), len(after[1])):
        return None
    rule = (
        f"The folders {_folder_name(before)} and {_folder_name(after)} hold equal file names. Which of them "
        f"is before is a guess by alphabet."
    )
    reason = "There is no picture of the same name in the other folder. Add it, or rename the file."
    return Guess([_pair(Picture(a), Picture(b), rule) for a, b in found], reason)


def _equal_counts(before: Folder, after: Folder) -> Guess | None:
    if len(before[1]) != len(after[1]):
        return None
    rule = (
        f"The folders {_folder_name(before)} and {_folder_name(after)} hold {len(before[1])} pictures each, under "
        f"different names. They were paired in the order of their names"
    )
    is_plain = _side(before[0]) or _side(after[0])
    rule += "." if is_plain else ", and which folder is before is a guess by alphabet."
    return Guess([_pair(Picture(a), Picture(b), rule) for a, b in zip(before[1], after[1])], UNNAMED)


def _alike(before: Folder, after: Folder, files: Mapping[PurePosixPath, Path]) -> Guess | None:
    """Two folders, in which each picture has its partner by what it shows."""
    found = _partners(before[1], after[1], files)
    if not found:
        return None
    rule = f"{BY_CONTENT} Which of the folders {_folder_name(before)} and {_folder_name(after)} is before is a guess"
    rule = BY_CONTENT if _side(before[0]) or _side(after[0]) else f"{rule} by alphabet."
    return Guess([_pair(Picture(a), Picture(b), rule) for a, b in found], UNLIKE)


def _alike_in_heap(paths: Sequence[PurePosixPath], files: Mapping[PurePosixPath, Path]) -> Guess | None:
    """Pictures in one folder: two series with names of their own, or else two by two where there is no doubt."""
    series: defaultdict[str, list[PurePosixPath]] = defaultdict(list)
    for path in paths:
        series[re.sub(r"\d+", "#", plain(path.name))].append(path)
    found, words = [], ""
    if len(series) == 2:
        before, after = sorted(series.values(), key=lambda names: not CAMERA.match(names[0].stem))
        found, words = _partners(before, after, files), f"those named like {before[0].stem} being before"
    if not found:
        found, words = _couples(paths, files), "the first of the two by name being before"
    if not found:
        return None
    return Guess([_pair(Picture(a), Picture(b), f"{BY_CONTENT[:-1]}, {words}.") for a, b in found], UNLIKE)


def _partners(
    sources: Sequence[PurePosixPath], targets: Sequence[PurePosixPath], files: Mapping[PurePosixPath, Path]
) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Return who belongs to whom by content, if that is known of half of the shorter list at least."""
    if len(sources) + len(targets) > MAX_PICTURES:
        return []
    found = partners(looks(sources, files), looks(targets, files))
    is_enough = len(found) >= MIN_COMMON * min(len(sources), len(targets))
    return [(sources[a], targets[b]) for a, b in found] if is_enough else []


def _couples(
    paths: Sequence[PurePosixPath], files: Mapping[PurePosixPath, Path]
) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Return who belongs to whom by content, if that is known of nearly all."""
    if len(paths) > MAX_PICTURES:
        return []
    found = couples(looks(paths, files))
    return [(paths[a], paths[b]) for a, b in found] if 2 * len(found) >= MIN_COUPLED * len(paths) else []


def _halves(paths: Sequence[PurePosixPath], files: Mapping[PurePosixPath, Path]) -> Guess | None:
    """Two pictures in one, as pix2pix data sets have them, if all pictures are twice as wide as high or vice versa."""
    try:
        ratios = [width / height for width, height in (picture_size(files[path]) for path in paths)]
    except ImageError:
        return None  # a file that cannot be read is named when it is loaded
    halves: tuple[tuple[float, tuple[Part, Part], str], ...] = (
        (2.0, ("left", "right"), "twice as wide as high. The left half was taken as before and the right half"),
        (0.5, ("top", "bottom"), "twice as high as wide. The upper half was taken as before and the lower half"),
    )
    for ratio, parts, words in halves:
        if ratios and all(abs(value / ratio - 1) <= HALVES_TOLERANCE for value in ratios):
            rule = f"Every picture is {words} as after."
            return Guess([_pair(Picture(path, parts[0]), Picture(path, parts[1]), rule) for path in paths], UNNAMED)
    return None


def _numbered(paths: Sequence[PurePosixPath]) -> Guess | None:
    """Pairs of neighbours among img001, img002, ... in one folder."""
    parts = [re.fullmatch(r"(.*?)(\d+)", path.stem) for path in paths]
    if not parts or not all(parts) or len({plain(part[1]) for part in parts if part}) > 1:
        return None
    numbers = [int(part[2]) for part in parts if part]
    if len(paths) % 2:
        reason = f"The pictures are only numbered, and {len(paths)} of them cannot make pairs. {UNNAMED}"
        return Guess([], reason)
    if any(b != a + 1 for a, b in zip(numbers[::2], numbers[1::2])):
        return Guess([], f"The pictures are only numbered, and numbers are missing. {UNNAMED}")
    rule = "The pictures are only numbered. Each was paired with the next one, the first of the two being before."
    return Guess([_pair(Picture(a), Picture(b), rule) for a, b in zip(paths[::2], paths[1::2])], UNNAMED)


def _pair(source: Picture, target: Picture, rule: str) -> PlannedPair:
    return PlannedPair(source.path.stem, source, target, rule, is_guess=True)


def _folder_name(folder: Folder) -> str:
    return folder[0].name or "outside any folder"
