"""Pictures after a color map that depends on the photo (`ColorMap.needs_photo`): what M and the detail filter see."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from editor.config import FitMode
from editor.data.colors import Source
from editor.data.dataset import PairDataset, to_float, to_pixels
from editor.images import box_in_square
from editor.models.color_map import ColorMap, places_in

ROWS = 512  # that are mapped at once, which bounds the memory


def map_pixels(
    color_map: ColorMap,
    pixels: Tensor,
    box: tuple[float, float, float, float],
    strength: float = 1.0,
    ends: Tensor | None = None,
) -> Tensor:
    """Map a picture (3, h, w) uint8, in which the whole picture fills a box, see `places_in` and `ColorMap`.

    Args:
        color_map: On the CPU.
        pixels: The picture.
        box: Left, top, right and bottom.
        strength: Share of the change that is made.
        ends: Of the whole picture, see `ColorMap.ends_in`. None measures these pixels.
    """
    ends = color_map.ends_in(pixels) if ends is None else ends
    height, width = pixels.shape[-2:]
    places, result = places_in(box, (width, height)), torch.empty_like(pixels)
    for top in range(0, height, ROWS):
        rows = slice(top, top + ROWS)
        result[:, rows] = to_pixels(color_map(to_float(pixels[:, rows])[None], strength, places[:, rows], ends))[0]
    return result


def ends_in_photo(color_map: ColorMap, photo: Image.Image) -> Tensor | None:
    """Return the black and white points of a photo at full size, see `ColorMap.ends_in`."""
    return color_map.ends_in(_pixels(photo)) if color_map.auto_levels else None


def map_photo(
    color_map: ColorMap, photo: Image.Image, strength: float = 1.0, ends: Tensor | None = None
) -> Image.Image:
    """Map a whole photo, or a copy of it at another size, whose ends are those of the photo at full size."""
    mapped = map_pixels(color_map, _pixels(photo), (0, 0, *photo.size), strength, ends)
    return Image.fromarray(mapped.permute(1, 2, 0).contiguous().numpy())


def _pixels(photo: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(photo.convert("RGB"))).permute(2, 0, 1)


class SourceMap:
    """Maps the sources of a run's pairs, squares of any size."""

    def __init__(self, color_map: ColorMap, sources: Mapping[str, Source], fit: FitMode) -> None:
        """Remember what it takes.

        Args:
            color_map: On the CPU.
            sources: Of the pairs, by their names; what is missing was a square.
            fit: How they became squares.
        """
        self._color_map, self._sources, self._fit = color_map, sources, fit

    def pair(self, name: str, pixels: Tensor) -> Tensor:
        """Return a pair (2, 3, s, s) uint8 with its source mapped."""
        side, levels = pixels.shape[-1], self._color_map.auto_levels
        source = self._sources.get(name, Source((side, side)))
        box = box_in_square(source.size, side, self._fit)
        is_known = levels is not None and source.histograms is not None
        ends = levels.ends(source.histograms[None]) if is_known else None
        return torch.stack([map_pixels(self._color_map, pixels[0], box, ends=ends), pixels[1]])

    def pairs(self, pairs: PairDataset) -> PairDataset:
        """Return pairs with their sources mapped."""
        pixels = [self.pair(name, one) for name, one in zip(pairs.names, pairs.pixels)]
        return PairDataset(pairs.names, torch.stack(pixels) if pixels else pairs.pixels)
