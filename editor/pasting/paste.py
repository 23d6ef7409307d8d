"""Pasting what a reference pair adds into an edit, crisp, where the model's answer says that it belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import geometric_mean
from typing import NamedTuple

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

from editor.models.canvas import MOST_CHANGED
from editor.pasting.cutout import CutoutPicture, PairCutout
from editor.pasting.placing import Placement, laid, place

LEAST_EXPLAINED = 0.5  # see `Placement`: below it the model answers with something else than what the pair shows
MOST_WORSE = 1.2  # by which the blurred squared error of pairs that were not trained on may grow
LEAST_ERROR = 1e-8  # below it two errors are the same
NUM_JUDGED = 2  # pairs on which pasting has to be as good as painting
NUM_CANDIDATES = 32  # references of one edit from which it may paste
CLEARED = 1 / 24  # of the model's side: so far around a cutout its soft painting is taken away


@dataclass(frozen=True, slots=True)
class Paste:
    """What a reference pair adds, placed in one picture. It is laid over an answer as `copying.Copy` is.

    Attributes:
        placement: Where it lies.
        shape: Height and width of the square or strip in which it was placed.
        cutout: What the reference adds, at any size.
        reference: Its name.
    """

    placement: Placement
    shape: tuple[int, int]
    cutout: PairCutout | CutoutPicture
    reference: str

    @property
    def num_bytes(self) -> int:
        """How much memory it takes, about."""
        return self.cutout.num_bytes

    def region(self) -> Tensor:
        """Return where it changes the picture, (1, 1, h, w) in [0, 1]."""
        source = self.cutout.at(min(self.shape))
        return _cleared(
            functional.grid_sample(source[:, 3:], self.placement.positions(*self.shape), align_corners=False)
        )

    def over(self, answer: Tensor, x_j: Tensor) -> Tensor:
        """Return the model's edit of the square or strip (1, 3, h, w), with this laid over it, at the same size."""
        source = self.cutout.at(min(self.shape))
        return laid(torch.lerp(answer, x_j, self.region()), source, self.placement.positions(*self.shape))

    def fitted(self, side: int, scale: float) -> FittedPaste:
        """Prepare it for a picture, see `copying.Copy.fitted`."""
        source = self.cutout.at(max(1, round(side * scale)))
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
        large: Loads what it is cut out of, at the model's size or larger.
    """

    name: str
    cutout: Tensor
    large: Callable[[], PairCutout | CutoutPicture]


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
    return Paste(placement, (answer.shape[-2], answer.shape[-1]), usable[index].large(), usable[index].name)


class Trial(NamedTuple):
    """An edit of a pair whose truth is known, with a paste or without.

    Attributes:
        paste: What would be laid over it; None where no candidate explains it.
        answer: The model's edit, (1, 3, h, w) in [-1, 1].
        x_j: The picture, same shape.
        y_j: The truth, same shape.
    """

    paste: Paste | None
    answer: Tensor
    x_j: Tensor
    y_j: Tensor

    def edit(self) -> Tensor:
        """Return the answer with the paste, if there is one, laid over it."""
        return self.answer if self.paste is None else self.paste.over(self.answer, self.x_j)

    def errors(self) -> tuple[float, float]:
        """Return mean squared errors with the paste and without, at a quarter of the size."""
        edits = self.edit(), self.answer
        return tuple(functional.avg_pool2d(edit - self.y_j, 4).square().mean().item() for edit in edits)


def is_worth_pasting(trials: Iterable[Trial]) -> bool:
    """Return whether an effect adds something that edits had better paste from a reference.

    By and large (the geometric mean, so that no pair counts more than another), pasting must not be worse than what the
    model paints, although it is less blurred and so pays more for every error.

    Args:
        trials: Of pairs that the model was not trained on, if there are any.
    """
    ratios = []
    for trial in trials:
        if trial.paste is None:
            return False
        pasted, painted = (max(error, LEAST_ERROR) for error in trial.errors())
        ratios.append(pasted / painted)
    return bool(ratios) and geometric_mean(ratios) <= MOST_WORSE


def _cleared(matte: Tensor) -> Tensor:
    """Return a matte (1, 1, h, w), grown by `CLEARED` and with a soft edge."""
    reach = max(2, round(CLEARED * min(matte.shape[-2:])))
    grown = functional.max_pool2d(matte, 2 * reach + 1, stride=1, padding=reach)
    return functional.avg_pool2d(grown, reach // 2 * 2 + 1, stride=1, padding=reach // 2, count_include_pad=False)
