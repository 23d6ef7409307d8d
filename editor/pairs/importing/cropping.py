"""Pairs of which one picture shows only a part of the other, as apps that crop leave them: found, and cropped alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from editor.image_files import ImageError, load_small, picture_size
from editor.pairs.doctor.location import FINE, locate
from editor.pairs.folder import same_shape
from editor.pairs.importing.plan import Picture, PlannedPair

MAX_LOCATED = 40  # pairs at once; each takes half a second or a whole one
RULE = " The picture {inner} shows only a part of the picture {outer}, which will be cropped to that."


def cropped_alike(pairs: Sequence[PlannedPair], files: Mapping[PurePosixPath, Path]) -> list[PlannedPair]:
    """Return the pairs, with a crop of one side where the two differ in shape and one is found in the other.

    Args:
        pairs: Of a plan.
        files: Where the pictures lie on disk.

    Returns:
        The same pairs; one with a crop is a guess. Where nothing is found a pair stays as it is, and is refused later.
    """
    found, room = [], MAX_LOCATED
    for pair in pairs:
        if room and _differs(pair, files):
            room -= 1
            pair = _cropped(pair, files) or pair
        found.append(pair)
    return found


def _differs(pair: PlannedPair, files: Mapping[PurePosixPath, Path]) -> bool:
    if any(picture.part != "whole" or picture.box for picture in (pair.source, pair.target)):
        return False
    try:
        return not same_shape(picture_size(files[pair.source.path]), picture_size(files[pair.target.path]))
    except ImageError:  # it is named when the pair is stored
        return False


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
    return found and found.box
