"""Scoring test edits: every figure of quality that the tables show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from torch import Tensor

from editor.metrics.diou import diou, edited_region, union_diou
from editor.metrics.judges import NO_JUDGES, Judges
from editor.metrics.psnr import psnr, ssim
from editor.metrics.region import region_errors
from editor.metrics.sharpness import sharpness


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Means over the test pictures (Sec. 5.1); None where a figure is not defined or its network is not there.

    Attributes:
        psnr: dB, higher is better.
        ssim: In [-1, 1], higher is better.
        diou: Mean of each picture's own, in [0, 1], higher is better.
        union_diou: The paper's form, in which the regions of all pictures are united.
        error_inside: Root mean square error in the region that should change, 8-bit levels, lower is better.
        error_outside: The same outside of that region.
        sharpness: Energy of fine detail against the truth's; 1 is right.
        sharpness_inside: The same in the region that should change.
        st_lpips: Shift-tolerant LPIPS, lower is better.
        frechet: Fréchet distance by EfficientNet-lite0, lower is better.
        lpips: Lower is better.
        fid: Lower is better.
    """

    psnr: float | None
    ssim: float | None
    diou: float | None
    union_diou: float | None
    error_inside: float | None
    error_outside: float | None
    sharpness: float | None
    sharpness_inside: float | None
    st_lpips: float | None = None
    frechet: float | None = None
    lpips: float | None = None
    fid: float | None = None


def score(*, x: Tensor, y_hat: Tensor, y: Tensor, judges: Judges = NO_JUDGES) -> Figures:
    """Compare edits with the truth.

    Args:
        x: Sources, (b, 3, h, w) in [-1, 1].
        y_hat: Their edits, same shape.
        y: Their true targets, same shape.
        judges: Measure what needs pretrained networks; a figure whose network is not there stays None.
    """
    errors = region_errors(source=x, edit=y_hat, target=y)
    region = edited_region(x, y)
    return Figures(
        psnr=_mean(psnr(y_hat, y)),
        ssim=_mean(ssim(y_hat, y)),
        diou=_mean(diou(source=x, edit=y_hat, target=y)),
        union_diou=_mean(union_diou(source=x, edit=y_hat, target=y)),
        error_inside=_mean(errors.inside),
        error_outside=_mean(errors.outside),
        sharpness=_mean(sharpness(y_hat, y)),
        sharpness_inside=_mean(sharpness(y_hat, y, region)),
        **judges.judge(y_hat, y)._asdict(),
    )


def mean_figures(rows: Sequence[Figures]) -> Figures:
    """Return the mean of every figure over several models; None for a figure that one of them lacks."""
    return Figures(**{item.name: mean_or_none([getattr(row, item.name) for row in rows]) for item in fields(Figures)})


def mean_or_none(values: Sequence[float | None]) -> float | None:
    """Return the mean; None if there is no value, or one is None."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def _mean(values: Tensor) -> float | None:
    """Return the mean over the pictures for which the figure is defined, that is not NaN."""
    mean = values.double().nanmean().item()
    return None if math.isnan(mean) else mean
