"""Auto levels: a photo's colors stretched between its own black point and its own white point.

What programs call auto levels, auto contrast or normalize goes by the histogram of each photo, so no map from color to
color that is the same for all photos can do it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

KINDS = {"light": 0.25, "all": 0.5, "each": 0.75}  # whose histogram counts, see `Levels`, and a number for each
MEASURES = tuple(KINDS)
PART = 2**20  # pixels that are counted at once, which bounds the memory
LIGHT = (2126, 7152, 722)  # of red, green and blue, in 10,000ths (BT.709)


class Levels(NamedTuple):
    """Where in the histogram of a photo its black and white points are.

    Attributes:
        measure: Whose histogram: of the "light" of pixels, of the values of "all" three channels together, or of "each"
            channel for itself, which changes the tint, too.
        black: Share of the values that become black, 0 to 1.
        white: Share of the values that become white.
    """

    measure: str
    black: float
    white: float

    @classmethod
    def decoded(cls, numbers: Tensor) -> Levels | None:
        """Return what `encoded` made numbers of; None of zeros, and of what it has made nothing of."""
        kind, black, white = numbers.tolist()
        return next((cls(measure, black, white) for measure, known in KINDS.items() if kind == known), None)

    def encoded(self) -> Tensor:
        """Return the three as numbers from 0 to 1 for a file of weights, (3,) float32."""
        return torch.tensor([KINDS[self.measure], self.black, self.white])

    def ends(self, histograms: Tensor) -> Tensor:
        """Return black and white points of photos with histograms (n, 4, 256), (n, 3, 2) in [-1, 1].

        They lie at the ends of the range, so that nothing is stretched, where all of a photo is one color.
        """
        light, channels = histograms[:, :1], histograms[:, 1:]
        if self.measure == "light":
            counted = light.expand(-1, 3, -1)
        elif self.measure == "all":
            counted = channels.sum(dim=1, keepdim=True).expand(-1, 3, -1)
        else:
            counted = channels
        below = counted.double().cumsum(dim=-1) / counted.sum(dim=-1, keepdim=True).clamp_min(1)
        black = (below <= self.black).sum(dim=-1)
        white = (below < 1 - self.white).sum(dim=-1)
        ends = torch.stack([black, white], dim=-1)
        return torch.where((white > black)[..., None], ends, torch.tensor([0, 255])).float() / 127.5 - 1


def histograms_of(pixels: Tensor) -> Tensor:
    """Return how often each value occurs in a picture (3, ...) uint8: in its light and its channels, (4, 256) int64."""
    counts = torch.zeros(4, 256, dtype=torch.int64)
    for channels in pixels.flatten(1).split(PART, dim=1):
        light = (torch.tensor(LIGHT, dtype=torch.int32) @ channels.int() + 5_000) // 10_000
        counts += torch.stack([torch.bincount(values, minlength=256) for values in (light, *channels)])
    return counts


def stretched(pictures: Tensor, ends: Tensor) -> Tensor:
    """Return pictures (b, 3, h, w), of whose range -1 to 1 is what lay between the ends (b or 1, 3, 2); clamped."""
    black, white = ends.to(pictures.dtype)[..., None, None].unbind(2)
    return ((pictures - black) * 2 / (white - black) - 1).clamp(-1, 1)
