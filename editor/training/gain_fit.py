"""Fit a color map with gains by the place in the picture: looks with a vignette, a gradient or a graduated filter.

With T for the map and g for the gains, y(p) = g(p) T(x(p)) in light from 0 to 1. Of both, one is fitted while the other
stays as it is, in turns (alternating least squares). Colors meet many places over some twenty pairs, so a few turns do.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from editor.data.colors import PairColors, to_place
from editor.models.color_map import NUM_GAINS
from editor.training.table_fit import LEVELS, fit_table, mapped

NUM_POINTS = 5  # along each side, between which gains are cubic: 8 follow noise (2 dB less on a vignette)
NUM_TURNS = 6
TURN_SAMPLES = 16_000  # colors that are looked at in a turn
TURN_LEVELS = LEVELS[:-1]  # of the table in a turn
LEAST_GAIN = 0.05
DARKEST = 0.3  # gain of places below which they say nothing of colors
RIDGE = 1.0


class MapWithGains(NamedTuple):
    """See `ColorMap`: a table (SIZE, SIZE, SIZE, 3) and gains (3, NUM_GAINS, NUM_GAINS)."""

    table: Tensor
    gains: Tensor


def fit_table_and_gains(colors: PairColors, num_samples: int, generator: torch.Generator) -> MapWithGains:
    """Return the map of `color_fit.fit_table` and gains that go together.

    Residuals of gains are not weighed robustly: as long as the gains are wrong, corners would be the outliers.

    Args:
        colors: With places.
        num_samples: How many of them the table that is returned is fitted to.
        generator: Source of all draws.
    """
    some = colors.some(TURN_SAMPLES, generator)
    basis = _basis(some.places[0])
    x, y, *_ = some.flat(some.num_samples, generator)
    light = (y + 1) / 2
    points = torch.ones(NUM_POINTS**2, 3)
    for _ in range(NUM_TURNS):
        points = _brightest_is_one(points)
        table = fit_table(_evened(some, points), TURN_SAMPLES, generator, TURN_LEVELS)
        points = _fitted(basis, (mapped(table, x) + 1) / 2, light)
    points = _brightest_is_one(points)
    grid = points.T.view(1, 3, NUM_POINTS, NUM_POINTS)
    gains = functional.interpolate(grid, (NUM_GAINS, NUM_GAINS), mode="bicubic", align_corners=True)[0]
    return MapWithGains(fit_table(_evened(colors, points), num_samples, generator), gains.clamp(0, 1))


def _brightest_is_one(points: Tensor) -> Tensor:
    """Return points (NUM_POINTS ** 2, 3) in the scale in which a table can hold all that their gains are applied to."""
    return points / points.amax(dim=0).clamp_min(LEAST_GAIN)


def _evened(colors: PairColors, points: Tensor) -> PairColors:
    """Return colors whose targets are as they would be with a gain of 1 everywhere, as if they were of one pair.

    Those of places that become all but black are left out, for they say nothing of the table.
    """
    gains = (_basis(colors.places.flatten(0, 1)) @ points).clamp_min(LEAST_GAIN)
    told = gains.mean(dim=1)
    kept = told >= min(DARKEST, told.median().item())
    before, after = colors.values.flatten(0, 1)[kept].unbind(1)
    even = (after / gains[kept]).round().clamp(0, 255).to(torch.uint8)
    leveled = None if colors.leveled is None else colors.leveled.flatten(0, 1)[kept][None]
    return PairColors(torch.stack([before, even], dim=1)[None], leveled=leveled)


def _basis(places: Tensor) -> Tensor:
    """Return how much each of the points counts at places (n, 2) in 256ths, (n, NUM_POINTS ** 2)."""
    single = torch.eye(NUM_POINTS**2).view(1, -1, NUM_POINTS, NUM_POINTS)
    grid = to_place(places)[None, :, None]
    read = functional.grid_sample(single, grid, mode="bicubic", padding_mode="border", align_corners=True)
    return read[0, :, :, 0].T


def _fitted(basis: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """Return the points whose gains bring light (n, 3) in [0, 1] nearest to what it becomes, (NUM_POINTS ** 2, 3)."""
    ridge = RIDGE * torch.eye(basis.shape[1], dtype=torch.float64)
    points = []
    for x, y in zip(before.T, after.T):
        inputs = (basis * x[:, None]).double()
        residual = (y - x).double()  # from a gain of 1, which the ridge prefers
        points.append(1 + torch.linalg.solve(inputs.T @ inputs + ridge, inputs.T @ residual).float())
    return torch.stack(points, dim=1)
