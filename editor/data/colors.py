"""Colors of pairs, drawn at random places at the size that the pictures have, kept with a run.

Kept beside them: where in the pictures they lie, and of the sources of all pairs how large they are and how often each
value occurs in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from editor.data.dataset import PairDataset
from editor.files import replace_file
from editor.levels import Levels, histograms_of, stretched

NUM_COLORS = 200_000  # of all pairs together
MOST_PER_PAIR = 20_000
SIZE_OF, HISTOGRAMS_OF = "size.", "histograms."  # begin the names of tensors; the rest is that of the pair


class Source(NamedTuple):
    """What is known of the source of a pair, as it is on the disk.

    Attributes:
        size: Width and height.
        histograms: (4, 256) int64, see `levels.histograms_of`. None where that is not known, as for runs that are older
            than it.
    """

    size: tuple[int, int]
    histograms: Tensor | None = None

    @classmethod
    def of(cls, image: Image.Image) -> Source:
        """Look at a picture."""
        pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)
        return cls(image.size, histograms_of(pixels))


class Drawn(NamedTuple):
    """Colors of several pairs.

    Attributes:
        x: Of the sources, after auto levels where they were asked for, (n, 3) in [-1, 1].
        y: Of the targets, likewise.
        places: Where they lie, (n, 2): x and y in [-1, 1] from edge to edge; None where that is not known.
        before: Of the sources as they are, (n, 3).
    """

    x: Tensor
    y: Tensor
    places: Tensor | None
    before: Tensor


@dataclass(frozen=True, slots=True)
class PairColors:
    """Colors at the same places of the sources and targets of m pairs.

    Attributes:
        values: (m, n, 2, 3) uint8; index 0 of the third axis is the source, 1 the target.
        places: Where in the picture each lies, (m, n, 2) uint8: x and y in 256ths of its sides. None where that is not
            known, as for runs that are older than it.
        histograms: Of the sources, (m, 4, 256), see `levels.histograms_of`; None likewise.
        leveled: Colors of the sources after auto levels, (m, n, 3) in [-1, 1]; None where those are not asked for.
    """

    values: Tensor
    places: Tensor | None = None
    histograms: Tensor | None = None
    leveled: Tensor | None = None

    @classmethod
    def of(cls, pairs: PairDataset, seed: int) -> PairColors:
        """Draw from pairs at the model's size."""
        generator = torch.Generator().manual_seed(seed)
        count = per_pair(len(pairs))
        pixels = pairs.pixels.flatten(-2)  # (m, 2, 3, h * w)
        places = torch.randint(pixels.shape[-1], (len(pairs), count), generator=generator)
        return cls(torch.stack([pair[..., at].permute(2, 0, 1) for pair, at in zip(pixels, places)]))

    @classmethod
    def load(cls, path: Path, names: Sequence[str]) -> PairColors | None:
        """Read what was kept; None if there is nothing, or nothing that fits to pairs of these names."""
        shape = [len(names), per_pair(len(names)), 2, 3]
        try:
            with safe_open(path, framework="pt") as file:
                values, places = _checked(file, "colors", shape), _checked(file, "places", shape[:3])
        except (OSError, SafetensorError):
            return None
        if values is None:
            return None
        sources = load_sources(path)
        histograms = [sources[name].histograms for name in names if name in sources]
        is_known = len(histograms) == len(names) and all(counts is not None for counts in histograms)
        return cls(values, places, torch.stack(histograms) if is_known else None)

    def save(self, path: Path, sources: Mapping[str, Source]) -> None:
        """Write them to a file.

        Args:
            path: Of the file.
            sources: Of all pairs of the run, by their names, see `load_sources`.
        """
        tensors = {"colors": self.values.contiguous()}
        if self.places is not None:
            tensors["places"] = self.places.contiguous()
        for name, source in sources.items():
            tensors[f"{SIZE_OF}{name}"] = torch.tensor(source.size, dtype=torch.int32)
            if source.histograms is not None:
                tensors[f"{HISTOGRAMS_OF}{name}"] = source.histograms.int()
        replace_file(path, save(tensors))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, which: Tensor | list[int]) -> PairColors:
        """Return the colors of some pairs."""
        return PairColors(*(None if part is None else part[which] for part in self._parts()))

    def _parts(self) -> tuple[Tensor | None, ...]:
        return self.values, self.places, self.histograms, self.leveled

    def some(self, count: int, generator: torch.Generator) -> PairColors:
        """Return at most `count` of the colors, as if they were of one pair."""
        which = torch.randint(self.num_samples, (min(count, self.num_samples),), generator=generator)
        parts = (self.values, self.places, None, self.leveled)
        return PairColors(*(None if part is None else part.flatten(0, 1)[which][None] for part in parts))

    def after(self, levels: Levels | None) -> PairColors:
        """Return the same colors, those of the sources after auto levels; for None, as they are.

        Args:
            levels: Only where `histograms` are known.
        """
        if levels is None:
            return replace(self, leveled=None)
        sources = self.values[:, :, 0].float().div(127.5).sub(1).movedim(-1, 1)[..., None]  # (m, 3, n, 1)
        return replace(self, leveled=stretched(sources, levels.ends(self.histograms))[..., 0].movedim(1, -1))

    @property
    def num_samples(self) -> int:
        """Of all pairs."""
        return self.values.shape[0] * self.values.shape[1]

    def flat(self, count: int, generator: torch.Generator) -> Drawn:
        """Return `count` of the colors of sources and targets."""
        parts = [None if part is None else part.flatten(0, 1) for part in (self.values, self.places, self.leveled)]
        if count < self.num_samples:
            drawn = torch.randint(self.num_samples, (count,), generator=generator)
            parts = [None if part is None else part[drawn] for part in parts]
        both, places, leveled = parts
        before, y = both.float().div(127.5).sub(1).unbind(1)
        return Drawn(before if leveled is None else leveled, y, None if places is None else to_place(places), before)


