"""The encoder and decoder around M_y, trained jointly with everything else (Sec. 3.3).

"Not semantic compressing but only dimension compressing": no pretrained weights, no KL term. Skips and decoder noise
bring the high frequencies back.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from editor.config import AutoencoderConfig, OutputKind
from editor.models.canvas import Fetched
from editor.models.layers import ChannelNorm, Downsample, ResBlock, Upsample
from editor.models.noise import NoiseSource


class Encoder(nn.Module):
    """Image (b, 3, h, w) -> latents (b, latent_channels, h / f, w / f) and skips, high to low resolution.

    Latents have unit scale at each pixel, so that the noise of the schedule means the same for every model.
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        channels = config.channels
        self.stem_patch = config.stem_patch
        self.stem = nn.Conv2d(3 * config.stem_patch**2, channels[0], 3, padding=1)
        self.blocks = nn.ModuleList(nn.Sequential(*(ResBlock(c) for _ in range(config.num_blocks))) for c in channels)
        self.down = nn.ModuleList(Downsample(a, b) for a, b in zip(channels, channels[1:]))
        self.head = nn.Conv2d(channels[-1], config.latent_channels, 1)
        self.norm = ChannelNorm(config.latent_channels, affine=False)

    def forward(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Encode an image in [-1, 1]; f = stem_patch * 2 ** (number of resolutions - 1)."""
        features = self.stem(functional.pixel_unshuffle(image, self.stem_patch))
        skips = []
        for level, block in enumerate(self.blocks):
            features = block(features if level == 0 else self.down[level - 1](features))
            skips.append(features)
        return self.norm(self.head(features)), skips


class Decoder(nn.Module):
    """Latents and skips -> what M_y says, at full size, see `DECODED_CHANNELS`. The last layer starts at zero."""

    def __init__(self, config: AutoencoderConfig, *, output: OutputKind, use_skips: bool, use_noise: bool) -> None:
        super().__init__()
        channels = config.channels
        out_channels = DECODED_CHANNELS[output]
        self.stem_patch = config.stem_patch
        self.use_skips = use_skips
        self.stem = nn.Conv2d(config.latent_channels, channels[-1], 1)
        self.fuse = nn.ModuleList(nn.Conv2d(2 * c if use_skips else c, c, 1) for c in channels)
        self.blocks = nn.ModuleList(
            nn.ModuleList(ResBlock(c, use_noise=use_noise) for _ in range(config.num_blocks)) for c in channels
        )
        self.up = nn.ModuleList(Upsample(b, a) for a, b in zip(channels, channels[1:]))
        self.canvas = None
        if output == "canvas":
            self.canvas = nn.ModuleDict({"stem": nn.Conv2d(4 * config.stem_patch**2, channels[0], 3, padding=1)})
        self.norm = ChannelNorm(channels[0])
        self.head = nn.Conv2d(channels[0], out_channels * config.stem_patch**2, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, latents: Tensor, skips: list[Tensor], fetched: Fetched | None, noise: NoiseSource) -> Tensor:
        """Decode latents (b, latent_channels, h / f, w / f) with the encoder's skips of x_j.

        Args:
            latents: Of y_j.
            skips: High to low resolution.
            fetched: What may be copied, for the output "canvas".
            noise: Source of the adaptive noise.
        """
        features = self.stem(latents)
        for level in reversed(range(len(self.blocks))):
            if level < len(self.up):
                features = self.up[level](features)
            inputs = [features, skips[level]] if self.use_skips else [features]
            features = self.fuse[level](torch.cat(inputs, dim=1))
            if level == 0 and self.canvas is not None:
                seen = functional.pixel_unshuffle(torch.cat(fetched, dim=1), self.stem_patch)
                features = features + self.canvas["stem"](seen)
            for block in self.blocks[level]:
                features = block(features, noise)
        answer = self.head(functional.silu(self.norm(features)))
        return functional.pixel_shuffle(answer, self.stem_patch).float()


# Channels that the decoder predicts. "canvas" has those of "warp" and the two factors of `Copied`; its answer has two
# channels more, the positions, which come from M_x.
DECODED_CHANNELS: dict[OutputKind, int] = {"direct": 3, "residual": 3, "blend": 4, "warp": 6, "canvas": 8}
COPIED_CHANNELS = 4
OUTPUT_CHANNELS: dict[OutputKind, int] = {**DECODED_CHANNELS, "canvas": DECODED_CHANNELS["warp"] + COPIED_CHANNELS}
COPY_RANGE = 4.0  # an answer of 1 copies that much, so that copying is learned before painting
MOVE_POOL = 4  # pixels: a flow finer than this would tear x_j apart instead of moving it
FINEST = 0.85  # pixels: with this sigma three taps weigh 1/4, 1/2, 1/4
MOVE_RANGE = 0.1  # an answer of 1 moves by this share of half a side, so that moving is learned as slowly as painting


class Copied(NamedTuple):
    """What an answer takes from the reference, see `models.canvas`.

    Attributes:
        free: By how much, whatever the mask says, (b, 1, h, w).
        gate: By how much where the mask says that the reference was edited, (b, 1, h, w).
        positions: Where from, (b, 2, h, w) in [-1, 1] like F.
    """

    free: Tensor
    gate: Tensor
    positions: Tensor

    def alpha(self, mask: Tensor) -> Tensor:
        """Return by how much in all, for a mask (b, 1, h, w) fetched from these positions."""
        return self.free + self.gate * mask


def split_copied(kind: OutputKind, answer: Tensor) -> tuple[OutputKind, Tensor, Copied | None]:
    """Split an answer (b, c, h, w) into what is done with x_j and what is copied from the reference.

    Returns:
        The kind of the first part; the first part, which `split_move` takes; and the second, for "canvas" only.
    """
    if kind != "canvas":
        return kind, answer, None
    answer, factors, positions = answer.split([DECODED_CHANNELS["warp"], 2, 2], dim=1)
    free, gate = (COPY_RANGE * factors).split(1, dim=1)
    return "warp", answer, Copied(free, gate, positions)


def split_move(kind: OutputKind, answer: Tensor) -> tuple[Tensor, Tensor]:
    """Split what is done with x_j (b, c, h, w) into what moves its pixels and what `blend` needs.

    Returns:
        Offsets of positions in units of half a side, (b, 2, h, w), zero unless `kind` is "warp"; and the rest.
    """
    if kind != "warp":
        return torch.zeros_like(answer[:, :2]), answer
    offset, rest = answer.split([2, 4], dim=1)
    coarse = functional.avg_pool2d(offset, MOVE_POOL)
    return MOVE_RANGE * functional.interpolate(coarse, size=offset.shape[-2:], mode="bilinear"), rest


def crispen(kind: OutputKind, answer: Tensor, amount: float | Tensor) -> Tensor:
    """Add `amount` times its finest detail to an answer (b, c, h, w), but for what moves pixels.

    Where the answer leaves x_j alone it has no detail, so nothing is added; in `direct` it is the whole picture.
    """
    first = 2 if kind in ("warp", "canvas") else 0
    last = DECODED_CHANNELS[kind]
    rest = answer[:, first:last]
    fine = rest - blur(rest)
    return torch.cat([answer[:, :first], rest + amount * fine, answer[:, last:]], dim=1)


def blur(image: Tensor) -> Tensor:
    """Blur an image (b, c, h, w) with a Gaussian of sigma `FINEST`, three taps in each direction."""
    # That of torchvision, which takes two seconds to import in every process.
    taps = torch.tensor([-1.0, 0.0, 1.0], dtype=image.dtype, device=image.device)
    taps = torch.softmax(-(taps.div(FINEST).square() / 2), dim=0)
    channels = image.shape[1]
    kernel = (taps[:, None] * taps).expand(channels, 1, 3, 3)
    return functional.conv2d(functional.pad(image, (1, 1, 1, 1), mode="reflect"), kernel, groups=channels)


def blend(kind: OutputKind, answer: Tensor, x_j: Tensor) -> Tensor:
    """Turn the answer and x_j, its pixels moved already, into y_j_hat (b, 3, h, w), each pixel by itself.

    A decoder that answers zero leaves x_j alone or, in `direct`, gives mid-grey. `blend` keeps a share of x_j and adds
    paint on top, so that something opaque needs a constant rather than x_j's exact negative. `warp` does so with moved
    pixels: a lifted corner of a mouth keeps its lips, beard and freckles.
    """
    if kind == "direct":
        return answer
    if kind == "residual":
        return x_j + answer
    keep, paint = answer.split([1, 3], dim=1)
    return (1 + keep) * x_j + paint
