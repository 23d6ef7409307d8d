"""Where an edit belongs: a mask of what the answer means to change, and what a mask leaves alone."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn import functional

# 8-bit levels: what is surely meant, and what belongs to it if it is next to that. Both are less for an edit whose
# greatest change is below twice the first: a subtle one, or one that is only beginning to be learned.
STRONG, WEAK = 20.0, 6.0
GROWTH = 1 / 64  # of the model's side: how far the mask reaches beyond the change, half of it feathered
BRUSH_FEATHER = 1 / 200  # of the longest side


def learned_region(x_j: Tensor, y_j_hat: Tensor) -> Tensor:
    """Return where an edit means to change a picture: specks are left out, the edge is feathered.

    Hysteresis, as in Canny's edges: a clear change counts, and so does a faint one that is connected with it. Faint
    changes by themselves are what a network cannot help doing.

    Args:
        x_j: The picture, (1, 3, h, w) in [-1, 1]; its shorter side is the model's.
        y_j_hat: The edit of it, same shape.

    Returns:
        (1, 1, h, w) in [0, 1]: 1 over the change, falling to exactly 0 away from it.
    """
    change = (y_j_hat - x_j).abs().mean(dim=1, keepdim=True) * 127.5  # levels
    change = functional.avg_pool2d(change, 3, stride=1, padding=1, count_include_pad=False)
    scale = min(1.0, change.max().item() / (2 * STRONG))
    weak = (change > WEAK * scale).float()
    region = (change > STRONG * scale).float()
    while True:
        grown = functional.max_pool2d(region, 3, stride=1, padding=1) * weak
        if torch.equal(grown, region):
            break
        region = grown
    reach = max(2, round(GROWTH * min(x_j.shape[-2:])))
    region = functional.max_pool2d(region, 2 * reach + 1, stride=1, padding=reach)
    blur = reach // 2  # twice, so that what changes stays fully inside
    for _ in range(2):  # of finite reach, unlike a Gaussian, so that 0 is 0
        region = functional.avg_pool2d(region, 2 * blur + 1, stride=1, padding=blur, count_include_pad=False)
    return region


def mask_for(region: Tensor, box: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
    """Return a region of what the model sees as a mask of the original, mode L: 255 to change, 0 to leave alone.

    Args:
        region: (1, 1, h, w) in [0, 1].
        box: Where the original lies in there, see `images.Fit`.
        size: Width and height of the mask.
    """
    levels = (region[0, 0] * 255).round().to(torch.uint8).cpu().numpy()
    return Image.fromarray(levels).resize(size, Image.Resampling.BILINEAR, box=box)


def brushed_mask(drawing: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return what a person brushed, white on black, as a mask of the original with a soft edge, mode L."""
    radius = max(1, round(BRUSH_FEATHER * max(drawing.size)))
    return drawing.convert("L").filter(ImageFilter.BoxBlur(radius)).resize(size, Image.Resampling.BILINEAR)


def confine(edit: Image.Image, original: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the edit where the mask is 255 and the original, bit by bit, where it is 0. All have one size."""
    return Image.composite(edit, original, mask)


def change_outside(before: Image.Image, after: Image.Image, mask: Image.Image) -> float | None:
    """Return the mean absolute difference in 8-bit levels where a mask is 0; None where it is 0 nowhere."""
    outside = np.asarray(mask) == 0
    if not outside.any():
        return None
    a, b = (np.asarray(picture)[outside] for picture in (before, after))
    return float((np.maximum(a, b) - np.minimum(a, b)).mean())


def jpeg_change(image: Image.Image, mask: Image.Image, quality: int = 95) -> float | None:
    """Return what saving as JPEG does where a mask is 0, as `change_outside` measures it: something to compare with."""
    data = BytesIO()
    image.save(data, format="JPEG", quality=quality)
    return change_outside(image, Image.open(data).convert("RGB"), mask)
