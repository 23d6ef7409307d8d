"""Augmentation of (x_j, y_j) with one draw for both (Sec. 3.3): flip, affine, colour jitter.

Both pictures go through torchvision as one stack, so what happens to one happens to the other.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.transforms.v2 import InterpolationMode, functional

from editor.config import AugmentConfig


def augment(pair: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Return a randomly changed copy of `pair`, a stack of aligned pictures (k, 3, h, w) in [-1, 1].

    What a rotation or shift brings in from outside is the picture's own mirror image.
    """

    def uniform(limit: float) -> float:
        return limit * (2 * torch.rand((), generator=generator).item() - 1)

    # Geometry.
    h, w = pair.shape[-2:]
    if torch.rand((), generator=generator).item() < config.flip:
        pair = functional.horizontal_flip(pair)
    if config.degrees or config.translate or config.scale or config.shear:
        margin_y, margin_x = h // 4, w // 4  # enough for all default ranges at once
        padded = functional.pad(pair, [margin_x, margin_y], padding_mode="reflect")
        moved = functional.affine(
            padded,
            angle=uniform(config.degrees),
            translate=[uniform(config.translate) * w, uniform(config.translate) * h],
            scale=1 + uniform(config.scale),
            shear=[uniform(config.shear), uniform(config.shear)],
            interpolation=InterpolationMode.BILINEAR,
        )
        pair = functional.center_crop(moved, [h, w])

    # Colour, on [0, 1] as torchvision wants it.
    if config.brightness or config.contrast or config.saturation or config.hue:
        pair = pair * 0.5 + 0.5
        pair = functional.adjust_brightness(pair, 1 + uniform(config.brightness))
        pair = functional.adjust_contrast(pair, 1 + uniform(config.contrast))
        pair = functional.adjust_saturation(pair, 1 + uniform(config.saturation))
        if config.hue:
            pair = functional.adjust_hue(pair, uniform(config.hue))
        pair = pair * 2 - 1
    return pair
