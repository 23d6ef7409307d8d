"""Does what becomes of a pixel go by its surroundings, as it does under a soft glow, a blur or a sharpening?

A detail filter learns such effects at full size; a color map cannot, and M sees too few pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

NUM_SAMPLES = 1_500  # pixels of each crop
NUM_FOLDS = 3
SCALES = (1 / 4, 1 / 16, 1 / 64)  # of the crops, whose pixels are means of surroundings
RIDGE = 1e-4  # regularization, for each sample
# What colors and surroundings have to explain of the squared differences of pairs that they were not fitted to, and the
# share of what colors alone leave that they may leave: 0.88 and 0.50 for a soft glow. Additions, smiles and flat emoji
# that become 3D have 0.3 at most, and looks leave all that colors leave.
LEAST_EXPLAINED, MOST_LEFT = 0.7, 0.6


def is_local_filter(crops: Sequence[Tensor], generator: torch.Generator) -> bool:
    """Return whether surroundings explain pairs that colors alone do not.

    Second-degree polynomials of a pixel, and of it and means around it, are fitted by least squares.

    Args:
        crops: A source and its target each, (2, 3, h, w) in [-1, 1].
        generator: Source of all draws.
    """
    if len(crops) < NUM_FOLDS:
        return False
    local, changes = [], []
    for x, y in crops:
        maps = torch.cat([x[None], *(_mean_around(x[None], scale) for scale in SCALES)], dim=1)[0].flatten(1)
        drawn = torch.randint(maps.shape[1], (NUM_SAMPLES,), generator=generator)
        local.append(maps[:, drawn].T)
        changes.append((y - x).flatten(1)[:, drawn].T)
    left = _left(local, changes)
    before = sum(change.square().sum().item() for change in changes)
    if left >= (1 - LEAST_EXPLAINED) * before:
        return False
    return left <= MOST_LEFT * _left([maps[:, :3] for maps in local], changes)


def _mean_around(pictures: Tensor, scale: float) -> Tensor:
    size = pictures.shape[-2:]
    small = functional.interpolate(pictures, [max(1, round(side * scale)) for side in size], mode="area")
    return functional.interpolate(small, size, mode="bilinear")


def _left(maps: Sequence[Tensor], changes: Sequence[Tensor]) -> float:
    """Return the squared error of polynomials of maps (n, k) for changes (n, 3) of pairs they were not fitted to."""
    inputs, outputs = torch.stack([_terms(one) for one in maps]), torch.stack([*changes]).double()
    folds, left = torch.arange(len(inputs)) % NUM_FOLDS, 0.0
    for fold in range(NUM_FOLDS):
        x, y = (kind[folds != fold].flatten(0, 1) for kind in (inputs, outputs))
        weights = torch.linalg.solve(x.T @ x + RIDGE * len(x) * torch.eye(x.shape[1]), x.T @ y)
        left += (outputs[folds == fold] - inputs[folds == fold] @ weights).square().sum().item()
    return left


def _terms(maps: Tensor) -> Tensor:
    """Return the terms of a polynomial of the second degree, (n, terms) float64."""
    rows, columns = torch.triu_indices(maps.shape[1], maps.shape[1])
    maps = maps.double()
    return torch.cat([torch.ones_like(maps[:, :1]), maps, maps[:, rows] * maps[:, columns]], dim=1)
