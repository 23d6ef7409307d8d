"""The two networks of pix2pix (arXiv 1611.07004, Appendix 6.1). Images are (b, 3, h, w) in [-1, 1]."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

MAX_DOWNS = 8
DISCRIMINATOR_MULTIPLES = (1, 2, 4, 8)  # widths of the 70x70 discriminator


class PictureNorm(nn.Module):
    """Normalise each channel of each picture, then scale and shift it.

    This is what pix2pix's batch norm does at its batch size of 1, in training and, as published, at test time with
    the statistics of the test picture. Unlike `nn.InstanceNorm2d`, it keeps channels_last memory.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(b, c, h, w) -> the same shape, float32."""
        variance, mean = torch.var_mean(x.float(), dim=(2, 3), keepdim=True, correction=0)
        return (x - mean) * (torch.rsqrt(variance + 1e-5) * self.weight) + self.bias


class UNet(nn.Module):
    """The generator: an encoder to about one pixel, a decoder, and skips between equal sizes.

    At 128 px it has 7 levels, at 256 px 8, as published; other sizes get as many as halve evenly, at most 8.
    """

    def __init__(self, size: int, *, width: int, dropout: float, output: Literal["direct", "residual"]) -> None:
        """Build a generator with fresh weights.

        Args:
            size: Side of the pictures in pixels, even.
            width: Channels of the first level; they double up to eight times as many.
            dropout: Probability in the inner blocks of the decoder, 0 to 1.
            output: "direct" ends in a tanh, "residual" is added to the input and starts at zero.
        """
        super().__init__()
        num_downs = count_downs(size)
        widths = [width * min(2**level, 8) for level in range(num_downs)]
        # Published: dropout in the blocks between the innermost one and those narrower than 8 x width.
        dropped = range(num_downs - 1 - max(num_downs - 5, 1), num_downs - 1)
        self.output = output
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        for level, channels in enumerate(widths):
            is_inner, is_outer = level == num_downs - 1, level == 0
            outer = 3 if is_outer else widths[level - 1]
            down: list[nn.Module] = [] if is_outer else [nn.LeakyReLU(0.2)]
            down += [nn.Conv2d(outer, channels, 4, stride=2, padding=1, bias=False)]
            down += [] if is_inner or is_outer else [PictureNorm(channels)]
            inner = channels if is_inner else 2 * channels
            up = [nn.ReLU(), nn.ConvTranspose2d(inner, outer, 4, stride=2, padding=1, bias=is_outer)]
            up += [] if is_outer else [PictureNorm(outer)]
            up += [nn.Dropout(dropout)] if dropout and level in dropped else []
            self.down.append(nn.Sequential(*down))
            self.up.append(nn.Sequential(*up))
        self.apply(_initialise)
        if output == "residual":
            nn.init.zeros_(self.up[0][1].weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the edit of x, float32: in [-1, 1], or about that where it is a residual."""
        skips = []
        features = x
        for down in self.down:
            features = down(features)
            skips.append(features)
        for level in reversed(range(len(self.up))):
            if level < len(self.up) - 1:
                features = torch.cat([features, skips[level].to(features.dtype)], dim=1)
            features = self.up[level](features)
        answer = features.float()
        return torch.tanh(answer) if self.output == "direct" else x + answer


class PatchDiscriminator(nn.Module):
    """PatchGAN: classifies each 70x70 patch of (x, y) as real or generated (Sec. 3.2.2 of pix2pix)."""

    def __init__(self, *, width: int) -> None:
        """Build a discriminator with fresh weights.

        Args:
            width: Channels of the first layer.
        """
        super().__init__()
        channels = [6, *(width * multiple for multiple in DISCRIMINATOR_MULTIPLES)]
        layers: list[nn.Module] = []
        for level, (a, b) in enumerate(zip(channels, channels[1:])):
            is_normed = level > 0
            layers += [nn.Conv2d(a, b, 4, stride=2 if level < 3 else 1, padding=1, bias=not is_normed)]
            layers += [PictureNorm(b)] if is_normed else []
            layers += [nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 4, padding=1))
        self.apply(_initialise)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Return one logit for each patch of sources x and targets y, (b, 1, h', w') float32."""
        return self.layers(torch.cat([x, y], dim=1)).float()


def adversarial_loss(logits: Tensor, is_real: bool, kind: Literal["vanilla", "lsgan"]) -> Tensor:
    """Return the adversarial loss of a discriminator's logits, a 0-d tensor.

    Args:
        logits: Any shape.
        is_real: Whether they should say "real".
        kind: "vanilla" is cross-entropy as published, "lsgan" a squared distance (arXiv 1611.04076).
    """
    goal = torch.full_like(logits, float(is_real))
    if kind == "vanilla":
        return functional.binary_cross_entropy_with_logits(logits, goal)
    return functional.mse_loss(logits, goal)


def count_downs(size: int) -> int:
    """Return how often a side can be halved evenly, at most `MAX_DOWNS` times."""
    return next((n for n in range(MAX_DOWNS) if size % 2 ** (n + 1)), MAX_DOWNS)


def _initialise(module: nn.Module) -> None:
    """N(0, 0.02) for convolutions and N(1, 0.02) for scales, as published."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, PictureNorm):
        nn.init.normal_(module.weight, 1.0, 0.02)
