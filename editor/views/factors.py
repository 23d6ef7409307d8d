"""Pictures of the factors by which M_y multiplies: y_j_hat = kept * moved x_j + paint + alpha * canvas."""

from __future__ import annotations

from PIL import Image
from torch import Tensor

from editor.images import to_image
from editor.views.palette import Palette, Tick, color_bar

SHADES = Palette(("#000000", "#ffffff"))


def kept_picture(kept: Tensor) -> Image.Image:
    """Draw `kept`: white where x_j is kept, black where it is painted over.

    Args:
        kept: (h, w); values outside [0, 1] are clamped.

    Returns:
        RGB picture of w x h pixels.
    """
    return to_image(SHADES(kept.detach().float().cpu()))


def kept_legend() -> Image.Image:
    """Draw the key to `kept_picture`."""
    ticks = [Tick(k / 4, f"{25 * k}%") for k in range(5)]
    return color_bar(SHADES, "Kept of x_j", ticks, "black: painted over    white: kept as it is")


def alpha_picture(alpha: Tensor) -> Image.Image:
    """Draw alpha: white where the reference is copied, black where it is not.

    Args:
        alpha: (h, w); values outside [0, 1] are clamped.

    Returns:
        RGB picture of w x h pixels.
    """
    return to_image(SHADES(alpha.detach().float().cpu()))


def alpha_legend() -> Image.Image:
    """Draw the key to `alpha_picture`."""
    ticks = [Tick(k / 4, f"{25 * k}%") for k in range(5)]
    return color_bar(SHADES, "Copied from y_i", ticks, "black: nothing    white: all that is seen")
