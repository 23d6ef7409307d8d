"""The whole model M: M_x, M_e and M_y trained end to end (Fig. 3)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from einops import rearrange, repeat
from torch import Tensor, nn

from editor.config import RunConfig
from editor.grain import Grain
from editor.models.autoencoder import blend, crispen, split_copied, split_move
from editor.models.canvas import Fetched, lay
from editor.models.color_map import ColorMap
from editor.models.detail_filter import DetailFilter
from editor.models.grain import FilmGrain
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
        positions: `Transform.target_flow` of the first reference, (b, 2, h, w); None unless the output is "canvas".
        answer: What is to be done with x_j, (b, c, h, w), see `carry_out`.
        offset: How far M_y moves the positions of x_j's pixels, (b, 2, h, w) in units of half a side; zero where the
            output is no `warp`.
        y_j_hat: The edit, (b, 3, h, w), about [-1, 1].
    """

    transform: Transform
    x_j_hat: Tensor
    positions: Tensor | None
    answer: Tensor
    offset: Tensor
    y_j_hat: Tensor


class EditingModel(nn.Module):
    """M = (M_x, M_e, M_y). y_j is no argument of anything here, so it cannot leak into a prediction.

    Attributes:
        config: All settings.
        color_map: What every pixel goes through before the answer is applied to it; None where `config` has it off or
            the answer is the whole picture.
        detail_filter: What a photo goes through at its own scale, after the color map and before all else; None where
            `config` does not have it on.
        film_grain: What is laid over edits at the photo's own size, last of all; None where `config` has it off.
        crispness: How much of an answer's finest detail is added to it, 0 to 1, see `training.crispness`. In evaluation
            mode only: what is trained has to come as close to y_j as it can by itself.
    """

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self.config = config
        self.crispness = 0.0
        hidden_size = config.transformer.hidden_size
        self.m_x = TransformEstimator(config.estimator, has_target_flow=config.output == "canvas")
        self.m_e = TransformEmbedder(config.embedder, hidden_size)
        self.m_y = Translator(config)
        has_map = config.color_map == "auto" and config.output != "direct"
        self.color_map = ColorMap() if has_map else None
        self.detail_filter = DetailFilter() if config.detail.mode == "on" else None
        self.film_grain = FilmGrain() if config.grain == "auto" else None
        # The constant condition of the paper's "without [F, C]" row (Sec. 5.2).
        self.constant_context = None if config.use_transform else nn.Parameter(torch.zeros(1, 1, hidden_size))

    @property
    def num_copied_from(self) -> int:
        """Number of references whose own pixels an edit may hold: the first or none."""
        return 1 if self.config.output == "canvas" else 0

    @property
    def explained(self) -> float | None:
        """Share of the effect that the color map explains; None where there is no map."""
        return None if self.color_map is None else self.color_map.explained.item()

    @property
    def grain(self) -> Grain | None:
        """What is laid over edits last of all; None where nothing is."""
        return None if self.film_grain is None else self.film_grain.found

    @property
    def is_crispened(self) -> bool:
        """Whether edits get the fine detail that they lack: not where that is grain, see `training.crispness`."""
        return self.config.crispen and self.grain is None

    @property
    def may_add(self) -> bool:
        """Whether the effect may be an addition: neither a map from color to color nor a filter of detail does much."""
        return not self.has_detail and (self.color_map is None or self.color_map.is_identity)

    @property
    def has_detail(self) -> bool:
        """Whether x_i and x_j have to be filtered, see `filtered`; the color map is a part of that then."""
        return self.detail_filter is not None and not self.detail_filter.is_identity

    @property
    def needs_photo(self) -> bool:
        """Whether the color map depends on the photo, see `ColorMap`; x_i and x_j have to be mapped then."""
        return self.color_map is not None and self.color_map.needs_photo

    def filtered(self, pictures: Tensor) -> Tensor:
        """Return pictures (b, 3, h, w) in [-1, 1], at their own scale, after the color map and the detail filter.

        They may be parts of pictures, so where the map depends on the photo they have gone through it already.
        """
        is_mapped = self.color_map is None or self.needs_photo
        return self.detail_filter(pictures if is_mapped else self.color_map(pictures))

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
        positions = fetched = None
        if self.num_copied_from:
            positions = transform.target_flow.unflatten(0, (b, r))[:, 0]
            fetched = Fetched.of(x_i[:, 0], y_i[:, 0]).at(positions)
        answer = self.m_y(y_i=y_i, x_j=x_j, t=t, context=context, fetched=fetched, noise=noise)
        if positions is not None:
            answer = torch.cat([answer, positions], dim=1)
        if self.crispness and not self.training:
            answer = crispen(self.config.output, answer, self.crispness)
        offset, y_j_hat = self.carry_out(answer, x_j, x_i[:, 0], y_i[:, 0])
        return EditOutput(transform, x_j_hat, positions, answer, offset, y_j_hat)

    def carry_out(self, answer: Tensor, x_j: Tensor, x_i: Tensor, y_i: Tensor) -> tuple[Tensor, Tensor]:
        """Do what an answer (b, c, h, w) says, and return `offset` and `y_j_hat`.

        Args:
            answer: See `EditOutput`.
            x_j: Images to edit, (b, 3, h, w).
            x_i: Sources of the references that are copied from, same shape; only "canvas" looks at them.
            y_i: Their targets, same shape.
        """
        kind, answer, copied = split_copied(self.config.output, answer)
        offset, rest = split_move(kind, answer)
        moved = warp(x_j, identity_flow(x_j) + offset) if kind == "warp" else x_j
        is_mapped = self.color_map is None or self.has_detail or self.needs_photo
        base = moved if is_mapped else self.color_map(moved)
        edit = blend(kind, rest, base)
        if copied is None:
            return offset, edit
        if self.config.one_to_one:
            x_i = y_i = x_j
        canvas, mask = Fetched.of(x_i, y_i).at(copied.positions)
        return offset, lay(edit, base, canvas, copied.alpha(mask))
