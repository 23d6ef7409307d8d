"""Pairs at the size at which fine detail is learned, and crops of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from editor.data.dataset import PairDataset, to_float
from editor.image_files import load_image
from editor.pairs.folder import Pair

NUM_DRAWN = 3


class LargeDataset:
    """The pairs of a `PairDataset` at a larger size. Each is read when it is first asked for, and kept."""

    def __init__(self, small: PairDataset, files: Mapping[str, Pair]) -> None:
        """Read nothing yet.

        Args:
            small: The pairs at the model's size, which serve for those that are no larger.
            files: The larger ones by the names of the pairs, see `training.large_pairs`.
        """
        self._small, self._files = small, files
        self._read: dict[int, Tensor] = {}
        self._prepare: Callable[[str, Tensor], Tensor] = lambda name, pair: pair

    def take_mapped(self, small: PairDataset, prepare: Callable[[str, Tensor], Tensor]) -> None:
        """Replace the sources by color-mapped ones, and read the files again when they are asked for.

        Args:
            small: The pairs at the model's size with the mapped sources.
            prepare: Maps the source of a pair that was read from its files: takes the pair's name and its pixels,
                (2, 3, h, w) uint8, and returns the same shape.
        """
        self._small, self._prepare = small, prepare
        self.forget()

    def __len__(self) -> int:
        return len(self._small)

    def __getitem__(self, index: int) -> Tensor:
        """Return source and target of a pair, (2, 3, h, w) uint8.

        Raises:
            ImageError: A picture cannot be read.
        """
        file = self._files.get(self._small.names[index])
        if file is None:
            return self._small.pixels[index]
        if index not in self._read:
            sides = [np.array(load_image(path)) for path in (file.source, file.target)]
            pair = torch.from_numpy(np.stack(sides)).permute(0, 3, 1, 2)
            self._read[index] = self._prepare(self._small.names[index], pair)
        return self._read[index]

    def forget(self) -> None:
        """Free the memory; what is asked for later is read again."""
        self._read.clear()

    def crops(self, count: int, side: int, generator: torch.Generator) -> Tensor:
        """Return crops at random places, half of them mirrored, (count, 2, 3, side, side) in [-1, 1].

        Each is the one that changes most of `NUM_DRAWN`, since much of a picture is sky: 1.2 dB after equal time.

        Args:
            count: How many.
            side: Of each in pixels; at most that of the smallest pair.
            generator: Of all draws.
        """
        crops = []
        for _ in range(count):
            drawn = [to_float(self._crop(side, generator)) for _ in range(NUM_DRAWN)]
            crop = max(drawn, key=lambda pair: (pair[0] - pair[1]).abs().mean().item())
            is_mirrored = bool(torch.randint(2, (), generator=generator))
            crops.append(crop.flip(-1) if is_mirrored else crop)
        return torch.stack(crops)

    def _crop(self, side: int, generator: torch.Generator) -> Tensor:
        pair = self[int(torch.randint(len(self), (), generator=generator))]
        top, left = (int(torch.randint(n - side + 1, (), generator=generator)) for n in pair.shape[-2:])
        return pair[..., top : top + side, left : left + side]
