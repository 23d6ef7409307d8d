"""Pairs by what pictures show, where their names say nothing: those whose edges agree best, as the doctor measures it.

A likeness says little by itself, since two drawn faces agree more than a photo and its painting do. What counts is how
much more two pictures agree with each other than either does with all the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.image_files import ImageError, load_small
from editor.pairs.doctor.evidence import luminance
from editor.pairs.doctor.shift import edges

MAX_PICTURES = 400  # that are compared, each with each; a photo takes a tenth of a second to look at
SIDE = 64  # pixels
MIN_LIKENESS = 0.15  # 1 is all edges; partners of eleven very different effects reach 0.18 to 1, strangers up to 0.6
MIN_FIT = 0.1  # more than usual for either: partners reach 0.18 to 0.93 of 20 pairs, strangers less than 0.1 of few
MIN_LEAD = 1.3  # times the likeness of the next best, where not even the sides are known

Looks = NDArray[np.complex64]  # (n, SIDE * SIDE): edges of n pictures, of unit length; zeros for one without any


def looks(paths: Sequence[PurePosixPath], files: Mapping[PurePosixPath, Path]) -> Looks:
    """Return what is compared of some pictures. Of one that cannot be read nothing is known."""
    return np.stack([_look(files[path]) for path in paths]) if paths else np.zeros((0, SIDE**2), np.complex64)


def partners(sources: Looks, targets: Looks) -> list[tuple[int, int]]:
    """Find which target belongs to which source.

    Returns:
        Indices of a source and of its target, by source. Each is in one pair at most; many may be in none.
    """
    if min(len(sources), len(targets)) < 2:  # nothing to compare with
        return []
    likeness = (sources.conj() @ targets.T).real
    rows, columns = (likeness.mean(axis=axis, keepdims=True) for axis in (1, 0))
    fit = likeness - rows - columns + likeness.mean()
    fit[likeness < MIN_LIKENESS] = -np.inf
    return sorted(pair for pair in _mutually_best(fit) if fit[pair] >= MIN_FIT)


def couples(pictures: Looks) -> list[tuple[int, int]]:
    """Find pairs among pictures of which nobody knows the sides. Stricter: only where there is no doubt.

    Returns:
        Indices of two pictures each, the lower first, in their order.
    """
    if len(pictures) < 2:
        return []
    likeness = (pictures.conj() @ pictures.T).real
    np.fill_diagonal(likeness, 0)
    best = likeness.argmax(axis=1)
    found = []
    for index, other in enumerate(best):
        rest = np.delete(likeness[[index, other]], [index, other], axis=1)
        limit = max(MIN_LIKENESS, MIN_LEAD * rest.max(initial=0))
        if index < other and best[other] == index and likeness[index, other] >= limit:
            found.append((index, int(other)))
    return found


def _look(file: Path) -> NDArray[np.complex64]:
    try:
        image = load_small(file, SIDE)
    except ImageError:  # it is named when it is stored
        return np.zeros(SIDE**2, np.complex64)
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    return edges(luminance(np.asarray(small, dtype=np.float32) / 255)).ravel()


def _mutually_best(fit: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Return pairs of which each is the best of the other, then those of what is left, until there are no more."""
    fit, found = fit.copy(), []
    while np.isfinite(fit).any():
        targets, sources = fit.argmax(axis=1), fit.argmax(axis=0)
        pairs = [(i, int(j)) for i, j in enumerate(targets) if sources[j] == i and np.isfinite(fit[i, j])]
        found += pairs
        for source, target in pairs:
            fit[source], fit[:, target] = -np.inf, -np.inf
    return found
