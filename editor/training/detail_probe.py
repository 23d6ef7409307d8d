"""Does an effect change fine detail all over a picture, or go by surroundings, so that a detail filter is worth it?"""

from __future__ import annotations

import statistics
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.config import DetailConfig, RunConfig
from editor.data.colors import PairColors, Source
from editor.data.dataset import to_float, to_pixels
from editor.models.color_map import ColorMap
from editor.training.color_fit import fit_color_map
from editor.training.grain_fit import CALM
from editor.training.large_pairs import LargePairs
from editor.training.local_probe import is_local_filter

CROP = 512  # pixels around the middle of a picture
MAX_PAIRS = 24
BLOCK = 16  # pixels
PLAIN = 0.3  # share of the blocks that are taken to have nothing but grain, where there is some
# What is finer than half of a picture's pixels is fine for a model that has as many, too: the grid of M is coarser.
# Ink drawings at 256 px, `standard`, three minutes on a busy core: 23.1 dB and 0.85 of the truth's fine detail with a
# filter, 22.8 dB and 0.24 without. Of pictures as small as this M sees enough (`draft`: 24.7 and 25.3 dB).
LEAST_COARSE = 128
VISIBLE = 4 / 127.5  # root mean square of a block's difference, about four levels
# Measured on eleven effects at their own size: fine detail is 41 % of what a comic or a local contrast filter changes
# and 13 % for ink drawings; 9 % for icons drawn twice, 8 % for faces photographed twice, at most 3 % for additions.
LEAST_FINE = 0.11  # share of the squared difference that is finer than the model's pixels
LEAST_BLOCKS = 0.15  # share of blocks in which that can be seen


class Crop(NamedTuple):
    """The middle of a pair.

    Attributes:
        pixels: Source and target, (2, 3, h, w) uint8.
        scale: Side of what is coarse against that of the whole pair.
        histograms: Of the file of the source, see `Source`.
    """

    pixels: Tensor
    scale: float
    histograms: Tensor | None


class DetailProbe:
    """Looks at the pairs of a new run, one after the other."""

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._crops: list[Crop] = []

    def add(self, source: Image.Image, target: Image.Image, file: Source) -> None:
        """Look at a pair of squares of the size at which detail would be learned, and at what is known of the file."""
        if self._config.detail.mode != "auto" or len(self._crops) == MAX_PAIRS:
            return
        side = source.width
        start = (side - min(side, CROP)) // 2
        box = (start, start, side - start, side - start)
        crops = np.stack([np.array(image.crop(box)) for image in (source, target)])
        coarse = min(self._config.image_size, max(LEAST_COARSE, side // 2))
        self._crops.append(Crop(torch.from_numpy(crops).permute(0, 3, 1, 2), coarse / side, file.histograms))

    def decide(self, large: LargePairs, *, has_grain: bool = False) -> DetailConfig:
        """Return the settings of the run.

        Args:
            large: Has been given all pairs.
            has_grain: Whether targets have grain, which is chance, so that no filter can learn it.
        """
        mode = self._config.detail.mode
        if mode == "auto":
            mode = "on" if self._is_fine(has_grain) or self._is_local() else "off"
        return DetailConfig(mode=mode, size=large.side, scale=large.scale) if mode == "on" else DetailConfig(mode=mode)

    def _is_fine(self, has_grain: bool) -> bool:
        if not self._crops:
            return False
        color_map = self._color_map(has_grain)
        shares, blocks = [], []
        for pixels, scale, histograms in self._crops:
            x, y = to_float(pixels)[:, None]
            ends = None if color_map.auto_levels is None else color_map.auto_levels.ends(histograms[None])
            difference = y - color_map(x, ends=ends)
            fine = difference - _coarse(difference, scale)
            whole, energy = (_in_blocks(maps) for maps in (difference, fine))
            grain = energy.quantile(PLAIN) if has_grain else 0.0  # which is in all blocks alike
            shares.append(((energy - grain).mean() / (whole - grain).mean().clamp_min(1e-8)).item())
            blocks.append(((energy - grain).clamp_min(0).sqrt() > VISIBLE).float().mean().item())
        return statistics.median(shares) >= LEAST_FINE and statistics.median(blocks) >= LEAST_BLOCKS

    def _is_local(self) -> bool:
        generator = torch.Generator().manual_seed(self._config.seed)
        return is_local_filter([to_float(crop.pixels) for crop in self._crops if crop.scale < 1], generator)

    def _color_map(self, has_grain: bool) -> ColorMap:
        """Return the map that will take away what is a matter of color; the identity where there is none."""
        color_map = ColorMap()
        if self._config.color_map == "off":
            return color_map
        generator = torch.Generator().manual_seed(self._config.seed)
        count = 10_000
        values = []
        for crop in self._crops:
            pixels = to_pixels(functional.avg_pool2d(to_float(crop.pixels), CALM)) if has_grain else crop.pixels
            places = torch.randint(pixels[0, 0].numel(), (count,), generator=generator)
            values.append(pixels.flatten(-2)[..., places].permute(2, 0, 1))
        colors = PairColors(torch.stack(values), histograms=torch.stack([crop.histograms for crop in self._crops]))
        fit_color_map(colors, self._config.seed).fill(color_map)
        return color_map


def _in_blocks(maps: Tensor) -> Tensor:
    """Return the mean square of maps (b, 3, h, w) in each block, (b, 1, h / BLOCK, w / BLOCK)."""
    return functional.avg_pool2d(maps.square().mean(dim=1, keepdim=True), BLOCK)


def _coarse(pictures: Tensor, scale: float) -> Tensor:
    """Return what is left of pictures (b, 3, h, w) at the model's size, as large as they were."""
    small = functional.interpolate(pictures, scale_factor=scale, mode="area")
    return functional.interpolate(small, pictures.shape[-2:], mode="bilinear")
