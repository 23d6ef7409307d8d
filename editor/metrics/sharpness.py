"""Sharpness: the energy of an edit's high spatial frequencies, relative to that of the truth."""

from __future__ import annotations

import torch
from torch import Tensor

CUTOFF = 0.5  # of the Nyquist frequency: waves shorter than 4 pixels count as fine detail
LEAST_ENERGY = 1e-6  # per pixel and channel; with less in the truth the ratio means nothing


def fine_detail(image: Tensor, cutoff: float = CUTOFF) -> Tensor:
    """Return a picture after a high-pass filter, same shape.

    The picture is mirrored at its borders first, because the Fourier transform would see them as edges.

    Args:
        image: (b, 3, h, w) in [-1, 1].
        cutoff: Lowest frequency that is kept, as a share of the Nyquist frequency.
    """
    h, w = image.shape[-2:]
    wide = torch.cat([image.float(), image.float().flip(-1)], dim=-1)
    tiled = torch.cat([wide, wide.flip(-2)], dim=-2)  # (b, 3, 2h, 2w)
    rows = torch.fft.fftfreq(2 * h, device=image.device)[:, None] * 2  # share of Nyquist
    columns = torch.fft.rfftfreq(2 * w, device=image.device)[None] * 2
    keep = (rows.square() + columns.square()).sqrt() >= cutoff
    return torch.fft.irfft2(torch.fft.rfft2(tiled) * keep, s=(2 * h, 2 * w))[..., :h, :w]


def sharpness(edit: Tensor, target: Tensor, region: Tensor | None = None, cutoff: float = CUTOFF) -> Tensor:
    """Return the energy of fine detail in each edit, divided by that of its truth.

    1 is as sharp as the truth, less is blurrier, more means noise or wrong detail. Twice the amplitude gives 4.

    Args:
        edit: (b, 3, h, w) in [-1, 1].
        target: Same shape.
        region: The pixels that count, (b, h, w) bool; all by default.
        cutoff: See `fine_detail`.

    Returns:
        (b,); NaN where the truth has no fine detail there.

    Raises:
        ValueError: The shapes differ.
    """
    if edit.shape != target.shape or edit.ndim != 4:
        raise ValueError(f"expected two tensors (b, 3, h, w), got {tuple(edit.shape)} and {tuple(target.shape)}")
    where = edit.new_ones(edit.shape[:1] + edit.shape[2:]) if region is None else region.to(edit.dtype)
    pixels = where.sum((1, 2)).clamp(min=1) * edit.shape[1]
    ours, truth = (
        (fine_detail(image, cutoff).square().sum(dim=1) * where).sum((1, 2)) / pixels for image in (edit, target)
    )
    return (ours / truth.clamp(min=LEAST_ENERGY)).where(truth > LEAST_ENERGY, torch.nan)
