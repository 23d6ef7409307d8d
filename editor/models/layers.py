"""Building blocks shared by M_x, M_e and M_y. Maps are (b, c, h, w), tokens are (b, n, d)."""

from __future__ import annotations

import math

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional

from editor.models.noise import NoiseSource


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of each pixel. In channels_last memory it costs next to nothing on a CPU."""

    def __init__(self, channels: int, affine: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, elementwise_affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise each pixel of x (b, c, h, w) to mean 0 and variance 1."""
        return rearrange(self.norm(rearrange(x, "b c h w -> b h w c")), "b h w c -> b c h w")


class AdaptiveNoise(nn.Module):
    """Add one Gaussian noise map, scaled by a learned strength per channel (Sec. 3.3, StyleGAN [19])."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.strength = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor, noise: NoiseSource) -> Tensor:
        """Add noise to x (b, c, h, w)."""
        b, _, h, w = x.shape
        return x + self.strength * noise((b, 1, h, w)).to(x)


class ResBlock(nn.Module):
    """Two 3x3 convolutions on a residual path that starts at zero, with optional adaptive noise between them."""

    def __init__(self, channels: int, *, use_noise: bool = False) -> None:
        super().__init__()
        self.norm_1 = ChannelNorm(channels)
        self.conv_1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.noise = AdaptiveNoise(channels) if use_noise else None
        self.norm_2 = ChannelNorm(channels)
        self.conv_2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv_2.weight)
        nn.init.zeros_(self.conv_2.bias)

    def forward(self, x: Tensor, noise: NoiseSource = torch.randn) -> Tensor:
        """Refine x (b, c, h, w); `noise` is drawn from if the block adds any."""
        h = self.conv_1(functional.silu(self.norm_1(x)))
        if self.noise is not None:
            h = self.noise(h, noise)
        return x + self.conv_2(functional.silu(self.norm_2(h)))


class Upsample(nn.Module):
    """Double the size: a 1x1 convolution unfolded into pixels, which works at the small size only."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(in_channels, 4 * out_channels, 1)
        with torch.no_grad():  # the four pixels start equal ("ICNR"), or plain areas keep a fine grid for a long time
            for parameter in self.proj.parameters():
                parameter.copy_(parameter[::4].repeat_interleave(4, dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """(b, in_channels, h, w) -> (b, out_channels, 2h, 2w)."""
        return functional.pixel_shuffle(self.proj(x), 2)


class Downsample(nn.Module):
    """Halve the size by folding pixels into channels and a 1x1 convolution."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(4 * in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(b, in_channels, h, w) -> (b, out_channels, h/2, w/2)."""
        return self.proj(functional.pixel_unshuffle(x, 2))


class DualNormPatchEmbed(nn.Module):
    """Split into patches and project, with a LayerNorm before and after the projection (Sec. 3.3, [22])."""

    def __init__(self, in_channels: int, hidden_size: int, patch_size: int) -> None:
        super().__init__()
        self.patch_size = patch_size
        patch_dim = in_channels * patch_size**2
        self.norm_in = nn.LayerNorm(patch_dim)
        self.proj = nn.Linear(patch_dim, hidden_size)
        self.norm_out = nn.LayerNorm(hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) -> tokens (b, n, d) with n = (h / patch_size) * (w / patch_size)."""
        p = self.patch_size
        x = rearrange(x, "b c (gh ph) (gw pw) -> b (gh gw) (ph pw c)", ph=p, pw=p)
        return self.norm_out(self.proj(self.norm_in(x)))  # (b, n, d), n = gh * gw


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return softmax(q k^T / sqrt(d)) v for (b, heads, n, d) queries and (b, heads, m, d) keys and values."""
    if q.device.type == "cpu":  # for so few tokens plain products are several times as fast backward
        return (q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1)).softmax(dim=-1) @ v
    return functional.scaled_dot_product_attention(q, k, v)


class Attention(nn.Module):
    """Multi-head attention of tokens (b, n, d) to a context (b, m, d); self-attention if the two are the same."""

    def __init__(self, hidden_size: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.to_q = nn.Linear(hidden_size, hidden_size)
        self.to_kv = nn.Linear(hidden_size, 2 * hidden_size)
        self.proj = nn.Linear(hidden_size, hidden_size)

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """Return what each token reads from the context, (b, n, d)."""
        q = rearrange(self.to_q(tokens), "b n (heads d) -> b heads n d", heads=self.num_heads)
        k, v = rearrange(self.to_kv(context), "b m (kv heads d) -> kv b heads m d", kv=2, heads=self.num_heads)
        out = attend(q, k, v)  # (b, heads, n, d)
        return self.proj(rearrange(out, "b heads n d -> b n (heads d)"))


class TimestepEmbedder(nn.Module):
    """Embed t (b,) as a vector (b, d): sinusoids and a small MLP, as in DiT [30]."""

    def __init__(self, hidden_size: int, frequencies: int = 128) -> None:
        super().__init__()
        self.frequencies = frequencies
        self.mlp = nn.Sequential(nn.Linear(frequencies, hidden_size), nn.SiLU(), nn.Linear(hidden_size, hidden_size))

    def forward(self, t: Tensor) -> Tensor:
        """Embed noise levels t (b,), any integers."""
        half = self.frequencies // 2
        rates = torch.exp(-math.log(10_000) * torch.arange(half, device=t.device) / half)
        angles = t.float()[:, None] * rates
        return self.mlp(torch.cat([angles.cos(), angles.sin()], dim=-1))


def position_embedding(height: int, width: int, hidden_size: int, device: torch.device) -> Tensor:
    """Return fixed 2-D sinusoids for a grid of tokens, (1, height * width, hidden_size).

    Positions are relative to the image (0 to 1), so one set of weights serves every size and aspect ratio.
    """
    quarter = hidden_size // 4
    rates = math.pi * 2 ** torch.linspace(0, 5, quarter, device=device)
    ys = (torch.arange(height, device=device) + 0.5)[:, None] / height * rates  # (height, quarter)
    xs = (torch.arange(width, device=device) + 0.5)[:, None] / width * rates
    rows = torch.cat([ys.sin(), ys.cos()], dim=-1)[:, None].expand(-1, width, -1)
    columns = torch.cat([xs.sin(), xs.cos()], dim=-1)[None].expand(height, -1, -1)
    return rearrange(torch.cat([rows, columns], dim=-1), "h w d -> 1 (h w) d")
