"""Pairs as tensors, and n-source-to-n-target sampling (Sec. 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from editor.config import AugmentConfig, FitMode
from editor.data.augment import augment
from editor.device import sent
from editor.image_files import load_image
from editor.images import square_of
from editor.memory import MIB, room_mib
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair

MAX_BYTES = 8 * 2**30  # of all pairs in memory: 21,845 at 256 pixels
RESIDENT_SHARE = 0.25  # of the memory of a graphics card: the rest is for the network
NUM_DRAWN = 4  # pairs of which one becomes a reference: of two kinds, 92 % of the references are of the right one then


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
    """Pairs in memory at the model's size, with 8 bits a value as they are on disk.

    Attributes:
        names: Names of the pairs.
        pixels: (m, 2, 3, h, w) uint8; index 0 of the second axis is the source, 1 the target.
    """

    names: tuple[str, ...]
    pixels: Tensor

    @classmethod
    def of(cls, names: Sequence[str], images: Tensor) -> PairDataset:
        """Round images, (m, 2, 3, h, w) in [-1, 1], to 8 bits."""
        return cls(tuple(names), to_pixels(images))

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
        needed = len(pairs) * 2 * 3 * size**2
        if needed > MAX_BYTES:
            raise PairError(
                f"{len(pairs):,} pairs at {size} pixels would take {needed / 2**30:,.0f} GB of memory, and at most "
                f"{MAX_BYTES / 2**30:,.0f} GB are meant for them. Use fewer pairs or a smaller size."
            )
        pixels = torch.empty(len(pairs), 2, 3, size, size, dtype=torch.uint8)
        for index, pair in enumerate(pairs):
            for side, path in enumerate((pair.source, pair.target)):
                picture = np.array(square_of(load_image(path), size, fit))
                pixels[index, side] = torch.from_numpy(picture).permute(2, 0, 1)
        return cls(tuple(pair.name for pair in pairs), pixels)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, rows: slice | Sequence[int]) -> PairDataset:
        """Return some of the pairs, in the order given."""
        names = self.names[rows] if isinstance(rows, slice) else tuple(self.names[row] for row in rows)
        return PairDataset(names, self.pixels[rows])

    def __add__(self, other: PairDataset) -> PairDataset:
        """Return the pairs of both, which have the same size."""
        return PairDataset(self.names + other.names, torch.cat([self.pixels, other.pixels]))

    def resident(self, device: torch.device) -> PairDataset:
        """Return the same pairs, which a device keeps if they take no more than `RESIDENT_SHARE` of its memory."""
        room = room_mib(device)
        if room is None or self.pixels.nbytes > RESIDENT_SHARE * MIB * room:
            return self
        return PairDataset(self.names, self.pixels.to(device))

    @property
    def images(self) -> Tensor:
        """All pairs, (m, 2, 3, h, w) float32 in [-1, 1]: four times the memory."""
        return to_float(self.pixels)

    @property
    def x(self) -> Tensor:
        """All sources, (m, 3, h, w) float32 in [-1, 1]."""
        return to_float(self.pixels[:, 0])

    @property
    def y(self) -> Tensor:
        """All targets, (m, 3, h, w) float32 in [-1, 1]."""
        return to_float(self.pixels[:, 1])

    def sample(
        self,
        *,
        batch_size: int,
        group_size: int,
        config: AugmentConfig,
        generator: torch.Generator,
        device: torch.device | None = None,
        nearest: Callable[[Tensor, Tensor], Tensor] | None = None,
    ) -> PairBatch:
        """Draw `batch_size` groups of `group_size` pairs with replacement and augment the one to predict.

        Args:
            batch_size: Number of groups.
            group_size: Pairs in each.
            config: How strongly to augment.
            generator: Source of all draws, on the CPU.
            device: Where to augment, and where the batch is then; by default where the pairs are.
            nearest: Which of `NUM_DRAWN` pairs (b, r, k) becomes each reference of a pair (b,), all indices: (b, r). By
                default only one is drawn.
        """
        indices = torch.randint(len(self), (batch_size, group_size), generator=generator)
        if nearest is not None:
            choices = torch.randint(len(self), (batch_size, group_size - 1, NUM_DRAWN), generator=generator)
            indices[:, 1:] = nearest(indices[:, 0], choices)
        drawn = self.pixels[sent(indices, self.pixels.device)]
        drawn = to_float(sent(drawn, device or drawn.device))  # (b, n, 2, 3, h, w)
        references = drawn[:, 1:]  # (b, r, 2, 3, h, w)
        predicted = augment(drawn[:, 0], config, generator)
        return PairBatch(x_i=references[:, :, 0], y_i=references[:, :, 1], x_j=predicted[:, 0], y_j=predicted[:, 1])


def to_float(pixels: Tensor) -> Tensor:
    """Return uint8 pixels as float32 in [-1, 1], like `images.to_tensor`."""
    return pixels.float().div_(127.5).sub_(1)


def to_pixels(images: Tensor) -> Tensor:
    """Return images in [-1, 1] as uint8; what lies outside is clamped."""
    return images.float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
