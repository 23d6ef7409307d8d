"""A heat map of where two pictures differ."""

from __future__ import annotations

from PIL import Image
from torch import Tensor

from editor.images import to_image
from editor.views.palette import SEQUENTIAL, Tick, color_bar

MAX_ERROR = 0.25  # share of the full range that gets the brightest color


def error_picture(a: Tensor, b: Tensor, max_error: float = MAX_ERROR) -> Image.Image:
    """Draw the absolute difference, averaged over the channels: dark is equal.

    Args:
        a: (3, h, w) in [-1, 1].
        b: The same shape.
        max_error: The difference that gets the brightest color, as a share of the full range.

    Returns:
        RGB picture of w x h pixels.

    Raises:
        ValueError: The shapes differ.
    """
    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"expected two tensors of one shape (3, h, w), got {tuple(a.shape)}, {tuple(b.shape)}")
    difference = (a.detach().float() - b.detach().float()).abs().mean(dim=0).cpu() / 2  # share of the full range
    return to_image(SEQUENTIAL(difference / max_error))


def error_legend(max_error: float = MAX_ERROR) -> Image.Image:
    """Draw the key to `error_picture`."""
    ticks = [Tick(k / 5, f"{100 * max_error * k / 5:.3g}%") for k in range(6)]
    note = "mean over channels, in percent of the full range"
    return color_bar(SEQUENTIAL, "Absolute difference", ticks, note)
