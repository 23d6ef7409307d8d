"""What an answer copies from a reference, at the size of the photo: see `models.canvas`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from einops import rearrange
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.images import to_tensor
from editor.models.autoencoder import Copied
from editor.models.canvas import Fetched, lay

# Of alpha. What is copied less is nothing that anybody would see.
ABSENT, PRESENT = 1 / 255, 2 / 255


@dataclass(frozen=True, slots=True)
class Copy:
    """What an answer copies from one reference.

    Attributes:
        copied: For the model's square or strip.
        x_i: Source of the reference, a square of any size.
        y_i: Its target, of the same size.
        weight: Share of this reference in the edit.
    """

    copied: Copied
    x_i: Image.Image
    y_i: Image.Image
    weight: float = 1.0

    @property
    def num_bytes(self) -> int:
        """How much memory it takes, about."""
        pixels = sum(3 * image.width * image.height for image in (self.x_i, self.y_i))
        return pixels + sum(4 * maps.numel() for maps in self.copied)

    def fitted(self, side: int, scale: float) -> FittedCopy:
        """Prepare it for a picture.

        Args:
            side: Of the model's square, in pixels.
            scale: How many pixels of the picture are one of the model's. The reference must be no finer than the
                picture, or its detail would be aliased.
        """
        size = max(1, round(side * scale))
        pair = [
            image.resize((size, size), Image.Resampling.LANCZOS) if size < image.width else image
            for image in (self.x_i, self.y_i)
        ]
        x_i, y_i = (to_tensor(image)[None] for image in pair)
        factors = self.weight * torch.cat([self.copied.free, self.copied.gate], dim=1)
        return FittedCopy(factors, self.copied.positions * (side - 1) / side, torch.cat(Fetched.of(x_i, y_i), dim=1))


class FittedCopy(NamedTuple):
    """A copy, prepared for one picture.

    Attributes:
        factors: Alpha is the first and the second times the mask, (1, 2, h, w).
        positions: Where from, (1, 2, h, w) in [-1, 1], where these are the outer edges of `sources`.
        sources: y_i and the mask, (1, 4, s, s).
    """

    factors: Tensor
    positions: Tensor
    sources: Tensor

    def lay_over(self, edit: Tensor, base: Tensor, grid: Tensor, strength: float) -> Tensor:
        """Return the edit of some rows of the picture with the canvas laid over it.

        Args:
            edit: (1, 3, rows, width), which may be changed.
            base: What was edited, same shape.
            grid: Where the answer for each pixel lies, (1, rows, width, 2) in [-1, 1].
            strength: Factor of alpha.
        """
        free, gate = _sample(self.factors, grid).mul(strength).split(1, dim=1)
        columns = (free.abs() + gate.abs() > ABSENT).any(dim=2).flatten().nonzero()
        if not len(columns):
            return edit
        some = slice(int(columns[0]), int(columns[-1]) + 1)  # a cubic takes its time
        positions = rearrange(_sample(self.positions, grid[:, :, some]), "b xy h w -> b h w xy")
        canvas, mask = _sample(self.sources, positions, "bicubic").split([3, 1], dim=1)
        alpha = free[..., some] + gate[..., some] * mask.clamp(0, 1)
        alpha = alpha * ((alpha.abs() - ABSENT) / (PRESENT - ABSENT)).clamp(0, 1)
        edit[..., some] = lay(edit[..., some], base[..., some], canvas.clamp(-1, 1), alpha)
        return edit


def _sample(maps: Tensor, grid: Tensor, mode: str = "bilinear") -> Tensor:
    return functional.grid_sample(maps, grid, mode, padding_mode="border", align_corners=False)
