"""F, C and M_y's own move as one small block of numbers, so that a page can read them under the pointer by itself."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

import torch
from torch import Tensor

MAX_SIDE = 64  # F and C are predicted at a quarter of the size or less, so more would tell nothing new
UNITS = (64.0, 64.0, 1000.0, 1000.0, 64.0, 64.0, 1000.0)  # steps per px, per 1, ... in the order of `pack`
LIMIT = 32_767


class Probe(NamedTuple):
    """Numbers at `side` x `side` places, from the first pixel to the last.

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
    """Return the pixels at which numbers are taken along a side, the first and the last among them."""
    return torch.linspace(0, size - 1, min(size, MAX_SIDE)).round().long()


def pack(displacement: Tensor, affine: Tensor, move: Tensor, kept: Tensor) -> Probe:
    """Return the numbers of an inspection.

    Args:
        displacement: Of F, (2, s, s) in pixels.
        affine: C, (2, s, s).
        move: Of M_y, (2, s, s) in pixels.
        kept: Share of x_j that M_y keeps, (s, s).
    """
    planes = torch.cat([displacement, affine, move, kept[None]]).float().cpu()
    at = places(planes.shape[-1])
    steps = planes[:, at][:, :, at] * torch.tensor(UNITS).view(-1, 1, 1)
    data = steps.round().clamp(-LIMIT, LIMIT).numpy().astype("<i2").tobytes()
    return Probe(planes.shape[-1], len(at), UNITS, b64encode(data).decode("ascii"))
