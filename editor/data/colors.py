"""Colors of pairs, drawn at random places at the size that the pictures have, kept with a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from editor.data.dataset import PairDataset
from editor.files import replace_file

NUM_COLORS = 200_000  # of all pairs together
MOST_PER_PAIR = 20_000


@dataclass(frozen=True, slots=True)
class PairColors:
    """Colors at the same places of the sources and targets of m pairs.

    Attributes:
        values: (m, n, 2, 3) uint8; index 0 of the third axis is the source, 1 the target.
    """

    values: Tensor

    @classmethod
    def of(cls, pairs: PairDataset, seed: int) -> PairColors:
        """Draw from pairs at the model's size."""
        generator = torch.Generator().manual_seed(seed)
        count = per_pair(len(pairs))
        pixels = pairs.pixels.flatten(-2)  # (m, 2, 3, h * w)
        places = torch.randint(pixels.shape[-1], (len(pairs), count), generator=generator)
        return cls(torch.stack([pair[..., at].permute(2, 0, 1) for pair, at in zip(pixels, places)]))

    @classmethod
    def load(cls, path: Path, num_pairs: int) -> PairColors | None:
        """Read what was kept; None if there is nothing, or nothing that fits to so many pairs."""
        shape = [num_pairs, per_pair(num_pairs), 2, 3]
        try:
            with safe_open(path, framework="pt") as file:
                if list(file.keys()) != ["colors"]:
                    return None
                part = file.get_slice("colors")
                if part.get_shape() != shape or part.get_dtype() != "U8":
                    return None
                return cls(file.get_tensor("colors"))
        except (OSError, SafetensorError):
            return None

    def save(self, path: Path) -> None:
        """Write them to a file."""
        replace_file(path, save({"colors": self.values.contiguous()}))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, which: Tensor) -> PairColors:
        """Return the colors of some pairs."""
        return PairColors(self.values[which])

    @property
    def num_samples(self) -> int:
        """Of all pairs."""
        return self.values.shape[0] * self.values.shape[1]

    def flat(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return `count` of the colors of sources and targets, (count, 3) each in [-1, 1]."""
        both = self.values.flatten(0, 1)
        if count < len(both):
            both = both[torch.randint(len(both), (count,), generator=generator)]
        x, y = both.float().div(127.5).sub(1).unbind(1)
        return x, y


def per_pair(num_pairs: int) -> int:
    """Return how many colors are drawn from each of so many pairs."""
    return max(1, min(MOST_PER_PAIR, NUM_COLORS // max(1, num_pairs)))


class ColorDraw:
    """Draws from pairs of pictures, one after the other."""

    def __init__(self, num_pairs: int, seed: int) -> None:
        """Begin with nothing.

        Args:
            num_pairs: How many will be added.
            seed: Of all draws.
        """
        self._count = per_pair(num_pairs)
        self._generator = np.random.default_rng(seed)
        self._values: list[np.ndarray] = []

    def add(self, source: Image.Image, target: Image.Image) -> None:
        """Draw from a pair; a target of another size is brought to that of the source."""
        if target.size != source.size:
            target = target.resize(source.size, Image.Resampling.LANCZOS)
        places = self._generator.integers(source.width * source.height, size=self._count)
        sides = [np.asarray(side.convert("RGB")).reshape(-1, 3)[places] for side in (source, target)]
        self._values.append(np.stack(sides, axis=1))

    def drawn(self) -> PairColors:
        """Return what was drawn."""
        return PairColors(torch.from_numpy(np.stack(self._values)))
