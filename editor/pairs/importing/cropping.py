"""Pairs of which one picture shows only a part of the other, as apps that crop leave them: found, and cropped alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from editor.image_files import ImageError, load_small, picture_size
from editor.pairs.doctor.location import FINE, MIN_SHARE, locate
from editor.pairs.folder import same_shape
from editor.pairs.importing.plan import Picture, PlannedPair

MAX_LOCATED = 40  # pairs of one plan that are searched for a crop; each takes 0.5 to 1 s
NUM_ASKED = 3  # pairs of equal shape and unequal size that are searched; if none is cropped, all are taken for scaled
WHOLE = 0.97  # share of a side: a part that is found to be larger than this is taken for the whole picture
RULE = " The picture {inner} shows only a part of the picture {outer}, which will be cropped to that."
NOT_FOUND = (
    f" The two differ in shape, and neither shows a part of the other (of {MIN_SHARE:.0%} of its size or more) that "
    "could be found. They cannot be stored like this: crop them to the same shape."
)
NOT_SEARCHED = (
    f" The two differ in size. Whether one is cropped is searched in {MAX_LOCATED} pairs at a time, and this one comes "
    "after those: if it is, drop it once more by itself."
)


def cropped_alike(pairs: Sequence[PlannedPair], files: Mapping[PurePosixPath, Path]) -> list[PlannedPair]:
    """Return the pairs, with a crop of one side where the two differ in shape or size and one is found in the other.

    Two sizes of one shape are mostly an export that made pictures smaller, so only the first such pairs are looked at
    unless one of them is a crop, which kept the shape.

    Args:
        pairs: Of a plan.
        files: Where the pictures lie on disk.

    Returns:
        The same pairs; one with a crop is a guess. Where nothing is found a pair stays as it is, and is refused later
        if its shapes differ; its rule says so, and also where nothing was searched.
    """
    found, room, num_scaled, is_cropping = [], MAX_LOCATED, 0, False
    for pair in pairs:
        differ = _difference(pair, files)
        if differ == "shape" or (differ == "size" and (is_cropping or num_scaled < NUM_ASKED)):
            cropped = _cropped(pair, files) if room else None
            num_scaled += room > 0 and differ == "size"
            is_cropping |= differ == "size" and cropped is not None
            if cropped is None and (differ == "shape" or not room):
                pair = pair._replace(rule=pair.rule + (NOT_FOUND if room else NOT_SEARCHED))
            pair = cropped or pair
            room = max(0, room - 1)
        found.append(pair)
    return found


def _difference(pair: PlannedPair, files: Mapping[PurePosixPath, Path]) -> Literal["shape", "size"] | None:
    if any(picture.part != "whole" or picture.box for picture in (pair.source, pair.target)):
        return None
    try:
        sizes = [picture_size(files[picture.path]) for picture in (pair.source, pair.target)]
    except ImageError:  # it is named when the pair is stored
        return None
    if not same_shape(*sizes):
        return "shape"
    smaller, larger = sorted(size[0] for size in sizes)
    return "size" if MIN_SHARE <= smaller / larger < WHOLE else None


def _cropped(pair: PlannedPair, files: Mapping[PurePosixPath, Path]) -> PlannedPair | None:
    for outer, inner in (("before", "after"), ("after", "before")):
        sides = {"before": pair.source, "after": pair.target}
        box = _box(files[sides[outer].path], files[sides[inner].path])
        if box is not None:
            sides[outer] = Picture(sides[outer].path, box=box)
            rule = pair.rule + RULE.format(inner=inner, outer=outer)
            return pair._replace(source=sides["before"], target=sides["after"], rule=rule, is_guess=True)
    return None


def _box(outer: Path, inner: Path) -> tuple[float, float, float, float] | None:
    try:
        (width, _), size = picture_size(outer), picture_size(inner)
        found = locate(load_small(outer, FINE), load_small(inner, FINE), size[0] / width, size[0] / size[1])
    except ImageError:
        return None
    if found is None or min(found.box[2] - found.box[0], found.box[3] - found.box[1]) > WHOLE:
        return None
    return found.box
