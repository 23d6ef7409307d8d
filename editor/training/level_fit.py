"""Find the auto levels that come before a look: whose histogram counts, and how much of it becomes black and white."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch

from editor.data.colors import PairColors
from editor.levels import MEASURES, Levels

NUM_LOOKED_AT = 2_000  # colors of each pair
# What an affine map for each pair alone has to explain of the squares, else no levels are looked for: 0.97 where photos
# were normalized, at most 0.4 where something is added.
LEAST_BY_ITSELF = 0.75
SHARES = (0.0, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05)  # of the values that are cut off
FIRST = (0, 2, 7)  # of these, for both ends


def differ_by_photo(colors: PairColors) -> bool:
    """Return whether each pair by itself is a map from color to color: one with auto levels may be that of them all."""
    before, left = 0.0, 0.0
    for pair in colors.values:
        x, y = pair[:NUM_LOOKED_AT].double().div(127.5).sub(1).unbind(1)
        inputs = torch.cat([x, torch.ones_like(x[:, :1])], dim=1)
        affine = torch.linalg.solve(inputs.T @ inputs + 1e-3 * torch.eye(4), inputs.T @ y)
        before += (y - x).square().sum().item()
        left += (y - inputs @ affine).square().sum().item()
    return left <= (1 - LEAST_BY_ITSELF) * before


def best_levels(score: Callable[[Levels], float]) -> Levels:
    """Return the levels with the highest score, from a few first ones uphill."""
    scores: dict[tuple[str, int, int], float] = {}

    def value(key: tuple[str, int, int]) -> float:
        if key not in scores:
            measure, black, white = key
            scores[key] = score(Levels(measure, SHARES[black], SHARES[white]))
        return scores[key]

    best = max(((measure, start, start) for measure, start in product(MEASURES, FIRST)), key=value)
    while True:
        measure, *ends = best
        steps = [(black, white) for black in (-1, 0, 1) for white in (-1, 0, 1) if black == 0 or white == 0]
        moved = [tuple(end + step for end, step in zip(ends, pair)) for pair in steps]
        near = [(measure, *pair) for pair in moved if all(0 <= end < len(SHARES) for end in pair)]
        uphill = max(near, key=value)
        if value(uphill) <= value(best):
            return Levels(measure, *(SHARES[end] for end in ends))
        best = uphill
