"""The explicit transformation f_x = [F, C] between two images, and how to apply it (Eq. 1-3).

Images are (b, 3, h, w) float32 in [-1, 1]. F holds absolute backward sampling positions as the paper defines it, stored
as (x, y) in [-1, 1], where -1 and 1 are the centres of the outermost pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from einops import rearrange, repeat
from torch import Tensor
from torch.nn import functional


class Transform(NamedTuple):
    """What M_x predicts.

    Attributes:
        flow: F in the paper, (b, 2, h, w). Where each pixel is sampled from: (x, y) in [-1, 1], not an offset.
        affine: C in the paper, (b, 2, h, w). Per-pixel (scale, shift) shared by the color channels.
        target_flow: For the targets what F is for the sources, (b, 2, h, w): where in y_i the pixels of y_j lie. It is
            smooth, for what an effect adds keeps its shape. None where nothing is copied.
    """

    flow: Tensor
    affine: Tensor
    target_flow: Tensor | None = None


def identity_flow(image: Tensor) -> Tensor:
    """Return the flow that leaves `image` (b, c, h, w) unchanged, (b, 2, h, w) float32."""
    b, _, h, w = image.shape
    ys = torch.linspace(-1, 1, h, device=image.device)
    xs = torch.linspace(-1, 1, w, device=image.device)
    grid_y, grid_x = torch.meshgrid(ys, xs, indexing="ij")
    return repeat(torch.stack([grid_x, grid_y]), "xy h w -> b xy h w", b=b)


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """Move pixels: T_s, Eq. 1. Positions outside the image take its border."""
    grid = rearrange(flow, "b xy h w -> b h w xy")
    return functional.grid_sample(image, grid, padding_mode="border", align_corners=True)


def shift_color(image: Tensor, affine: Tensor) -> Tensor:
    """Scale and shift each pixel: T_c, Eq. 2."""
    scale, shift = affine.split(1, dim=1)  # (b, 1, h, w) each
    return scale * image + shift


def apply_transform(x_i: Tensor, transform: Transform) -> Tensor:
    """Return x_j_hat = T_c(T_s(x_i)), Eq. 3."""
    return shift_color(warp(x_i, transform.flow), transform.affine)
