"""The table of least squares for colors of pairs, coarse to fine, robustly.

First the affine map of least squares, then a pyramid of tables, each of which takes over what the coarser ones left of
the difference. So colors that no pair shows go along with their neighbors, and well-known ones are met exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from editor.data.colors import PairColors
from editor.models.color_map import SIZE, identity_table, look_up

LEVELS = (3, 5, 9, SIZE)  # entries along each axis
NUM_PASSES = 8  # at each level; see `_Level`
SHRINKAGE = 1.0  # regularization: an entry takes over half of the mean residual of samples of this total weight
SCALE = 3.0  # a residual of so many medians marks an outlier: such a sample weighs a quarter of a perfect one ...
LEAST_SCALE = 16 / 255  # ... unless the residual is below this, 8 of 256 levels
RARITY = 0.8  # power by which rare colors are drawn more often than common ones: skies are large and alike
RARITY_BINS = 24


def fit_table(
    colors: PairColors,
    num_samples: int,
    generator: torch.Generator,
    levels: Sequence[int] = LEVELS,
    shrinkage: float = SHRINKAGE,
) -> Tensor:
    """Return the table, (SIZE, SIZE, SIZE, 3), that brings sources nearest to targets.

    Samples are weighed robustly (Geman and McClure), so that what was added or moved does not count.

    Args:
        colors: Of sources and targets.
        num_samples: How many of them are looked at.
        generator: Source of all draws.
        levels: Entries along each axis, coarse to fine.
        shrinkage: See `SHRINKAGE`; the larger, the smoother is the table.
    """
    x, y, *_ = colors.flat(colors.num_samples, generator)
    kept = _balanced(x, num_samples, generator)
    x, y = x[kept], y[kept]
    affine = _affine(x, y)
    table, mapped = _homogeneous(identity_table()) @ affine, _homogeneous(x) @ affine
    for size in levels:
        level = _Level(x, size)
        correction = torch.zeros(size**3, 3)
        for _ in range(NUM_PASSES):
            residual = y - mapped
            change = level.fit(residual, _robust_weights(residual), shrinkage)
            correction += change
            mapped += level.read(change)
        table += _enlarged(correction.view(size, size, size, 3))
    return table.clamp(-1, 1)


def mapped(table: Tensor, x: Tensor) -> Tensor:
    """Return what a table makes of colors (n, 3)."""
    return look_up(table, x.T[None, :, None])[0, :, 0].T


def _affine(x: Tensor, y: Tensor) -> Tensor:
    """Return the affine map from x to y, both (n, 3), by iteratively reweighted least squares, (4, 3).

    Computed in float64: where all colors are gray, or only one, the equations without the ridge are singular.
    """
    inputs, y = _homogeneous(x).double(), y.double()
    residual = y - x
    for _ in range(NUM_PASSES):
        weighted = inputs * _robust_weights(residual)[:, None]
        affine = torch.linalg.solve(weighted.T @ inputs + 1e-3 * torch.eye(4), weighted.T @ y)
        residual = y - inputs @ affine
    return affine.float()


def _homogeneous(colors: Tensor) -> Tensor:
    return torch.cat([colors, torch.ones_like(colors[..., :1])], dim=-1)


def _robust_weights(residual: Tensor) -> Tensor:
    """Return the weights of Geman and McClure for residuals (n, 3), (n,)."""
    squared = residual.square().sum(dim=1)
    scale = squared.median().mul(SCALE**2).clamp_min(LEAST_SCALE**2)
    return (scale / (scale + squared)).square()


def _enlarged(table: Tensor) -> Tensor:
    size = (SIZE, SIZE, SIZE)
    volume = functional.interpolate(table.movedim(-1, 0)[None], size, mode="trilinear", align_corners=True)
    return volume[0].movedim(0, -1)


class _Level:
    """Samples in a table of one size: which eight entries each lies between, and how near.

    That is a sparse matrix (n, size ** 3). It and its transpose are multiplied by as weighted sums of rows
    (`embedding_bag`), which need no memory but for their result.
    """

    def __init__(self, x: Tensor, size: int) -> None:
        places = (x + 1) / 2 * (size - 1)
        low = places.floor().clamp(0, size - 2)
        share = places - low  # (n, 3)
        corners = torch.stack(torch.meshgrid(*[torch.arange(2)] * 3, indexing="ij"), dim=-1).view(8, 3)
        strides = torch.tensor([size**2, size, 1])
        self._entries = ((low.long()[:, None] + corners) * strides).sum(dim=-1)  # (n, 8)
        self._weights = torch.where(corners.bool(), share[:, None], 1 - share[:, None]).prod(dim=-1)  # (n, 8)
        order = self._entries.flatten().short().argsort()  # 16 bits hold SIZE ** 3, and sort three times as fast
        counts = torch.bincount(self._entries.flatten(), minlength=size**3)
        self._samples, self._starts = order // 8, counts.cumsum(dim=0) - counts  # those of each entry one after another
        self._weights_of_samples = self._weights.flatten()[order]

    def read(self, table: Tensor) -> Tensor:
        """Return what a table (size ** 3, 3) says of each sample, (n, 3)."""
        return functional.embedding_bag(self._entries, table, per_sample_weights=self._weights, mode="sum")

    def fit(self, residual: Tensor, weight: Tensor, shrinkage: float) -> Tensor:
        """Return the weighted mean of the residuals (n, 3) around each entry, (size ** 3, 3): one step of SIRT.

        A few of them come close to least squares and stop before noise is followed.
        """
        sums = functional.embedding_bag(
            self._samples,
            torch.cat([residual, torch.ones_like(residual[:, :1])], dim=1) * weight[:, None],
            self._starts,
            per_sample_weights=self._weights_of_samples,
            mode="sum",
        )
        return sums[:, :3] / (sums[:, 3:] + shrinkage)


def _balanced(x: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return the indices of at most `count` of the colors (n, 3), those of rare colors more likely."""
    bins = ((x + 1) / 2 * RARITY_BINS).long().clamp(0, RARITY_BINS - 1)
    cells = (bins * torch.tensor([RARITY_BINS**2, RARITY_BINS, 1])).sum(dim=1)
    rarity = torch.bincount(cells)[cells].float().pow(-RARITY)
    return torch.multinomial(rarity, min(count, len(x)), generator=generator)
