"""Pasting what a reference pair adds into an edit, crisp, where the model's answer says that it belongs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.data.dataset import PairDataset
from editor.editing.placing import SIDE, Placement, cutout, laid, place
from editor.images import to_tensor
from editor.models.canvas import MOST_CHANGED

LEAST_EXPLAINED = 0.5  # see `Placement`: below it the model answers with something else than what the pair shows
MOST_WORSE = 1.5  # by which the blurred squared error of pairs that were not trained on may grow
CLEARED = 1 / 24  # of the model's side: so far around a cutout its soft painting is taken away


@dataclass(frozen=True, slots=True)
class Paste:
    """What a reference pair adds, placed in one picture. It is laid over an answer as `copying.Copy` is.

    Attributes:
        placement: Where it lies.
        shape: Height and width of the square or strip in which it was placed.
        x_i: Source of the reference, a square of any size.
        y_i: Its target, of the same size.
        reference: Its name.
    """

    placement: Placement
    shape: tuple[int, int]
    x_i: Image.Image
    y_i: Image.Image
    reference: str

    @property
    def num_bytes(self) -> int:
        """How much memory it takes, about."""
        return sum(3 * image.width * image.height for image in (self.x_i, self.y_i))

    def region(self) -> Tensor:
        """Return where it changes the picture, (1, 1, h, w) in [0, 1]."""
        source = cutout_of(self.x_i, self.y_i, min(self.shape))
        return _cleared(
            functional.grid_sample(source[:, 3:], self.placement.positions(*self.shape), align_corners=False)
        )

    def fitted(self, side: int, scale: float) -> FittedPaste:
        """Prepare it for a picture, see `copying.Copy.fitted`."""
        source = cutout_of(self.x_i, self.y_i, max(1, round(side * scale)))
        positions = rearrange(self.placement.positions(*self.shape), "b h w xy -> b xy h w")
        return FittedPaste(positions, self.region(), source)


class FittedPaste(NamedTuple):
    """A paste, prepared for one picture.

    Attributes:
        positions: Where from, (1, 2, h, w) in [-1, 1].
        cleared: Where the answer's soft painting gives way, (1, 1, h, w) in [0, 1].
        source: The cutout, (1, 4, s, s).
    """

    positions: Tensor
    cleared: Tensor
    source: Tensor

    def lay_over(self, edit: Tensor, base: Tensor, grid: Tensor, strength: float) -> Tensor:
        """Return the edit of some rows of the picture with the cutout laid over it, see `copying.FittedCopy`."""
        cleared = functional.grid_sample(self.cleared, grid, padding_mode="border", align_corners=False)
        columns = (cleared > 0).any(dim=2).flatten().nonzero()
        if not len(columns):
            return edit
        some = slice(int(columns[0]), int(columns[-1]) + 1)
        maps = functional.grid_sample(self.positions, grid[:, :, some], padding_mode="border", align_corners=False)
        positions = rearrange(maps, "b xy h w -> b h w xy")
        pixels, matte = functional.grid_sample(self.source, positions, "bicubic", align_corners=False).split([3, 1], 1)
        under, share = torch.lerp(edit[..., some], base[..., some], cleared[..., some]), min(strength, 1.0)
        edit[..., some] = under + share * matte.clamp(0, 1) * (pixels.clamp(-1, 1) - under)
        return edit


class Candidate(NamedTuple):
    """A reference from which one may paste.

    Attributes:
        name: Of the pair.
        cutout: See `placing.cutout`, (1, 4, s, s), at the model's size or less.
        large: Loads its source and target, squares at the model's size or larger.
    """

    name: str
    cutout: Tensor
    large: Callable[[], tuple[Image.Image, Image.Image]]


class Cutouts:
    """The cutouts of pairs at the size at which they are placed, each made when it is first asked for."""

    def __init__(self, pairs: PairDataset) -> None:
        """Take cutouts from these pairs."""
        self._pairs = pairs
        self._made: dict[str, Tensor] = {}

    def __getitem__(self, name: str) -> Tensor:
        """Return that of one pair, (1, 4, s, s)."""
        if name not in self._made:
            x_i, y_i = self._pairs[[self._pairs.names.index(name)]].images[0].split(1)
            self._made[name] = cutout(
                *(functional.avg_pool2d(image, max(1, round(image.shape[-1] / SIDE))) for image in (x_i, y_i))
            )
        return self._made[name]


def find_paste(answer: Tensor, x_j: Tensor, candidates: Sequence[Candidate]) -> Paste | None:
    """Return the cutout of the candidate that explains the answer best; None if none does.

    Args:
        answer: The model's edit of a picture, (1, 3, h, w) in [-1, 1].
        x_j: The picture, same shape.
        candidates: Any number, all of one size.
    """
    usable = [candidate for candidate in candidates if 0 < candidate.cutout[:, 3].mean() <= MOST_CHANGED]
    if not usable:
        return None
    index, placement = place(answer, x_j, torch.cat([candidate.cutout for candidate in usable]))
    if placement.explained <= LEAST_EXPLAINED:
        return None
    return Paste(placement, (answer.shape[-2], answer.shape[-1]), *usable[index].large(), usable[index].name)


def blurred_errors(paste: Paste, answer: Tensor, x_j: Tensor, y_j: Tensor) -> tuple[float, float]:
    """Return mean squared errors of an answer with the paste and without, against the truth, at a quarter of the size.

    Args:
        paste: Of this picture.
        answer: The model's edit, (1, 3, h, w) in [-1, 1].
        x_j: The picture, same shape.
        y_j: The truth, same shape.
    """
    source = cutout_of(paste.x_i, paste.y_i, min(paste.shape))
    cleared = paste.region()
    pasted = laid(torch.lerp(answer, x_j, cleared), source, paste.placement.positions(*paste.shape))
    return tuple(functional.avg_pool2d(edit - y_j, 4).square().mean().item() for edit in (pasted, answer))


def cutout_of(x_i: Image.Image, y_i: Image.Image, size: int) -> Tensor:
    """Return the cutout of a pair, (1, 4, s, s), where s is at most `size`: finer, and its detail would be aliased."""
    pair = [
        image.resize((size, size), Image.Resampling.LANCZOS) if size < image.width else image for image in (x_i, y_i)
    ]
    return cutout(*(to_tensor(image)[None] for image in pair))


def _cleared(matte: Tensor) -> Tensor:
    """Return a matte (1, 1, h, w), grown by `CLEARED` and with a soft edge."""
    reach = max(2, round(CLEARED * min(matte.shape[-2:])))
    grown = functional.max_pool2d(matte, 2 * reach + 1, stride=1, padding=reach)
    return functional.avg_pool2d(grown, reach // 2 * 2 + 1, stride=1, padding=reach // 2, count_include_pad=False)