def to_place(shares: Tensor) -> Tensor:
    """Return places in 256ths of a picture's sides as x and y in [-1, 1] from edge to edge."""
    return (shares.float() + 0.5).div(128).sub(1)


def _checked(file: Any, name: str, shape: list[int], dtype: str = "U8") -> Tensor | None:
    """Return a tensor of an open file; None if there is none of that shape and type."""
    if name not in set(file.keys()):
        return None
    part = file.get_slice(name)
    return file.get_tensor(name) if part.get_shape() == shape and part.get_dtype() == dtype else None


def load_sources(path: Path) -> dict[str, Source]:
    """Return what is known of the sources that a run was made from, by names of pairs; those that the file knows."""
    sources = {}
    try:
        with safe_open(path, framework="pt") as file:
            keys = set(file.keys())
            for key in keys:
                if not key.startswith(SIZE_OF) or (size := _checked(file, key, [2], "I32")) is None or size.min() <= 0:
                    continue
                name = key.removeprefix(SIZE_OF)
                counts = HISTOGRAMS_OF + name
                histograms = _checked(file, counts, [4, 256], "I32") if counts in keys else None
                sources[name] = Source(tuple(size.tolist()), None if histograms is None else histograms.long())
    except (OSError, SafetensorError):
        return {}
    return sources


def per_pair(num_pairs: int) -> int:
    """Return how many colors are drawn from each of so many pairs."""
    return max(1, min(MOST_PER_PAIR, NUM_COLORS // max(1, num_pairs)))


class ColorDraw:
    """Draws from pairs of pictures, one after the other."""

    def __init__(self, num_pairs: int, seed: int, reduced: int = 1) -> None:
        """Begin with nothing.

        Args:
            num_pairs: How many will be added.
            seed: Of all draws.
            reduced: Pixels along both sides that are averaged before; the grain of targets is gone then.
        """
        self._reduced = reduced
        self._count = per_pair(num_pairs)
        self._generator = np.random.default_rng(seed)
        self._values: list[np.ndarray] = []
        self._places: list[np.ndarray] = []

    def add(self, source: Image.Image, target: Image.Image) -> None:
        """Draw from a pair; a target of another size is brought to that of the source."""
        if target.size != source.size:
            target = target.resize(source.size, Image.Resampling.LANCZOS)
        if self._reduced > 1:
            source, target = (side.convert("RGB").reduce(self._reduced) for side in (source, target))
        places = self._generator.integers(source.width * source.height, size=self._count)
        sides = [np.asarray(side.convert("RGB")).reshape(-1, 3)[places] for side in (source, target)]
        self._values.append(np.stack(sides, axis=1))
        rows, columns = np.divmod(places, source.width)
        shares = columns * 256 // source.width, rows * 256 // source.height
        self._places.append(np.stack(shares, axis=1).astype(np.uint8))

    def drawn(self) -> PairColors:
        """Return what was drawn."""
        return PairColors(*(torch.from_numpy(np.stack(part)) for part in (self._values, self._places)))
