"""Apply a convolutional network to a picture of any size, tile by tile, which bounds the memory and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

TILE = 640  # pixels along a side without the margins


def in_tiles(filtered: Callable[[Tensor], Tensor], picture: Tensor, *, margin: int, multiple: int) -> Tensor:
    """Return what a network makes of a picture that is mirrored at its borders.

    Args:
        filtered: Maps (1, 3, h, w) to the same shape, h and w multiples of `multiple`.
        picture: (3, h, w), any size; given to the network in its own dtype, which the results have, too.
        margin: Pixels around a tile on which its result depends; a multiple of `multiple`.
        multiple: Tiles begin at multiples of so many pixels, so that each pixel is folded as in one piece.
    """
    height, width = picture.shape[-2:]
    result = torch.empty_like(picture)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            rows = _mirrored(top - margin, _rounded_up(bottom, multiple) + margin, height)
            columns = _mirrored(left - margin, _rounded_up(right, multiple) + margin, width)
            tile = filtered(picture[None][:, :, rows][..., columns])[0]
            inner = tile[:, margin : margin + bottom - top, margin : margin + right - left]
            result[:, top:bottom, left:right] = inner
    return result


def _rounded_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


def _mirrored(start: int, stop: int, length: int) -> Tensor:
    """Return the indices of pixels from `start` to `stop` along a side whose ends are mirrors."""
    places = np.arange(start, stop) % (2 * length)
    return torch.from_numpy(np.minimum(places, 2 * length - 1 - places))
