"""Colors of pairs, drawn at random places at the size that the pictures have, kept with a run.

Kept beside them: where in the pictures they lie, and how large the files of all pairs are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
SIZE_OF = "size."  # begins the names of tensors that hold a size; the rest is that of the pair


@dataclass(frozen=True, slots=True)
class PairColors:
    """Colors at the same places of the sources and targets of m pairs.

    Attributes:
        values: (m, n, 2, 3) uint8; index 0 of the third axis is the source, 1 the target.
        places: Where in the picture each lies, (m, n, 2) uint8: x and y in 256ths of its sides. None where that is not
            known, as for runs that are older than it.
    """

    values: Tensor
    places: Tensor | None = None

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
                values = _checked(file, "colors", shape)
                return None if values is None else cls(values, _checked(file, "places", shape[:3]))
        except (OSError, SafetensorError):
            return None

    def save(self, path: Path, sizes: Mapping[str, tuple[int, int]]) -> None:
        """Write them to a file.

        Args:
            path: Of the file.
            sizes: Width and height of the sources of all pairs of the run, by their names, see `load_sizes`.
        """
        tensors = {"colors": self.values.contiguous()}
        if self.places is not None:
            tensors["places"] = self.places.contiguous()
        tensors |= {f"{SIZE_OF}{name}": torch.tensor(size, dtype=torch.int32) for name, size in sizes.items()}
        replace_file(path, save(tensors))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, which: Tensor) -> PairColors:
        """Return the colors of some pairs."""
        return PairColors(self.values[which], None if self.places is None else self.places[which])

    @property
    def num_samples(self) -> int:
        """Of all pairs."""
        return self.values.shape[0] * self.values.shape[1]

    def flat(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return `count` of the colors of sources and targets, (count, 3) each in [-1, 1], and their places.

        Places are (count, 2), x and y in [-1, 1] from edge to edge; None where they are not known.
        """
        both = self.values.flatten(0, 1)
        places = None if self.places is None else self.places.flatten(0, 1)
        if count < len(both):
            drawn = torch.randint(len(both), (count,), generator=generator)
            both, places = both[drawn], None if places is None else places[drawn]
        x, y = both.float().div(127.5).sub(1).unbind(1)
        return x, y, None if places is None else to_place(places)


def to_place(shares: Tensor) -> Tensor:
    """Return places in 256ths of a picture's sides as x and y in [-1, 1] from edge to edge."""
    return (shares.float() + 0.5).div(128).sub(1)


def _checked(file: Any, name: str, shape: list[int]) -> Tensor | None:
    """Return a tensor of uint8 of an open file; None if there is none of that shape."""
    if name not in set(file.keys()):
        return None
    part = file.get_slice(name)
    return file.get_tensor(name) if part.get_shape() == shape and part.get_dtype() == "U8" else None


def load_sizes(path: Path) -> dict[str, tuple[int, int]]:
    """Return width and height of the sources that a run was made from, by names of pairs; those that the file knows."""
    sizes = {}
    try:
        with safe_open(path, framework="pt") as file:
            for key in list(file.keys()):
                part = file.get_slice(key) if key.startswith(SIZE_OF) else None
                if part is not None and part.get_shape() == [2] and part.get_dtype() == "I32":
                    width, height = file.get_tensor(key).tolist()
                    if width > 0 and height > 0:
                        sizes[key.removeprefix(SIZE_OF)] = width, height
    except (OSError, SafetensorError):
        return {}
    return sizes


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
        self._places: list[np.ndarray] = []

    def add(self, source: Image.Image, target: Image.Image) -> None:
        """Draw from a pair; a target of another size is brought to that of the source."""
        if target.size != source.size:
            target = target.resize(source.size, Image.Resampling.LANCZOS)
        places = self._generator.integers(source.width * source.height, size=self._count)
        sides = [np.asarray(side.convert("RGB")).reshape(-1, 3)[places] for side in (source, target)]
        self._values.append(np.stack(sides, axis=1))
        rows, columns = np.divmod(places, source.width)
        shares = columns * 256 // source.width, rows * 256 // source.height
        self._places.append(np.stack(shares, axis=1).astype(np.uint8))

    def drawn(self) -> PairColors:
        """Return what was drawn."""
        return PairColors(*(torch.from_numpy(np.stack(part)) for part in (self._values, self._places)))
