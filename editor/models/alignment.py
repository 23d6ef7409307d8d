"""Where in the reference the pixels of the edit lie: a similarity transform between landmarks, and a small rest.

Each picture is looked at by itself and in the same way wherever its content lies, so that what is learned of m pictures
serves all m * m pairs of them; from the two together, M_x needs three times as many steps for the same.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from editor.models.layers import ChannelNorm, ResBlock
from editor.models.transform import identity_flow

NUM_LANDMARKS = 6
CHANNELS = 32
CONTRAST = 4.0  # of the softmax over places: 1 leaves all landmarks in the middle for long
STIFFNESS = 0.05  # squared half sides: while landmarks lie together, scale and rotation stay those of the identity
GRID = 8  # control points along a side, for what no similarity transform can do
FINE_RANGE = 0.1  # of their offsets, so that the landmarks are learned first


class Landmarks(nn.Module):
    """Picture -> a few points on it, by soft-argmax of learned heat maps. Nobody says which."""

    def __init__(self, stem_patch: int) -> None:
        super().__init__()
        self.stem_patch = stem_patch
        self.stem = nn.Conv2d(3 * stem_patch**2, CHANNELS, 3, padding=1)
        self.blocks = nn.ModuleList(ResBlock(CHANNELS) for _ in range(3))
        self.convs = nn.ModuleList(nn.Conv2d(CHANNELS, CHANNELS, 3, padding=size, dilation=size) for size in (1, 2))
        self.norm = ChannelNorm(CHANNELS)
        self.head = nn.Conv2d(CHANNELS, NUM_LANDMARKS, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """Return positions (x, y) in [-1, 1], (b, NUM_LANDMARKS, 2), for pictures (b, 3, h, w)."""
        features = self.blocks[0](self.stem(functional.pixel_unshuffle(image, self.stem_patch)))
        for conv, block in zip(self.convs, self.blocks[1:]):
            features = block(functional.silu(conv(features)))
        heat = self.head(self.norm(features)).float()
        weights = (CONTRAST * heat).flatten(2).softmax(dim=-1)
        places = identity_flow(heat[:, :1]).flatten(2)
        return (weights[:, :, None] * places[:, None]).sum(dim=-1)  # no product of matrices, which would be in bf16


class Alignment(nn.Module):
    """(x_i, x_j, features of M_x) -> `Transform.target_flow`."""

    def __init__(self, stem_patch: int, channels: int) -> None:
        super().__init__()
        self.landmarks = Landmarks(stem_patch)
        self.norm = ChannelNorm(channels)
        self.head = nn.Conv2d(channels, 2, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x_i: Tensor, x_j: Tensor, features: Tensor) -> Tensor:
        """Return sampling positions, (b, 2, h, w), for pictures (b, 3, h, w) and what M_x makes of both."""
        points_i, points_j = self.landmarks(torch.cat([x_i, x_j])).chunk(2)
        offsets = functional.adaptive_avg_pool2d(self.head(functional.silu(self.norm(features))).float(), GRID)
        fine = functional.interpolate(offsets, size=x_i.shape[-2:], mode="bicubic", align_corners=True)
        return similarity(points_j, points_i, identity_flow(x_j)) + FINE_RANGE * fine


def similarity(points: Tensor, goals: Tensor, places: Tensor) -> Tensor:
    """Move places as the similarity transform does that brings points nearest to goals (Procrustes, with a ridge).

    Args:
        points: (b, k, 2).
        goals: Same shape.
        places: (b, 2, h, w), (x, y) like the others.
    """
    center, goal_center = points.mean(dim=1, keepdim=True), goals.mean(dim=1, keepdim=True)
    a, b = points - center, goals - goal_center
    norm = a.square().sum((1, 2)) + STIFFNESS
    # As complex numbers, the factor is sum(conj(a) b) / sum(|a|^2).
    real = ((a * b).sum((1, 2)) + STIFFNESS) / norm
    imaginary = (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]).sum(dim=1) / norm
    real, imaginary = (part.view(-1, 1, 1, 1) for part in (real, imaginary))
    x, y = (places - center.transpose(1, 2)[..., None]).split(1, dim=1)
    moved = torch.cat([real * x - imaginary * y, imaginary * x + real * y], dim=1)
    return moved + goal_center.transpose(1, 2)[..., None]
