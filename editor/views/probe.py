"""F, C and M_y's flow packed into one block of numbers, in which a page looks up the values under the pointer."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

import torch
from torch import Tensor

MAX_SIDE = 64  # F and C are predicted at a quarter of the size or less, so more would be interpolation
UNITS = (64.0, 64.0, 1000.0, 1000.0, 64.0, 64.0, 1000.0)  # steps per px, per 1, ... in the order of `pack`
LIMIT = 32_767


class Probe(NamedTuple):
    """Numbers at `side` x `side` pixels, the first and the last row and column among them.

    Attributes:
        size: Side of the picture, in pixels.
        side: Number of places along a side.
        units: Steps per px or per 1, one of each plane.
        data: Base64 of little-endian int16, (planes, side, side), in those steps.
    """

    size: int
    side: int
    units: tuple[float, ...]
    data: str


def places(size: int) -> Tensor:
    """Return the indices of the pixels along a side whose numbers are packed, the first and the last among them."""
    return torch.linspace(0, size - 1, min(size, MAX_SIDE)).round().long()


def pack(displacement: Tensor, affine: Tensor, move: Tensor, kept: Tensor) -> Probe:
    """Pack the numbers of a trace.

    Args:
        displacement: Of F, (2, s, s) in pixels.
        affine: C, (2, s, s).
        move: Of M_y, (2, s, s) in pixels.
        kept: Factor by which M_y multiplies x_j, (s, s).
    """
    planes = torch.cat([displacement, affine, move, kept[None]]).float().cpu()
    at = places(planes.shape[-1])
    steps = planes[:, at][:, :, at] * torch.tensor(UNITS).view(-1, 1, 1)
    data = steps.round().clamp(-LIMIT, LIMIT).numpy().astype("<i2").tobytes()
    return Probe(planes.shape[-1], len(at), UNITS, b64encode(data).decode("ascii"))
