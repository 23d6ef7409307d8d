"""The diffusion schedule: how much noise y_i(t) holds (Sec. 3.2, "a regular linear approach")."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from editor.config import ScheduleConfig


class LinearSchedule(nn.Module):
    """Betas rise linearly over `num_timesteps`, as in DDPM [14]; at t = 0 almost clean, at the last t almost noise."""

    def __init__(self, config: ScheduleConfig) -> None:
        super().__init__()
        self.num_timesteps = config.num_timesteps
        betas = torch.linspace(config.beta_start, config.beta_end, config.num_timesteps, dtype=torch.float64)
        self.register_buffer("alpha_bar", torch.cumprod(1 - betas, dim=0).float(), persistent=False)

    def add_noise(self, latents: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """Return y_i(t) = sqrt(alpha_bar_t) y_i(0) + sqrt(1 - alpha_bar_t) z for t (b,) int64: Eq. 4 of DDPM [14]."""
        alpha_bar = self.alpha_bar[t].view(-1, 1, 1, 1)
        return alpha_bar.sqrt() * latents + (1 - alpha_bar).sqrt() * noise
