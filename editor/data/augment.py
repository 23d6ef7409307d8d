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
from editor.device import sent

LUMA = (0.299, 0.587, 0.114)


def augment(pairs: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return a randomly changed copy of each pair; what a rotation or shift brings in is the picture's mirror image.

    Args:
        pairs: Stacks of k aligned pictures, (b, k, 3, h, w) in [-1, 1], on any device; h and w are equal.
        config: Ranges.
        generator: Source of all draws, on the CPU, so that one seed draws the same on every device.
    """
    draws = 2 * torch.rand(11, len(pairs), generator=generator) - 1  # always as many, whatever is switched off
    is_flipped = (draws[0] + 1) / 2 < config.flip
    parts = is_flipped.float()[:, None], _affine(draws[1:7], config), *_colors(draws[7:], config)
    packed = sent(torch.cat([part.flatten(1) for part in parts], dim=1), pairs.device)  # one transfer for all
    is_flipped, affine, matrix, contrast, brightness = packed.split([part[0].numel() for part in parts], dim=1)
    pairs = torch.where(is_flipped[..., None, None, None] > 0, pairs.flip(-1), pairs)
    if config.degrees or config.translate or config.scale or config.shear:
        pairs = _move(pairs, affine.unflatten(1, (2, 3)))
    if config.brightness or config.contrast or config.saturation or config.hue:
        pairs = _recolor(pairs, matrix.unflatten(1, (3, 3)), contrast[..., None], brightness[..., None])
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


def _colors(draws: Tensor, config: AugmentConfig) -> tuple[Tensor, Tensor, Tensor]:
    """Return changes of colors from four draws (4, b) in [-1, 1].

    Returns:
        Brightness, contrast, saturation and a turn of the hue circle as one matrix, (b, 3, 3), then contrast and
        brightness alone, (b, 1, 1) each, 0 where they do not change.
    """
    ranges = torch.tensor([config.brightness, config.contrast, config.saturation, 2 * math.pi * config.hue])
    brightness, contrast, saturation, hue = (draws * ranges[:, None])[..., None, None]  # (b, 1, 1) each
    grey = torch.full((3, 3), 1 / 3)
    turn = torch.tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / math.sqrt(3)
    rotation = grey + hue.cos() * (torch.eye(3) - grey) + hue.sin() * turn  # about the grey axis, (b, 3, 3)
    luma = torch.tensor(LUMA).expand(3, 3)
    matrix = (1 + brightness) * (1 + contrast) * (luma + (1 + saturation) * (rotation - luma))
    return matrix, contrast, brightness


def _recolor(pairs: Tensor, matrix: Tensor, contrast: Tensor, brightness: Tensor) -> Tensor:
    pairs = (pairs + 1) / 2
    # Contrast is about the mean of the first picture, so that both change alike.
    shift = -contrast * (1 + brightness) * pairs[:, 0].mean(dim=(1, 2, 3))[:, None, None]
    changed = torch.einsum("bdc,bkchw->bkdhw", matrix, pairs) + shift[..., None, None]
    return changed.clamp(0, 1) * 2 - 1
