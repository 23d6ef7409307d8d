"""Augmentation of (x_j, y_j) with one draw for both (Sec. 3.3): flip, affine, color.

A batch is one call, each pair with a draw of its own. torchvision's transforms draw once for a whole batch and, for
tensors, know no cubic interpolation; with bilinear, fine lines are learned softer than they are.
"""

from __future__ import annotations

import math

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

from editor.config import AugmentConfig

LUMA = (0.299, 0.587, 0.114)


def augment(pairs: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return a randomly changed copy of each pair; what a rotation or shift brings in is the picture's mirror image.

    Args:
        pairs: Stacks of k aligned pictures, (b, k, 3, h, w) in [-1, 1], on any device; h and w are equal.
        config: Ranges.
        generator: Source of all draws, on the CPU, so that one seed draws the same on every device.
    """
    draws = 2 * torch.rand(11, len(pairs), generator=generator) - 1  # always as many, whatever is switched off
    is_flipped = ((draws[0] + 1) / 2 < config.flip).to(pairs.device)
    pairs = torch.where(is_flipped[:, None, None, None, None], pairs.flip(-1), pairs)
    if config.degrees or config.translate or config.scale or config.shear:
        pairs = _move(pairs, _affine(draws[1:7], config).to(pairs.device))
    if config.brightness or config.contrast or config.saturation or config.hue:
        pairs = _recolor(pairs, draws[7:], config)
    return pairs


def _affine(draws: Tensor, config: AugmentConfig) -> Tensor:
    """Return maps from new to old positions, (b, 2, 3), from six draws (6, b) in [-1, 1]."""
    angle = torch.deg2rad(config.degrees * draws[0])
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], dim=-1).unflatten(-1, (2, 2))
    slant = torch.tan(torch.deg2rad(config.shear * draws[1:3]))
    shear = torch.eye(2).repeat(len(angle), 1, 1)
    shear[:, 0, 1], shear[:, 1, 0] = slant
    zoom = (1 + config.scale * draws[3])[:, None, None]
    shift = 2 * config.translate * draws[4:6].T  # the picture is 2 wide
    return torch.cat([turn @ shear / zoom, shift[:, :, None]], dim=-1)


def _move(pairs: Tensor, affine: Tensor) -> Tensor:
    stacked = rearrange(pairs, "b k c h w -> b (k c) h w")
    grid = functional.affine_grid(affine, stacked.shape, align_corners=False)
    moved = functional.grid_sample(stacked, grid, mode="bicubic", padding_mode="reflection", align_corners=False)
    return moved.clamp(-1, 1).view_as(pairs)


def _recolor(pairs: Tensor, draws: Tensor, config: AugmentConfig) -> Tensor:
    """Brightness, contrast, saturation and a turn of the hue circle, as one matrix for each pair."""
    ranges = torch.tensor([config.brightness, config.contrast, config.saturation, 2 * math.pi * config.hue])
    brightness, contrast, saturation, hue = (draws * ranges[:, None])[..., None, None]  # (b, 1, 1) each
    grey = torch.full((3, 3), 1 / 3)
    turn = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / math.sqrt(3)
    rotation = grey + hue.cos() * (torch.eye(3) - grey) + hue.sin() * turn  # about the grey axis, (b, 3, 3)
    luma = torch.tensor(LUMA).expand(3, 3)
    matrix = (1 + brightness) * (1 + contrast) * (luma + (1 + saturation) * (rotation - luma))
    matrix, contrast, brightness = (item.to(pairs.device) for item in (matrix, contrast, brightness))
    pairs = (pairs + 1) / 2
    # Contrast is about the mean of the first picture, so that both change alike.
    shift = -contrast * (1 + brightness) * pairs[:, 0].mean(dim=(1, 2, 3))[:, None, None]
    changed = torch.einsum("bdc,bkchw->bkdhw", matrix, pairs) + shift[..., None, None]
    return changed.clamp(0, 1) * 2 - 1
