"""The error of an edit inside the region that should change, and outside of it."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from editor.metrics.diou import check_same_shape, edited_region

LEVELS = 255 / 2  # 8-bit levels per unit of a tensor in [-1, 1]


class RegionErrors(NamedTuple):
    """Root mean square errors in 8-bit levels, 0 to 255, one per picture.

    Attributes:
        inside: Over the pixels that source and target differ in, (b,); NaN where there are none.
        outside: Over all others, (b,); NaN where there are none.
    """

    inside: Tensor
    outside: Tensor


def region_errors(source: Tensor, edit: Tensor, target: Tensor) -> RegionErrors:
    """Measure the error inside and outside the region that should be edited, as `diou.edited_region` finds it.

    Args:
        source: Pictures before, (b, 3, h, w) in [-1, 1].
        edit: Their edits, same shape.
        target: Their true targets, same shape.

    Raises:
        ValueError: The shapes differ.
    """
    check_same_shape(source, edit, target)
    region = edited_region(source, target)
    squared = (edit.float() - target.float()).square().mean(dim=1)  # (b, h, w)
    return RegionErrors(inside=_root_mean(squared, region), outside=_root_mean(squared, ~region))


def _root_mean(squared: Tensor, where: Tensor) -> Tensor:
    count = where.sum((1, 2))
    root = ((squared * where).sum((1, 2)) / count.clamp(min=1)).sqrt() * LEVELS
    return root.where(count > 0, torch.nan)
