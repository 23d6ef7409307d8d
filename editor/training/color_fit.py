"""Find what pairs have in common as a map from color to color, if there is anything: looks of photographers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from editor.data.colors import PairColors
from editor.models.color_map import NUM_GAINS, ColorMap, identity_table
from editor.training.gain_fit import MapWithGains, fit_table_and_gains
from editor.training.table_fit import fit_table
from editor.training.trainer import Trainer

NUM_SAMPLES = 40_000  # fitted to
NUM_PROBED = 10_000  # when it is asked whether there is a map
NUM_FOLDS = 3
DIFFERENT = 16 / 127.5  # distance of colors at which two count as half different
# A map has to take away this share of the difference of pairs that it was not fitted to. Measured on ten effects: 0.97
# for looks (0.87 with a tenth of each picture painted over), 0.78 for colored emoji to line art, where training
# without a map is 1.1 dB better (200 steps), at most 0.03 for all others.
LEAST_EXPLAINED = 0.85
HOPELESS = 0.5  # share below which the first fold decides
LEFT_BY_GAINS = 0.7  # gains have to leave at most this share of what a map without them leaves

Fit = Callable[[PairColors, int, torch.Generator], MapWithGains]


class FittedMap(NamedTuple):
    """What a `ColorMap` holds: table, gains, and the share that they explain."""

    table: Tensor
    gains: Tensor
    explained: float


def fit_color_map(colors: PairColors, seed: int) -> FittedMap:
    """Return the map from color to color that pairs have in common, or the identity where it is not worth its place.

    Args:
        colors: Of the pairs to learn from. Gains by the place are looked for only where their places are known.
        seed: Of all draws.
    """
    generator = torch.Generator().manual_seed(seed)
    fit, explained = _even, cross_validated(colors, _even, generator)
    if colors.places is not None:
        with_gains = cross_validated(colors, fit_table_and_gains, generator)
        if with_gains >= LEAST_EXPLAINED and 1 - with_gains <= LEFT_BY_GAINS * (1 - explained):
            fit, explained = fit_table_and_gains, with_gains
    if explained < LEAST_EXPLAINED:
        return FittedMap(identity_table(), torch.ones(3, NUM_GAINS, NUM_GAINS), 0.0)
    return FittedMap(*fit(colors, NUM_SAMPLES, generator), explained)


def _even(colors: PairColors, num_samples: int, generator: torch.Generator) -> MapWithGains:
    """Return a map that is the same all over a picture."""
    return MapWithGains(fit_table(colors, num_samples, generator), torch.ones(3, NUM_GAINS, NUM_GAINS))


def equip(trainer: Trainer, colors: PairColors | None = None) -> None:
    """Give a fresh trainer the color map that its pairs have in common, if its config allows for one: about a second.

    Args:
        trainer: Whose models get the map.
        colors: Of the pairs' files at full size. None, or files that were moved onto each other since: those in memory.
    """
    if trainer.model.color_map is None:
        return
    if colors is None or trainer.chance_shift is not None:
        colors = PairColors.of(trainer.training, trainer.config.seed)
    fitted = fit_color_map(colors, trainer.config.seed)
    for model in (trainer.model, trainer.averaged.module):
        model.color_map.table.copy_(fitted.table)
        model.color_map.gains.copy_(fitted.gains)
        model.color_map.explained.fill_(fitted.explained)


def cross_validated(colors: PairColors, fit: Fit, generator: torch.Generator) -> float:
    """Return the share of the difference that maps explain of pairs that they were not fitted to, at least 0.

    Differences saturate, so that a look counts beside a hat, which is as different as can be with a map or without.
    """
    folds = torch.arange(len(colors)) % min(NUM_FOLDS, len(colors))
    if len(colors) < 2:
        return 0.0
    before = after = 0.0
    for fold in folds.unique():
        found = fit(colors[folds != fold], NUM_PROBED, generator)
        x, y, places = colors[folds == fold].flat(NUM_PROBED, generator)
        before += _difference(x, y)
        after += _difference(_carried_out(found, x, places), y)
        if after > (1 - HOPELESS) * before:
            break
    return max(0.0, 1 - after / before) if before else 0.0


def _carried_out(found: MapWithGains, x: Tensor, places: Tensor | None) -> Tensor:
    """Return what a map makes of colors (n, 3) at places (n, 2) in [-1, 1]."""
    color_map = ColorMap()
    color_map.table.copy_(found.table)
    color_map.gains.copy_(found.gains)
    color_map.explained.fill_(1.0)
    places = torch.zeros(len(x), 2) if places is None else places
    return color_map(x.T[None, :, None], places=places[None, None])[0, :, 0].T


def _difference(a: Tensor, b: Tensor) -> float:
    squared = (a - b).square().sum(dim=1)
    return (squared / (squared + DIFFERENT**2)).sum().item()
