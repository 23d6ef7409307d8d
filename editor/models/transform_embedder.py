"""M_e: the transformation [F, C] as tokens that M_y can attend to (Sec. 3.2)."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from editor.config import EmbedderConfig
from editor.models.layers import position_embedding
from editor.models.transform import Transform, identity_flow

# F and C are smooth (M_x predicts them at 1/4 size), so reading every fourth pixel loses nothing.
STRIDE = 4


class TransformEmbedder(nn.Module):
    """M_e: [F, C] -> context tokens (b, m, d).

    Displacements (F minus the identity) and deviations of C from neutral are embedded: both are zero for "nothing to
    do". There is no norm before the projection, since it would remove exactly what a constant patch says.
    """

    def __init__(self, config: EmbedderConfig, hidden_size: int) -> None:
        super().__init__()
        self.grid_patch = config.patch_size // STRIDE
        self.hidden_size = hidden_size
        self.proj = nn.Linear(4 * self.grid_patch**2, hidden_size)
        self.norm = nn.LayerNorm(hidden_size)

    def forward(self, transform: Transform) -> Tensor:
        """Embed a transform of (b, 2, h, w) maps; m = h * w / patch_size**2."""
        displacement = transform.flow - identity_flow(transform.flow)
        scale, shift = transform.affine.split(1, dim=1)
        maps = functional.avg_pool2d(torch.cat([displacement, scale - 1, shift], dim=1), STRIDE)
        p = self.grid_patch
        grid_height, grid_width = maps.shape[-2] // p, maps.shape[-1] // p
        patches = rearrange(maps, "b c (gh ph) (gw pw) -> b (gh gw) (c ph pw)", ph=p, pw=p)
        tokens = self.norm(self.proj(patches))
        return tokens + position_embedding(grid_height, grid_width, self.hidden_size, tokens.device)
