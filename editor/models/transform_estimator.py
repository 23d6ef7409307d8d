"""M_x: look at two sources and say how to get from one to the other (Sec. 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from editor.config import EstimatorConfig
from editor.models.alignment import Alignment
from editor.models.layers import ChannelNorm, Downsample, ResBlock, Upsample
from editor.models.transform import Transform, identity_flow


class TransformEstimator(nn.Module):
    """M_x: (x_i, x_j) -> [F, C], a small U-Net.

    The paper's sentence names only x_i as the input, but "M_x transforms x_i to x_j" cannot be done without seeing x_j.
    The network predicts offsets from the identity and its last layer starts at zero, so it starts as "do nothing". It
    works at 1/stem_patch of the size and its answer is enlarged bilinearly, because F and C are smooth.
    """

    def __init__(self, config: EstimatorConfig, *, has_target_flow: bool = False) -> None:
        super().__init__()
        self.stem_patch = config.stem_patch
        self.affine_pool = config.affine_pool
        channels = config.channels
        self.stem = nn.Conv2d(6 * config.stem_patch**2, channels[0], 1)
        self.encoder = nn.ModuleList(ResBlock(c) for c in channels)
        self.down = nn.ModuleList(Downsample(a, b) for a, b in zip(channels, channels[1:]))
        self.up = nn.ModuleList(Upsample(b, a) for a, b in zip(channels, channels[1:]))
        self.decoder = nn.ModuleList(ResBlock(c) for c in channels)
        self.norm = ChannelNorm(channels[0])
        self.head = nn.Conv2d(channels[0], 4, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.register_buffer("neutral", torch.tensor([1.0, 0.0]).view(1, 2, 1, 1), persistent=False)  # scale, shift
        self.alignment = Alignment(config.stem_patch, channels[0]) if has_target_flow else None

    def forward(self, x_i: Tensor, x_j: Tensor) -> Transform:
        """Estimate f_x for two sources, each (b, 3, h, w) in [-1, 1]."""
        features = self.stem(functional.pixel_unshuffle(torch.cat([x_i, x_j], dim=1), self.stem_patch))
        skips = []
        for block, down in zip(self.encoder, self.down):
            features = block(features)
            skips.append(features)
            features = down(features)
        features = self.decoder[-1](self.encoder[-1](features))
        for level in reversed(range(len(self.up))):
            features = self.decoder[level](self.up[level](features) + skips[level])
        offsets = self.head(functional.silu(self.norm(features))).float()
        flow_offset, affine_offset = offsets.split([2, 2], dim=1)
        affine_offset = functional.avg_pool2d(affine_offset, self.affine_pool)
        size = x_i.shape[-2:]
        return Transform(
            flow=identity_flow(x_i) + functional.interpolate(flow_offset, size=size, mode="bilinear"),
            affine=self.neutral + functional.interpolate(affine_offset, size=size, mode="bilinear"),
            target_flow=None if self.alignment is None else self.alignment(x_i, x_j, features),
        )
