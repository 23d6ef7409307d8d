"""A map from color to color as a 3D lookup table: T_c (Eq. 2) for looks, which change a pixel by its color alone."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

SIZE = 17  # entries along each axis, as most .cube files have


def identity_table(size: int = SIZE, device: torch.device | None = None) -> Tensor:
    """Return the table that changes nothing, (size, size, size, 3) in [-1, 1], its axes red, green and blue."""
    axis = torch.linspace(-1, 1, size, device=device)
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), dim=-1)


def look_up(table: Tensor, pictures: Tensor) -> Tensor:
    """Read a table (s, s, s, 3) at the colors of pictures (b, 3, h, w), trilinearly; what lies outside is clamped."""
    volume = rearrange(table, "r g b c -> 1 c r g b")
    colors = rearrange(pictures.to(table.dtype).flip(1), "n c h w -> 1 n h w c")  # the last axis first
    mapped = functional.grid_sample(volume, colors, mode="bilinear", padding_mode="border", align_corners=True)
    return rearrange(mapped, "1 c n h w -> n c h w")


class ColorMap(nn.Module):
    """What all pairs have in common as a map from color to color; `training.color_fit` finds it, no gradient does.

    Attributes:
        table: (SIZE, SIZE, SIZE, 3) in [-1, 1], see `identity_table`.
        explained: Share of the difference between sources and targets that the map takes away, 0 to 1, see
            `training.color_fit`. 0 where the map is the identity, which gives every picture back bit by bit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", identity_table())
        self.register_buffer("explained", torch.zeros(()))

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self.explained.item() == 0

    def forward(self, pictures: Tensor, strength: float = 1.0) -> Tensor:
        """Map pictures (b, 3, h, w) in [-1, 1]; of the change, `strength` is made."""
        if self.is_identity or strength == 0:
            return pictures
        mapped = look_up(self.table, pictures)
        return mapped if strength == 1 else pictures + strength * (mapped - pictures)
