"""Masks: where an edit changes the picture, and how well everything outside the mask is kept."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor
from torch.nn import functional

# The two thresholds of the hysteresis, in 8-bit levels. Both are scaled down where the greatest change of an edit is
# below twice the first: a subtle edit, or one after a few steps of training.
STRONG, WEAK = 20.0, 6.0
GROWTH = 1 / 64  # of the model's side: how far the mask reaches beyond the change, half of it feathered
BRUSH_FEATHER = 1 / 200  # of the longest side


def learned_region(x_j: Tensor, y_j_hat: Tensor) -> Tensor:
    """Return the region that an edit changes, without isolated specks and with a feathered edge.

    Hysteresis thresholding, as in Canny's edge detector: a change above the strong threshold counts, and so does one
    above the weak threshold that is connected with it. Weak changes elsewhere are the error of the network.

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
    """Return a region at the model's size as a mask of the original, mode L: 255 to change, 0 to keep.

    Args:
        region: (1, 1, h, w) in [0, 1].
        box: Where the original lies in the region, see `images.Fit`.
        size: Width and height of the mask.
    """
    levels = (region[0, 0] * 255).round().to(torch.uint8).cpu().numpy()
    return Image.fromarray(levels).resize(size, Image.Resampling.BILINEAR, box=box)


def brushed_mask(drawing: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a person's brush strokes, white on black, as a mask of the original with a feathered edge, mode L."""
    radius = max(1, round(BRUSH_FEATHER * max(drawing.size)))
    return drawing.convert("L").filter(ImageFilter.BoxBlur(radius)).resize(size, Image.Resampling.BILINEAR)


def confine(edit: Image.Image, original: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the edit where the mask is 255 and the unchanged original where it is 0. All three have the same size."""
    return Image.composite(edit, original, mask)


def change_outside(before: Image.Image, after: Image.Image, mask: Image.Image) -> float | None:
    """Return the mean absolute difference in 8-bit levels over the pixels whose mask is 0; None if there are none."""
    outside = np.asarray(mask) == 0
    if not outside.any():
        return None
    a, b = (np.asarray(picture)[outside] for picture in (before, after))
    return float((np.maximum(a, b) - np.minimum(a, b)).mean())


def jpeg_change(image: Image.Image, mask: Image.Image, quality: int = 95) -> float | None:
    """Return the `change_outside` that saving as JPEG causes, as a yardstick for that of an edit."""
    return change_outside(image, as_jpeg(image, quality), mask)


def as_jpeg(image: Image.Image, quality: int = 95) -> Image.Image:
    """Return a picture as it is after it was saved as JPEG."""
    data = BytesIO()
    image.save(data, format="JPEG", quality=quality)
    return Image.open(data).convert("RGB")
