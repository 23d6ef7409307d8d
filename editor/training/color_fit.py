"""Find what pairs have in common as a map from color to color, if there is anything: looks of photographers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from editor.data.colors import PairColors
from editor.models.color_map import NUM_GAINS, ColorMap, identity_table
from editor.training.gain_fit import MapWithGains, fit_table_and_gains
from editor.training.level_fit import best_levels, differ_by_photo
from editor.training.table_fit import fit_table
from editor.training.trainer import Trainer

NUM_SAMPLES = 40_000  # fitted to
NUM_PROBED = 10_000  # when it is asked whether there is a map
NUM_FOLDS = 3
DIFFERENT = 16 / 127.5  # distance of colors at which two count as half different
# What a map must explain of pairs that it was not fitted to, see `Explained`: enough of either.
#                                  share      of squares
# looks                            0.93-0.95  0.98-1.00
# a grade under a soft glow        0.59       0.93
# a grade with an unsharp mask     0.79       0.89
# colored emoji to line art        0.71       0.88
# all others                       0-0.01     0-0.10
# The three in the middle gain 2, 4 and 3 dB at full size by their maps (150, 150 and 400 steps), the emoji a fifth of
# the ST-LPIPS. A hat over a look leaves 0.87 of the share and less of the squares.
LEAST_EXPLAINED, LEAST_OF_SQUARES = 0.85, 0.75
# Where a detail filter follows, which can learn colors, too, the squares are not enough: what the map made alike, fills
# and paper, the filter cannot tell apart, nor undo its bumps. With a map and without one, at full size: a charcoal
# drawing (share 0.32) 18.9 and 30.6 dB, a soft glow (0.45) 29.7 and 41.2 dB, emoji to line art (0.83) 35.5 and 38.8 dB,
# a grade with sharpening (0.78) 45.1 and 43.5 dB.
HOPELESS = 0.4  # share of squares below which the first fold decides
# Of a grade under a soft glow such a map alone has 30.3 instead of 29.7 dB, its worst photo 1.7 dB more, and a gray
# ramp is three times as smooth; a pure look would lose up to 21 dB.
SMOOTH_SHRINKAGE = 160.0
LEFT_BY_MORE = 0.7  # gains and auto levels have to leave at most this share of what a map without them leaves

Fit = Callable[[PairColors, int, torch.Generator], MapWithGains]


class FittedMap(NamedTuple):
    """What a `ColorMap` holds: table, gains, levels, and the share that they explain."""

    table: Tensor
    gains: Tensor
    levels: Tensor
    explained: float

    def fill(self, color_map: ColorMap) -> None:
        """Put it into a map."""
        for name, value in self._asdict().items():
            getattr(color_map, name).copy_(torch.as_tensor(value))


class Explained(NamedTuple):
    """What a map explains of the difference between before and after.

    Attributes:
        share: Of differences that saturate at `DIFFERENT`, so that a look counts beside a hat, which is as different as
            can be with a map or without; at least 0.
        of_squares: Of squared differences, at least 0.
    """

    share: float
    of_squares: float

    @classmethod
    def of(cls, before: Sequence[Tensor], left: Sequence[Tensor]) -> Explained:
        """Compare squared differences of colors, before a map and after it."""
        if not before:
            return cls(0.0, 0.0)
        squares = torch.cat([*before]), torch.cat([*left])
        saturated = (squared / (squared + DIFFERENT**2) for squared in squares)
        totals = [[values.sum().item() for values in kind] for kind in (saturated, squares)]
        return cls(*(max(0.0, 1 - after / without) if without else 0.0 for without, after in totals))

    @property
    def is_enough(self) -> bool:
        """Whether the map is worth its place."""
        return self.share >= LEAST_EXPLAINED or (self.of_squares >= LEAST_OF_SQUARES and self.share > 0)

    def is_worth_more_than(self, simpler: Explained) -> bool:
        """Whether the map is, and a simpler one leaves much that it explains."""
        return self.is_enough and 1 - self.share <= LEFT_BY_MORE * (1 - simpler.share)


def fit_color_map(colors: PairColors, seed: int, *, is_filtered: bool = False) -> FittedMap:
    """Return the map from color to color that pairs have in common, or the identity where it is not worth its place.

    Args:
        colors: Of the pairs to learn from. Gains by the place are looked for only where their places are known, and
            auto levels only where their histograms are.
        seed: Of all draws.
        is_filtered: Whether a detail filter follows, so that only a look has a map.
    """
    generator = torch.Generator().manual_seed(seed)
    fit, levels, explained = _even, None, cross_validated(colors, _even, generator)
    if colors.histograms is not None and explained.share < LEAST_EXPLAINED and differ_by_photo(colors):
        levels = best_levels(lambda levels: cross_validated(colors.after(levels), _even, generator).share)
        with_levels = cross_validated(colors.after(levels), _even, generator)
        if with_levels.is_worth_more_than(explained):
            colors, explained = colors.after(levels), with_levels
        else:
            levels = None
    if colors.places is not None:
        with_gains = cross_validated(colors, fit_table_and_gains, generator)
        if with_gains.is_worth_more_than(explained):
            fit, explained = fit_table_and_gains, with_gains
    if not explained.is_enough or (is_filtered and explained.share < LEAST_EXPLAINED):
        return FittedMap(identity_table(), torch.ones(3, NUM_GAINS, NUM_GAINS), torch.zeros(3), 0.0)
    if fit is _even and explained.share < LEAST_EXPLAINED:
        fit = _smooth
    numbers = torch.zeros(3) if levels is None else levels.encoded()
    return FittedMap(*fit(colors, NUM_SAMPLES, generator), numbers, explained.share)


def _even(colors: PairColors, num_samples: int, generator: torch.Generator) -> MapWithGains:
    """Return a map that is the same all over a picture."""
    return MapWithGains(fit_table(colors, num_samples, generator), torch.ones(3, NUM_GAINS, NUM_GAINS))


def _smooth(colors: PairColors, num_samples: int, generator: torch.Generator) -> MapWithGains:
    """Return such a map for pairs that differ by more than their colors: else it follows that as if it were noise."""
    table = fit_table(colors, num_samples, generator, shrinkage=SMOOTH_SHRINKAGE)
    return MapWithGains(table, torch.ones(3, NUM_GAINS, NUM_GAINS))


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
    is_filtered = trainer.config.detail.mode == "on" and trainer.chance_shift is None
    fitted = fit_color_map(colors, trainer.config.seed, is_filtered=is_filtered)
    for model in (trainer.model, trainer.averaged.module):
        fitted.fill(model.color_map)


def cross_validated(colors: PairColors, fit: Fit, generator: torch.Generator) -> Explained:
    """Measure what maps explain of pairs that they were not fitted to; of a single pair nothing."""
    folds = torch.arange(len(colors)) % min(NUM_FOLDS, len(colors))
    before, left = [], []
    for fold in folds.unique() if len(colors) > 1 else ():
        found = fit(colors[folds != fold], NUM_PROBED, generator)
        x, y, places, unchanged = colors[folds == fold].flat(NUM_PROBED, generator)
        before.append(_squared(unchanged, y))
        left.append(_squared(_carried_out(found, x, places), y))
        if Explained.of(before, left).of_squares < HOPELESS:
            break
    return Explained.of(before, left)


def _carried_out(found: MapWithGains, x: Tensor, places: Tensor | None) -> Tensor:
    """Return what a map makes of colors (n, 3) at places (n, 2) in [-1, 1]."""
    color_map = ColorMap()
    FittedMap(*found, torch.zeros(3), 1.0).fill(color_map)
    places = torch.zeros(len(x), 2) if places is None else places
    return color_map(x.T[None, :, None], places=places[None, None])[0, :, 0].T


def _squared(a: Tensor, b: Tensor) -> Tensor:
    """Return the squared distances of colors (n, 3), (n,)."""
    return (a - b).square().sum(dim=1)
