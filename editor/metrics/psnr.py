"""PSNR and SSIM: how close two pictures are, pixel by pixel. Both are symmetric, and higher is better."""

from __future__ import annotations

from torch import Tensor

DATA_RANGE = (-1.0, 1.0)  # values outside are clamped, as they are when a picture is shown
MAX_PSNR = 100.0  # dB, for equal pictures, where the ratio itself is infinite


def psnr(a: Tensor, b: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio of each picture, in dB (Sec. 5.1).

    Args:
        a: (b, 3, h, w) in [-1, 1].
        b: The same shape.

    Returns:
        (b,), at most `MAX_PSNR`.

    Raises:
        ValueError: The shapes differ.
    """
    from torchmetrics.functional.image import peak_signal_noise_ratio  # here: whoever only edits does without

    _check(a, b)
    values = peak_signal_noise_ratio(a.float(), b.float(), data_range=DATA_RANGE, reduction="none", dim=(1, 2, 3))
    return values.clamp(max=MAX_PSNR)


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Return the structural similarity of each picture: Gaussian window of 11 pixels, mean over channels.

    Args:
        a: (b, 3, h, w) in [-1, 1].
        b: The same shape.

    Returns:
        (b,) in [-1, 1]; 1 for equal pictures.

    Raises:
        ValueError: The shapes differ.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    _check(a, b)
    # The luminance term of SSIM compares means and is defined for values from 0 up.
    a, b = ((image.float() + 1) / 2 for image in (a, b))
    values = structural_similarity_index_measure(a, b, data_range=(0.0, 1.0), reduction="none")
    return values.reshape(a.shape[0])  # torchmetrics drops the axis where there is one picture


def _check(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape or a.ndim != 4:
        raise ValueError(f"expected two tensors of one shape (b, 3, h, w), got {tuple(a.shape)} and {tuple(b.shape)}")
