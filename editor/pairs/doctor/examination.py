"""Runs all checks of the doctor on a set of pairs and returns its findings, each with a sentence on what to do.

A false alarm costs more trust than a missed fault is worth, so every threshold, here and in `comparison`, lies well
beyond what the pairs of seven very different effects show when they are in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from editor.image_files import ImageError, load_image
from editor.pairs.doctor.comparison import COMPARABLE, compare
from editor.pairs.doctor.evidence import Evidence, measure
from editor.pairs.doctor.flags import Flag
from editor.pairs.folder import Pair, PairFolder, same_shape

MIN_SIDE = 96  # pixels; the smallest preset trains at 128
MAX_SIZE_RATIO = 2.0  # between the two sides; beyond it one of them is visibly softer
MIN_DETAIL = 0.06  # share of contrast that is fine detail; enlarged from 64 pixels 0.02 to 0.06, sharp ones from 0.07
MIN_DETAIL_SHARE = 0.4  # of what is usual on that side; enlarged 0.25 to 0.4, sharp ones from 0.47
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
    evidence = []
    for pair in pairs:
        try:
            evidence.append(evidence_of(pair, load))
        except ImageError as error:
            flags.append(Flag(pair.name, "unreadable", str(error)))
    for find in (_shapes, _small, _duplicates, compare):
        flags += find(evidence)
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
    sources, targets = (np.stack([getattr(item, side) for item in evidence]) for side in ("source", "target"))
    for index, item in enumerate(evidence[1:], start=1):
        close = np.sqrt(((sources[:index] - sources[index]) ** 2).mean(axis=1)) < SAME_PICTURE
        if not close.any():
            continue
        twin = int(close.argmax())
        other = evidence[twin].pair.name
        if np.sqrt(((targets[twin] - targets[index]) ** 2).mean()) < SAME_PICTURE:
            sentence = f"This is nearly the same pair as {other}. Remove one of them."
        else:
            sentence = f"The picture before is that of {other} too, but the pictures after differ. Keep the right one."
        yield Flag(item.pair.name, "duplicate", sentence, other=other)


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
