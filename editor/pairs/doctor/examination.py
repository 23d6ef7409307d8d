"""Runs all checks of the doctor on a set of pairs and returns its findings, each with a sentence on what to do.

A false alarm costs more trust than a missed fault is worth, so every threshold, here and in `comparison`, lies well
beyond what the pairs of seven very different effects show when they are in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.image_files import ImageError, load_image
from editor.pairs.doctor.comparison import COMPARABLE, Strangers, compare, stranger_places
from editor.pairs.doctor.evidence import Evidence, measure
from editor.pairs.doctor.flags import Flag
from editor.pairs.folder import Pair, PairFolder, same_shape

MIN_SIDE = 96  # pixels; the smallest preset trains at 128
MAX_SIZE_RATIO = 2.0  # between the two sides; beyond it one of them is visibly softer
MIN_DETAIL = 0.06  # share of contrast that is fine detail; enlarged from 64 pixels 0.02 to 0.06, sharp ones from 0.07
MIN_DETAIL_SHARE = 0.4  # of what is usual on that side; enlarged 0.25 to 0.4, sharp ones from 0.47
BLOCK = 128  # pictures that are compared at once
SAME_PICTURE = 0.03  # deviation of two small copies; two like emoji or avatars differ by 0.07, a saved copy by 0.01


def examine(
    pairs: PairFolder | Sequence[Pair],
    load: Callable[[Path], Image.Image] = load_image,
    evidence_of: Callable[[Pair, Callable[[Path], Image.Image]], Evidence] = measure,
) -> list[Flag]:
    """Look for pairs that would teach something wrong.

    Args:
        pairs: A store, or some pairs. Only a store is searched for pictures without a partner.
        load: Reads a picture. A smaller copy of at least 128 pixels will do, and saves most of the time where
            pictures are large.
        evidence_of: Measures a pair with `load`; a cache can be put here.

    Returns:
        The flags in the order of the pairs, at most a few for each. Nothing is changed.

    Raises:
        PairError: The store's `pairs.json` is damaged.
    """
    flags: list[Flag] = []
    if isinstance(pairs, PairFolder):
        flags += [Flag(name, "no partner", sentence) for name, sentence in pairs.incomplete()]
        pairs = pairs.pairs()

    def look(pair: Pair) -> Evidence | None:
        try:
            return evidence_of(pair, load)
        except ImageError as error:
            flags.append(Flag(pair.name, "unreadable", str(error)))
            return None

    # Edges of some pairs at a time: of thousands, they would take a hundred kilobytes for each.
    first = {place: look(pairs[place]) for place in stranger_places(len(pairs))}
    strangers = Strangers([item for item in first.values() if item is not None])
    evidence, best_others = [], []
    for place, pair in enumerate(pairs):
        item = first.pop(place) if place in first else look(pair)
        if item is not None:
            best_others.append(strangers.best_for(item))
            evidence.append(item.without_edges())
    for find in (_shapes, _small, _duplicates):
        flags += find(evidence)
    flags += compare(evidence, best_others)
    order = {pair.name: index for index, pair in enumerate(pairs)}
    return sorted(flags, key=lambda flag: order.get(flag.name, -1))


def _shapes(evidence: Sequence[Evidence]) -> Iterator[Flag]:
    for item in evidence:
        (before, after) = item.sizes
        sizes = f"The picture before is {_size(before)} pixels and the picture after {_size(after)}"
        if not same_shape(before, after):
            yield Flag(item.pair.name, "shape", f"{sizes}. Crop them to the same shape.")
        elif not 1 / MAX_SIZE_RATIO < after[0] / before[0] < MAX_SIZE_RATIO:
            yield Flag(item.pair.name, "shape", f"{sizes}: one is much softer. Bring both to one size.")


def _small(evidence: Sequence[Evidence]) -> Iterator[Flag]:
    detail = np.array([item.detail for item in evidence]).reshape(-1, 2)
    is_soft = np.zeros_like(detail, dtype=bool)
    if len(evidence) >= COMPARABLE:  # against the others, for an effect may be a blur
        is_soft = (detail < MIN_DETAIL) & (detail < MIN_DETAIL_SHARE * np.median(detail, axis=0))
    for item, soft in zip(evidence, is_soft):
        for side, size, soft_side in zip(("before", "after"), item.sizes, soft):
            if min(size) < MIN_SIDE:
                sentence = f"The picture {side} has only {_size(size)} pixels. Use one of at least 128."
            elif soft_side:
                sentence = f"The picture {side} looks enlarged or blurred against the others. Use the original."
            else:
                continue
            yield Flag(item.pair.name, "too small", sentence)
            break


def _duplicates(evidence: Sequence[Evidence]) -> Iterator[Flag]:
    if not evidence:
        return
    sources = np.stack([item.source for item in evidence])
    for index, twin in enumerate(_first_twins(sources)):
        if twin < 0:
            continue
        item, other = evidence[index], evidence[twin]
        change = (item.target.astype(np.float32) - other.target) / 255
        if np.sqrt((change**2).mean()) < SAME_PICTURE:
            sentence = f"This is nearly the same pair as {other.pair.name}. Remove one of them."
        else:
            sentence = (
                f"The picture before is that of {other.pair.name} too, but the pictures after differ. "
                "Keep the right one."
            )
        yield Flag(item.pair.name, "duplicate", sentence, other=other.pair.name)


def _first_twins(pictures: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return for each row the first row before it that shows the same picture; -1 where there is none.

    Distances are computed between two blocks of rows at a time, as |a|^2 + |b|^2 - 2 a b.
    """
    twins = np.full(len(pictures), -1)
    for start in range(0, len(pictures), BLOCK):
        rows = pictures[start : start + BLOCK].astype(np.float64)
        places = start + np.arange(len(rows))
        for begin in range(0, start + len(rows), BLOCK):
            others = pictures[begin : begin + BLOCK].astype(np.float64)
            squares = (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * rows @ others.T
            is_same = squares < (255 * SAME_PICTURE) ** 2 * pictures.shape[1]
            is_same &= begin + np.arange(len(others)) < places[:, None]
            found = is_same.any(axis=1) & (twins[places] < 0)
            twins[places[found]] = begin + is_same[found].argmax(axis=1)
    return twins


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
