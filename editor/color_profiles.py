"""ICC color profiles: from the colors of a file to sRGB, as a color-managed viewer shows them.

What a profile does is found by trying it on a chart, never by its name: a linear profile may be called "Linear sRGB".
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

SAME_COLORS = 2  # of 255 levels; what rounding makes of colors between two of the profiles that are called sRGB
EXACT = ImageCms.Flags.NOOPTIMIZE  # or the darkest grays are off by six levels
CHART_STEPS = 9  # for each channel

Levels = NDArray[np.float64]
PLAIN: Levels = np.repeat(np.arange(256.0)[:, None], 3, axis=1)  # the curve that changes nothing


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the colors of a picture as 8-bit sRGB.

    Args:
        image: Without transparency. A gray picture may have 16 bits (modes I and I;16, 0 to 65535).
        profile: The ICC profile that came with it, if one did. One that is broken, or that is made for another color
            space than the picture's, is ignored, as viewers do.

    Returns:
        RGB picture. Where the profile is that of sRGB, all of its pixels are kept to the bit.

    Raises:
        ValueError: The values of a pixel exceed 16 bits.
    """
    opened = _opened(profile) if profile else None
    space = opened.profile.xcolor_space if opened else ""
    if image.mode in ("I", "L") or image.mode.startswith("I;16"):
        if opened is not None and space == "GRAY":
            return _gray_to_srgb(image, opened)
        if image.mode != "L":
            image = _by_table(image, PLAIN)
    if image.mode == "CMYK" and opened is not None and space == "CMYK":
        return _transformed(image, opened)
    if image.mode != "RGB":  # a gray picture may come with an RGB profile
        image = image.convert("RGB")
    if opened is None or space != "RGB " or _is_srgb(profile):
        return image
    return _transformed(image, opened)


def _opened(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None


def _transformed(image: Image.Image, profile: ImageCms.ImageCmsProfile, flags: int = 0) -> Image.Image:
    try:
        return ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB", flags=flags)
    except ImageCms.PyCMSError:  # for instance a profile that only describes a device's output
        return image.convert("RGB")


@lru_cache(maxsize=8)  # the pictures of one drop mostly share one
def _is_srgb(profile: bytes) -> bool:
    """Return whether an RGB profile leaves the colors of a chart as they are: a cube, and all grays."""
    opened = _opened(profile)
    steps = np.linspace(0, 255, CHART_STEPS)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    grays = np.repeat(np.arange(256.0)[None, :, None], 3, axis=2)
    chart = np.concatenate([cube, grays], axis=1).round().astype(np.uint8)
    shown = _transformed(Image.fromarray(chart), opened) if opened else Image.fromarray(chart)
    return bool(np.abs(np.asarray(shown, int) - chart).max() <= SAME_COLORS)


def _gray_to_srgb(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """Return a gray picture in sRGB, by the curve of its profile, between whose 256 values those of 16 bits lie."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    curve = np.asarray(_transformed(ramp, profile, EXACT), np.float64)[0]
    return _by_table(image, curve)


def _by_table(image: Image.Image, curve: Levels) -> Image.Image:
    """Return an RGB picture: a curve, (256, 3) in [0, 255], applied to a gray one of 8 or 16 bits."""
    values = np.asarray(image)
    top = 255 if image.mode == "L" else 65_535
    if image.mode != "L" and (values.min() < 0 or values.max() > top):
        raise ValueError("its pixels have more than 16 bits")
    places = np.arange(top + 1) * (255 / top)
    table = np.stack([np.interp(places, np.arange(256), channel) for channel in curve.T], axis=-1)
    return Image.fromarray(table.round().astype(np.uint8)[values])
