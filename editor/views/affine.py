"""Pictures of C, the color affine (Eq. 2): one map for its scale, one for its shift, white where it does nothing.

C works on pictures in [-1, 1]. A scale is therefore a contrast about middle gray, and a shift a change of brightness.
"""

from __future__ import annotations

import torch
from PIL import Image, ImageColor
from torch import Tensor

from editor.images import to_image
from editor.views.colormap import DIVERGING, Tick, color_bar

MAX_STOPS = 1.0  # log2 of the scale at the ends of the map: half and double
MAX_SHIFT = 0.25  # share of the full range at the ends of the map
NEGATIVE = "#2e7d32"  # a scale of zero or less has no logarithm and turns light into dark: worth a color of its own
CLIPPED = "#77726b"
STRIPE = 4  # pixels from one gray stripe to the next
ROUNDING = 1e-3  # what white times one may exceed 1 by


def clipping(affine: Tensor, image: Tensor) -> Tensor:
    """Return where C leaves the range of colors, (h, w) bool: where scale * image + shift is outside [-1, 1].

    Args:
        affine: C, (2, h, w): scale and shift.
        image: What it is applied to, (3, h, w) in [-1, 1].

    Raises:
        ValueError: The affine has another shape or holds values that are not finite.
    """
    scale, shift = _parts(affine)
    return (scale * image.detach().float().cpu() + shift).abs().amax(dim=0) > 1 + ROUNDING


def scale_picture(affine: Tensor, max_stops: float = MAX_STOPS, *, clipped: Tensor | None = None) -> Image.Image:
    """Draw the scale of C: white is 1, red more contrast, blue less, green a scale that is not positive.

    Gray stripes lie where the scale exceeds what the bar can show, and where C leaves the range of colors.

    Args:
        affine: C, (2, h, w): scale and shift.
        max_stops: log2 of the scale that gets the full color.
        clipped: Where C leaves the range of colors, (h, w) bool.

    Returns:
        RGB picture of w x h pixels.

    Raises:
        ValueError: The tensor has another shape or holds values that are not finite.
    """
    scale, _ = _parts(affine)
    stops = _stops(scale)
    colors = _striped(DIVERGING(stops / (2 * max_stops) + 0.5), stops.abs() > max_stops, clipped)
    green = torch.tensor(ImageColor.getrgb(NEGATIVE)).view(3, 1, 1) / 127.5 - 1
    return to_image(torch.where(scale > 0, colors, green))


def shift_picture(affine: Tensor, max_shift: float = MAX_SHIFT, *, clipped: Tensor | None = None) -> Image.Image:
    """Draw the shift of C: white is 0, red brighter, blue darker; gray stripes as in `scale_picture`.

    Args:
        affine: C, (2, h, w): scale and shift.
        max_shift: The shift that gets the full color, as a share of the full range from black to white.
        clipped: Where C leaves the range of colors, (h, w) bool.

    Returns:
        RGB picture of w x h pixels.

    Raises:
        ValueError: The tensor has another shape or holds values that are not finite.
    """
    _, shift = _parts(affine)
    share = shift / 2
    return to_image(_striped(DIVERGING(share / (2 * max_shift) + 0.5), share.abs() > max_shift, clipped))


def scale_legend(affine: Tensor | None = None, max_stops: float = MAX_STOPS) -> Image.Image:
    """Draw the key to `scale_picture`, with the lowest, mean and highest scale of `affine` where it is given."""
    ticks = [Tick(k / 4, f"{2 ** (max_stops * (k / 2 - 1)):.2g}x") for k in range(5)]
    found = []
    if affine is not None:
        scale, _ = _parts(affine)
        found = [
            Tick(_stops(value).item() / (2 * max_stops) + 0.5, f"{name} {value:.2f}x")
            for name, value in _summary(scale)
        ]
    note = "blue: less    red: more    green: negative    stripes: clipped"
    return color_bar(DIVERGING, "Color C, scale: contrast", ticks, note, found)


def shift_legend(affine: Tensor | None = None, max_shift: float = MAX_SHIFT) -> Image.Image:
    """Draw the key to `shift_picture`, with the lowest, mean and highest shift of `affine` where it is given."""
    ticks = [Tick(k / 4, _percent(max_shift * (k / 2 - 1))) for k in range(5)]
    found = []
    if affine is not None:
        _, shift = _parts(affine)
        found = [
            Tick(value.item() / (2 * max_shift) + 0.5, f"{name} {_percent(value.item())}")
            for name, value in _summary(shift / 2)
        ]
    note = "blue: darker    red: brighter, % of the range    stripes: clipped"
    return color_bar(DIVERGING, "Color C, shift: brightness", ticks, note, found)


def _striped(colors: Tensor, beyond: Tensor, clipped: Tensor | None) -> Tensor:
    """Lay gray stripes on the colors (3, h, w) where one of the masks (h, w) says so."""
    mask = beyond if clipped is None else beyond | clipped
    height, width = mask.shape
    diagonal = torch.arange(height)[:, None] + torch.arange(width)
    stripe = diagonal % STRIPE < STRIPE // 2
    gray = torch.tensor(ImageColor.getrgb(CLIPPED)).view(3, 1, 1) / 127.5 - 1
    return torch.where(mask & stripe, gray, colors)


def _parts(affine: Tensor) -> tuple[Tensor, Tensor]:
    """Return scale and shift, (h, w) each."""
    if affine.ndim != 3 or affine.shape[0] != 2:
        raise ValueError(f"expected an affine of shape (2, h, w), got {tuple(affine.shape)}")
    if not affine.isfinite().all():
        raise ValueError("the affine holds values that are not finite")
    scale, shift = affine.detach().float().cpu()
    return scale, shift


def _stops(scale: Tensor) -> Tensor:
    return scale.clamp(min=1e-6).log2()


def _summary(values: Tensor) -> list[tuple[str, Tensor]]:
    return [("min", values.min()), ("mean", values.mean()), ("max", values.max())]


def _percent(share: float) -> str:
    return f"{100 * share:+.3g}%" if round(share, 4) else "0%"
