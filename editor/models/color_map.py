"""A map from color to color as a 3D lookup table: T_c (Eq. 2) for looks, which change a pixel by its color alone.

Where a look darkens the edges or the sky (a vignette, a graduated filter), gains by the place in the picture follow.
Where it begins with auto levels, those of each photo come first.
"""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

from editor.levels import Levels, histograms_of, stretched
from editor.models.host_buffers import HostBuffers

SIZE = 17  # entries along each axis, as most .cube files have
NUM_GAINS = 33  # along the width of a picture, and along its height


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


def places_in(box: tuple[float, float, float, float], size: tuple[int, int]) -> Tensor:
    """Return the coordinates of pixel centers in a picture, (1, h, w, 2): x and y in [-1, 1] from edge to edge.

    Args:
        box: Left, top, right and bottom of the picture in the square or strip that was made of it.
        size: Width and height of that square or strip. Beyond the picture, coordinates are mirrored
            at its edges, as its pixels are.
    """
    axes = []
    for start, end, count in zip(box[:2], box[2:], size):
        # Mirrored coordinates have the period 4: from one edge to the other and back.
        phase = ((torch.arange(count) + 0.5 - start) * 2 / (end - start)).remainder(4)
        axes.append(torch.where(phase > 2, 4 - phase, phase) - 1)
    return torch.stack(torch.meshgrid(*axes, indexing="xy"), dim=-1)[None]


def gains_at(gains: Tensor, places: Tensor) -> Tensor:
    """Read gains (3, k, k) at places (b, h, w, 2), x and y in [-1, 1] from edge to edge; bilinear, (b, 3, h, w)."""
    grid = gains.expand(len(places), -1, -1, -1)
    return functional.grid_sample(grid, places.to(gains.dtype), padding_mode="border", align_corners=True)


class ColorMap(HostBuffers):
    """What all pairs have in common as a map from color to color; `training.color_fit` finds it, no gradient does.

    Attributes:
        table: (SIZE, SIZE, SIZE, 3) in [-1, 1], see `identity_table`.
        gains: By which red, green and blue in [0, 1] are multiplied after it, at places from the upper left corner of
            a picture to the lower right one, (3, NUM_GAINS, NUM_GAINS); 1 where the place does not matter.
        levels: By which each photo is stretched before it, see `Levels.encoded`; zeros where it is not.
        explained: Share of the difference between sources and targets that the map takes away, 0 to 1, see
            `training.color_fit`. 0 where the map is the identity, which gives every picture back bit by bit.
    """

    ON_HOST = ("gains", "levels", "explained")

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("table", identity_table())
        self.register_buffer("gains", torch.ones(3, NUM_GAINS, NUM_GAINS))
        self.register_buffer("levels", torch.zeros(3))
        self.register_buffer("explained", torch.zeros(()))

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self.explained.item() == 0

    @property
    def has_gains(self) -> bool:
        """Whether what becomes of a color depends on the place, too."""
        return not self.is_identity and bool((self.gains != 1).any())

    @property
    def auto_levels(self) -> Levels | None:
        """By which each photo is stretched first; None if it is not."""
        return None if self.is_identity else Levels.decoded(self.levels)

    @property
    def needs_photo(self) -> bool:
        """Whether what becomes of a color depends on the photo it is in: on the place, or on the photo's own levels."""
        return self.has_gains or self.auto_levels is not None

    def ends_in(self, pixels: Tensor) -> Tensor | None:
        """Return the black and white points of a whole photo (3, h, w) uint8, (1, 3, 2); None where none are needed."""
        levels = self.auto_levels
        return None if levels is None else levels.ends(histograms_of(pixels)[None])

    def forward(
        self, pictures: Tensor, strength: float = 1.0, places: Tensor | None = None, ends: Tensor | None = None
    ) -> Tensor:
        """Map pictures (b, 3, h, w) in [-1, 1].

        Args:
            pictures: Which.
            strength: Share of the change that is made.
            places: Where their pixels lie in whole pictures, (b or 1, h, w, 2), see `places_in`. None for whole
                pictures.
            ends: Black and white points of the photos that they are, or are parts of, (b or 1, 3, 2), see `ends_in`.
                None for whole pictures, each of which is measured then.
        """
        if self.is_identity or strength == 0:
            return pictures
        mapped = look_up(self.table, self._stretched(pictures, ends))
        if self.has_gains:
            if places is None:
                height, width = pictures.shape[-2:]
                places = places_in((0, 0, width, height), (width, height)).to(pictures.device)
            mapped = (mapped + 1) * gains_at(self.gains.to(places.device), places) - 1
        return mapped if strength == 1 else pictures + strength * (mapped - pictures)

    def _stretched(self, pictures: Tensor, ends: Tensor | None) -> Tensor:
        if self.auto_levels is None:
            return pictures
        if ends is None:
            pixels = pictures.float().add(1).mul(127.5).round().clamp(0, 255).to("cpu", torch.uint8)
            ends = torch.cat([self.ends_in(picture) for picture in pixels])
        return stretched(pictures, ends.to(pictures.device))
