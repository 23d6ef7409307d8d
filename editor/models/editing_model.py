"""The whole model M: M_x, M_e and M_y trained end to end (Fig. 3)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from einops import rearrange, repeat
from torch import Tensor, nn

from editor.config import RunConfig
from editor.models.autoencoder import blend, crispen, split_move
from editor.models.noise import NoiseSource
from editor.models.transform import Transform, apply_transform, identity_flow, warp
from editor.models.transform_embedder import TransformEmbedder
from editor.models.transform_estimator import TransformEstimator
from editor.models.translator import Translator


class EditOutput(NamedTuple):
    """What the model says about a batch of b images with r = n - 1 reference pairs each.

    Attributes:
        transform: [F, C] from each x_i to x_j; maps are (b * r, 2, h, w).
        x_j_hat: T_c(T_s(x_i)), (b, r, 3, h, w), Eq. 3.
        answer: What the decoder says is to be done with x_j, (b, c, h, w), see `autoencoder.split_move` and `blend`.
        offset: How far M_y moves the positions of x_j's pixels, (b, 2, h, w) in units of half a side; zero where the
            output is no `warp`.
        y_j_hat: The edit, (b, 3, h, w), about [-1, 1].
    """

    transform: Transform
    x_j_hat: Tensor
    answer: Tensor
    offset: Tensor
    y_j_hat: Tensor


class EditingModel(nn.Module):
    """M = (M_x, M_e, M_y). y_j is no argument of anything here, so it cannot leak into a prediction.

    Attributes:
        config: All settings.
        crispness: How much of an answer's finest detail is added to it, 0 to 1, see `training.crispness`. In evaluation
            mode only: what is trained has to come as close to y_j as it can by itself.
    """

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self.config = config
        self.crispness = 0.0
        hidden_size = config.transformer.hidden_size
        self.m_x = TransformEstimator(config.estimator)
        self.m_e = TransformEmbedder(config.embedder, hidden_size)
        self.m_y = Translator(config)
        # The constant condition of the paper's "without [F, C]" row (Sec. 5.2).
        self.constant_context = None if config.use_transform else nn.Parameter(torch.zeros(1, 1, hidden_size))

    @property
    def num_timesteps(self) -> int:
        """Number of noise levels t."""
        return self.m_y.schedule.num_timesteps

    def forward(
        self, *, x_i: Tensor, y_i: Tensor, x_j: Tensor, t: Tensor, noise: NoiseSource = torch.randn
    ) -> EditOutput:
        """Edit x_j by the example of the reference pairs.

        Args:
            x_i: Sources of the references, (b, r, 3, h, w) in [-1, 1].
            y_i: Targets of the references, same shape.
            x_j: Images to edit, (b, 3, h, w) in [-1, 1].
            t: Noise level for y_i, (b,) int64 in [0, num_timesteps).
            noise: Source of all noise; by default PyTorch's global generator.
        """
        b, r = x_i.shape[:2]
        if self.config.one_to_one:  # Sec. 5.1: both models see the image itself and nothing of a second pair
            x_i, y_i, r = x_j[:, None], x_j[:, None], 1
        references = rearrange(x_i, "b r c h w -> (b r) c h w")
        transform = self.m_x(references, repeat(x_j, "b c h w -> (b r) c h w", r=r))
        x_j_hat = rearrange(apply_transform(references, transform), "(b r) c h w -> b r c h w", r=r)
        if self.constant_context is None:
            context = rearrange(self.m_e(transform), "(b r) m d -> b (r m) d", r=r)
        else:
            context = self.constant_context.expand(b, -1, -1)
        answer = self.m_y(y_i=y_i, x_j=x_j, t=t, context=context, noise=noise)
        if self.crispness and not self.training:
            answer = crispen(self.config.output, answer, self.crispness)
        offset, y_j_hat = self.carry_out(answer, x_j)
        return EditOutput(transform=transform, x_j_hat=x_j_hat, answer=answer, offset=offset, y_j_hat=y_j_hat)

    def carry_out(self, answer: Tensor, x_j: Tensor) -> tuple[Tensor, Tensor]:
        """Do with x_j (b, 3, h, w) what a decoder's answer (b, c, h, w) says, and return `offset` and `y_j_hat`."""
        offset, rest = split_move(self.config.output, answer)
        moved = warp(x_j, identity_flow(x_j) + offset) if self.config.output == "warp" else x_j
        return offset, blend(self.config.output, rest, moved)
