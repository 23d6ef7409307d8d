"""M_y: from y_i(t) and x_j, told by M_e how x_i became x_j, to y_j (Sec. 3.2, 3.3)."""

from __future__ import annotations

import torch
from einops import rearrange
from torch import Tensor, nn

from editor.config import RunConfig, TransformerConfig
from editor.models.autoencoder import Decoder, Encoder
from editor.models.canvas import Fetched
from editor.models.layers import (
    Attention,
    DualNormPatchEmbed,
    TimestepEmbedder,
    position_embedding,
)
from editor.models.noise import NoiseSource
from editor.models.schedule import LinearSchedule


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention to M_e's tokens and an MLP, scaled, shifted and gated by the time (adaLN)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        d = config.hidden_size
        hidden = int(d * config.mlp_ratio)
        self.norms = nn.ModuleList(nn.LayerNorm(d, elementwise_affine=False) for _ in range(3))
        self.self_attention = Attention(d, config.num_heads)
        self.cross_attention = Attention(d, config.num_heads)
        self.mlp = nn.Sequential(nn.Linear(d, hidden), nn.GELU(approximate="tanh"), nn.Linear(hidden, d))
        # What the block adds to the modulation that all blocks share: (part, kind, d). Gates start open: few steps are
        # trained here, and DiT's closed gates would waste many of them.
        self.modulation = nn.Parameter(torch.zeros(3, 3, d))
        with torch.no_grad():
            self.modulation[:, 2] = 1.0

    def forward(self, tokens: Tensor, context: Tensor, modulation: Tensor) -> Tensor:
        """Refine tokens (b, n, d) by a context (b, m, d) at the time that modulation (b, 3, 3, d) stands for."""
        parts = rearrange(self.modulation + modulation, "b part kind d -> part kind b 1 d")
        for norm, (scale, shift, gate), part in zip(self.norms, parts, ("self", "cross", "mlp")):
            h = norm(tokens) * (1 + scale) + shift
            if part == "self":
                h = self.self_attention(h, h)
            elif part == "cross":
                h = self.cross_attention(h, context)
            else:
                h = self.mlp(h)
            tokens = tokens + gate * h
        return tokens


class Translator(nn.Module):
    """M_y: the autoencoder with a ViT in its latent space. Predicts y_j itself, neither y_i(0) nor the noise."""

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        d = config.transformer.hidden_size
        c = config.autoencoder.latent_channels
        self.use_x_j = config.use_x_j
        self.patch_size = config.transformer.patch_size
        self.schedule = LinearSchedule(config.schedule)
        self.encoder = Encoder(config.autoencoder)
        self.patch_embed = DualNormPatchEmbed(2 * c, d, self.patch_size)
        self.t_embedder = TimestepEmbedder(d)
        self.modulation = nn.Linear(d, 9 * d)  # shared by all blocks, "adaLN-single" of PixArt
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)
        self.blocks = nn.ModuleList(TransformerBlock(config.transformer) for _ in range(config.transformer.depth))
        self.norm = nn.LayerNorm(d)
        self.final_layer = nn.Linear(d, c * self.patch_size**2)
        self.decoder = Decoder(
            config.autoencoder,
            output=config.output,
            use_skips=config.use_skips,
            use_noise=config.use_noise,
        )

    def forward(
        self, *, y_i: Tensor, x_j: Tensor, t: Tensor, context: Tensor, fetched: Fetched | None, noise: NoiseSource
    ) -> Tensor:
        """Return what the decoder says, (b, c, h, w), see `autoencoder.DECODED_CHANNELS`.

        Args:
            y_i: Targets of the references, (b, r, 3, h, w) in [-1, 1]. Several become one canvas, their mean.
            x_j: Image to edit, (b, 3, h, w) in [-1, 1].
            t: Noise level of y_i(t), (b,) int64.
            context: Tokens of M_e, (b, m, d).
            fetched: What may be copied from the reference, for the output "canvas".
            noise: Source of z and of the decoder's noise.
        """
        b, r = y_i.shape[:2]
        latents, skips = self.encoder(torch.cat([x_j, rearrange(y_i, "b r c h w -> (b r) c h w")]))
        x_j_latents, y_i_latents = latents[:b], latents[b:]
        z = noise(y_i_latents.shape).to(y_i_latents)
        y_i_t = self.schedule.add_noise(y_i_latents, z, t.repeat_interleave(r))
        y_i_t = rearrange(y_i_t, "(b r) c h w -> b r c h w", r=r).mean(dim=1)

        if not self.use_x_j:  # "without x_j": it may reach M_y through [F, C] only
            x_j_latents = torch.zeros_like(x_j_latents)
            skips = [skip[b:].unflatten(0, (b, r))[:, 0] for skip in skips]
        tokens = self.patch_embed(torch.cat([y_i_t, x_j_latents], dim=1))  # Sec. 3.2: x_j is concatenated
        p = self.patch_size
        height, width = y_i_t.shape[-2] // p, y_i_t.shape[-1] // p
        tokens = tokens + position_embedding(height, width, tokens.shape[-1], tokens.device)
        modulation = rearrange(self.modulation(self.t_embedder(t)), "b (part kind d) -> b part kind d", part=3, kind=3)
        for block in self.blocks:
            tokens = block(tokens, context, modulation)
        y_j_latents = rearrange(
            self.final_layer(self.norm(tokens)),
            "b (gh gw) (ph pw c) -> b c (gh ph) (gw pw)",
            gh=height,
            ph=p,
            pw=p,
        )
        return self.decoder(y_j_latents, [skip[:b] for skip in skips], fetched, noise)
