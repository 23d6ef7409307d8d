"""Pictures of C, the color affine (Eq. 2): one map for its scale, one for its shift, white where it does nothing.

C works on pictures in [-1, 1]. A scale is therefore a contrast about middle gray, and a shift a change of brightness.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from PIL import Image, ImageColor
from torch import Tensor

from editor.images import to_image
from editor.views.palette import DIVERGING, Tick, color_bar

PERCENTILE = 0.99  # of the values of C that the automatic range covers; outliers are ignored
MIN_STOPS, MAX_STOPS = 0.25, 3.0  # of the automatic range: at an eighth of the contrast, nothing is left to see
MIN_SHIFT = 0.02
STOPS_PER_SHIFT = 4.0  # of a fixed range: doubling the contrast looks about as strong as a shift by a quarter
NEGATIVE = "#2e7d32"  # for scales of zero or less, which have no logarithm and turn light into dark
CLIPPED = "#77726b"
STRIPE = 4  # pixels from one gray stripe to the next
ROUNDING = 1e-3  # tolerance for rounding, so that white times one is not clipped


class ColorRange(NamedTuple):
    """The values of C at which its maps have their full colors.

    Attributes:
        stops: log2 of the scale: 1 for half and double.
        shift: The shift, as a share of the full range from black to white.
        is_automatic: Whether it was fitted to one C, so that pictures of different C cannot be compared.
    """

    stops: float
    shift: float
    is_automatic: bool = False

    @classmethod
    def fixed(cls, shift: float) -> ColorRange:
        """Return the range that ends at a shift, and at the scale that looks about as strong."""
        return cls(STOPS_PER_SHIFT * shift, shift)

    @classmethod
    def fitted(cls, affine: Tensor) -> ColorRange:
        """Return the range that covers the values of one C.

        Runs differ 40-fold in it: on photographs the 99th percentile of the shift is 3 to 25 % of the range and that of
        the scale 0.1 to 2.4 stops; on flat cartoons they are 30 to 117 % and 1.5 to 9 stops, and a tenth of the scales
        is not even positive.

        Args:
            affine: C, (2, h, w): scale and shift.

        Raises:
            ValueError: The affine has another shape or holds values that are not finite.
        """
        scale, shift = _parts(affine)
        positive = scale[scale > 0]
        stops = torch.quantile(_stops(positive).abs(), PERCENTILE).item() if len(positive) else MAX_STOPS
        share = torch.quantile(shift.abs().flatten() / 2, PERCENTILE).item()
        return cls(min(max(stops, MIN_STOPS), MAX_STOPS), max(share, MIN_SHIFT), is_automatic=True)


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


def scale_picture(affine: Tensor, range_: ColorRange, *, clipped: Tensor | None = None) -> Image.Image:
    """Draw the scale of C: white is 1, red more contrast, blue less, green a scale that is not positive.

    Gray stripes lie where the scale exceeds what the bar can show, and where C leaves the range of colors.

    Args:
        affine: C, (2, h, w): scale and shift.
        range_: Values with full colors.
        clipped: Where C leaves the range of colors, (h, w) bool.

    Returns:
        RGB picture of w x h pixels.

    Raises:
        ValueError: The tensor has another shape or holds values that are not finite.
    """
    scale, _ = _parts(affine)
    stops = _stops(scale)
    colors = _striped(DIVERGING(stops / (2 * range_.stops) + 0.5), stops.abs() > range_.stops, clipped)
    green = torch.tensor(ImageColor.getrgb(NEGATIVE)).view(3, 1, 1) / 127.5 - 1
    return to_image(torch.where(scale > 0, colors, green))


def shift_picture(affine: Tensor, range_: ColorRange, *, clipped: Tensor | None = None) -> Image.Image:
    """Draw the shift of C: white is 0, red brighter, blue darker; gray stripes as in `scale_picture`.

    Args:
        affine: C, (2, h, w): scale and shift.
        range_: Values with full colors.
        clipped: Where C leaves the range of colors, (h, w) bool.

    Returns:
        RGB picture of w x h pixels.

    Raises:
        ValueError: The tensor has another shape or holds values that are not finite.
    """
    _, shift = _parts(affine)
    share = shift / 2
    return to_image(_striped(DIVERGING(share / (2 * range_.shift) + 0.5), share.abs() > range_.shift, clipped))


def scale_legend(affine: Tensor, range_: ColorRange) -> Image.Image:
    """Draw the key to `scale_picture`, with the lowest, mean and highest scale of `affine`."""
    ticks = [Tick(k / 4, f"{2 ** (range_.stops * (k / 2 - 1)):.2g}x") for k in range(5)]
    scale, _ = _parts(affine)
    found = [
        Tick(_stops(value).item() / (2 * range_.stops) + 0.5, f"{name} {value:.2f}x") for name, value in _summary(scale)
    ]
    note = "blue: less    red: more    green: negative    stripes: clipped"
    return color_bar(DIVERGING, _title("Color C, scale: contrast", range_), ticks, note, found)


def shift_legend(affine: Tensor, range_: ColorRange) -> Image.Image:
    """Draw the key to `shift_picture`, with the lowest, mean and highest shift of `affine`."""
    ticks = [Tick(k / 4, _percent(range_.shift * (k / 2 - 1))) for k in range(5)]
    _, shift = _parts(affine)
    found = [
        Tick(value.item() / (2 * range_.shift) + 0.5, f"{name} {_percent(value.item())}")
        for name, value in _summary(shift / 2)
    ]
    note = "blue: darker    red: brighter, % of the range    stripes: clipped"
    return color_bar(DIVERGING, _title("Color C, shift: brightness", range_), ticks, note, found)


def _title(what: str, range_: ColorRange) -> str:
    return f"{what} ({'automatic' if range_.is_automatic else 'fixed'} range)"


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
