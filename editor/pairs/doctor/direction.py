"""Finds swapped pairs: those whose change is the opposite of what the other pairs do (a linear discriminant)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROUNDS = 10  # at most, of estimating the common direction and then the signs; two or three mostly suffice
MIN_AGREEMENT = 3.5  # deviations between the usual change and none, or the pairs have no common direction
MAX_SHARE = 1 / 3  # of the pairs; where more seem exchanged, nobody can say which ones are
OPPOSITE = (-2.5, -0.4)  # 1 is the usual change, -1 its exact inverse; far beyond is something else

Changes = NDArray[np.float64]


def opposite(changes: Changes) -> NDArray[np.bool_]:
    """Find the pairs whose change is the inverse of what most others do.

    Each change is projected on the usual change of all the others, in units of their deviation (a linear
    discriminant with a diagonal covariance). Where the others do not agree among themselves, none is found.

    Args:
        changes: One row for each pair; a pair with its sides exchanged has the negative row.

    Returns:
        One truth value for each pair.
    """
    signs = np.ones(len(changes))
    for _ in range(ROUNDS):
        direction = _direction(changes * signs[:, None])
        before, signs = signs, np.where(changes @ direction < 0, -1.0, 1.0)
        if np.array_equal(before, signs):
            break
    if (signs < 0).mean() > 0.5:
        signs = -signs
    if (signs < 0).mean() > MAX_SHARE:
        return np.zeros(len(changes), dtype=bool)
    turned = changes * signs[:, None]
    found = np.zeros(len(changes), dtype=bool)
    for index in range(len(changes)):
        others = np.delete(turned, index, axis=0)
        direction = _direction(others)
        usual = others @ direction
        agreement = np.median(usual) / (_median_deviation(usual) + 1e-6)
        found[index] = agreement > MIN_AGREEMENT and OPPOSITE[0] < changes[index] @ direction < OPPOSITE[1]
    return found


def _direction(changes: Changes) -> NDArray[np.float64]:
    """Return the weights that make the usual change 1 and tell it best from its inverse."""
    usual = np.median(changes, axis=0)
    # Part of the plain deviation too: a feature that is nearly always 0 has no median deviation.
    deviation = _median_deviation(changes) + 0.25 * changes.std(axis=0) + 1e-3
    weights = usual / deviation**2
    return weights / (weights @ usual + 1e-12)


def _median_deviation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.4826 * np.median(np.abs(values - np.median(values, axis=0)), axis=0)
