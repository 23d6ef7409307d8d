"""Pairs as tensors, and n-source-to-n-target sampling (Sec. 3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from editor.config import AugmentConfig, FitMode
from editor.data.augment import augment
from editor.image_files import load_image
from editor.images import square_of, to_tensor
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair

MAX_BYTES = 8 * 2**30  # of all pairs in memory: 5,461 at 256 pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBatch:
    """b groups of n pairs: r = n - 1 reference pairs and the pair to predict. Images are float32 in [-1, 1].

    Attributes:
        x_i: Sources of the references, (b, r, 3, h, w).
        y_i: Targets of the references, (b, r, 3, h, w).
        x_j: Sources to edit, (b, 3, h, w).
        y_j: What is expected, (b, 3, h, w). Only losses and metrics may look at it.
    """

    x_i: Tensor
    y_i: Tensor
    x_j: Tensor
    y_j: Tensor

    def __getitem__(self, rows: slice) -> PairBatch:
        """Return some of the groups."""
        return PairBatch(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


@dataclass(frozen=True, slots=True)
class PairDataset:
    """Pairs in memory at the model's size.

    Attributes:
        names: Names of the pairs.
        images: (m, 2, 3, h, w) float32 in [-1, 1]; index 0 of the second axis is the source, 1 the target.
    """

    names: tuple[str, ...]
    images: Tensor

    @classmethod
    def load(cls, pairs: Sequence[Pair], size: int, fit: FitMode = "whole") -> PairDataset:
        """Read pairs from disk at `size` x `size`. The pairs of a run have that size already.

        Args:
            pairs: Which.
            size: Side in pixels.
            fit: How what is not square becomes square, see `images.square_of`.

        Raises:
            PairError: Together they would take more memory than `MAX_BYTES`.
        """
        needed = len(pairs) * 2 * 3 * size**2 * 4
        if needed > MAX_BYTES:
            raise PairError(
                f"{len(pairs):,} pairs at {size} pixels would take {needed / 2**30:,.0f} GB of memory, and at most "
                f"{MAX_BYTES / 2**30:,.0f} GB are meant for them. Use fewer pairs or a smaller size."
            )
        images = torch.empty(len(pairs), 2, 3, size, size)
        for index, pair in enumerate(pairs):
            for side, path in enumerate((pair.source, pair.target)):
                images[index, side] = to_tensor(square_of(load_image(path), size, fit))
        return cls(tuple(pair.name for pair in pairs), images)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def x(self) -> Tensor:
        """All sources, (m, 3, h, w)."""
        return self.images[:, 0]

    @property
    def y(self) -> Tensor:
        """All targets, (m, 3, h, w)."""
        return self.images[:, 1]

    def sample(
        self,
        *,
        batch_size: int,
        group_size: int,
        config: AugmentConfig,
        generator: torch.Generator,
        device: torch.device | None = None,
    ) -> PairBatch:
        """Draw `batch_size` groups of `group_size` pairs with replacement and augment the one to predict.

        Args:
            batch_size: Number of groups.
            group_size: Pairs in each.
            config: How strongly to augment.
            generator: Source of all draws, on the CPU.
            device: Where to augment, and where the batch is then; by default where the pairs are.
        """
        indices = torch.randint(len(self), (batch_size, group_size), generator=generator)
        drawn = self.images[indices].to(device or self.images.device, non_blocking=True)  # (b, n, 2, 3, h, w)
        references = drawn[:, 1:]  # (b, r, 2, 3, h, w)
        predicted = augment(drawn[:, 0], config, generator)
        return PairBatch(x_i=references[:, :, 0], y_i=references[:, :, 1], x_j=predicted[:, 0], y_j=predicted[:, 1])
