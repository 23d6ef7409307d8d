"""The only place where pictures become tensors, and where files of a person are decoded.

A picture is a `PIL.Image.Image` in mode RGB, 8 bits per channel, upright.
A tensor is (3, h, w) float32 in [-1, 1].

A model works on squares, and a run decides once how a picture that is none becomes one (`RunConfig.fit`):

    "whole"   its longest side is that of the square; the rest is mirrored margins
    "crop"    its shortest side is that of the square; the middle is learned from, and of a photo to edit all is seen,
              as a strip that `editing.windows` goes along
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError
from torch import Tensor

from editor.config import FitMode
from editor.errors import UserError
from editor.files import replace_file

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF")
HEIF_SUFFIXES = frozenset({".heic", ".heif"})  # what phones take; needs pillow-heif
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif"}) | HEIF_SUFFIXES
MAX_PIXELS = 64_000_000
MAX_SIDE = 16_384  # pixels
MAX_SQUARES = 8  # length of a strip; what is longer still gets margins, or it would take any amount of memory


class ImageError(UserError):
    """A picture that cannot be used. The message is a sentence for the person who chose the file."""


class Fit(NamedTuple):
    """How a picture of any shape was brought to the size of a model, all in pixels.

    Attributes:
        size: Width and height of the original picture.
        box: Left, top, right and bottom of its content in what the model sees, a square or a strip.
    """

    size: tuple[int, int]
    box: tuple[int, int, int, int]


def load_image(path: Path, name: str | None = None) -> Image.Image:
    """Read a picture that anyone may have made.

    The size is checked before any pixel is decoded, only `FORMATS` are tried, and nothing but the pixels is
    kept (a photo's GPS position stays behind). Orientation and an RGB color profile are applied, transparency
    is laid on white, 16-bit gray becomes 8-bit, and of an animation the first frame is taken.

    Args:
        path: The file.
        name: What the person calls the file; the file's own name by default.

    Returns:
        An upright RGB picture.

    Raises:
        ImageError: The file is missing, empty, damaged, too large or not a picture.
    """
    with _opened(path, name or path.name) as image:
        image.load()  # here and nowhere else: what fails to load once, Pillow calls loaded the next time
        return _to_srgb(_upright(image))


def picture_size(path: Path, name: str | None = None) -> tuple[int, int]:
    """Return width and height of a picture, upright, without decoding its pixels.

    Raises:
        ImageError: The file is missing, empty, too large or not a picture.
    """
    with _opened(path, name or path.name) as image:
        return image.size[::-1] if _lies_on_its_side(image) else image.size


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Image.Image]:
    """Open a picture whose size is checked; whatever goes wrong inside the block is told as ImageError."""
    if not path.is_file():
        raise ImageError(f"There is no file {name}. Choose it again.")
    if path.stat().st_size == 0:
        raise ImageError(f"{name} is empty. Save it again, or choose another file.")
    try:
        with Image.open(path, formats=_formats()) as image:
            _check_size(image, name)
            yield image
    except ImageError:
        raise
    except UnidentifiedImageError as error:
        raise ImageError(_not_a_picture(path, name)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(_too_large(name, "far too many pixels")) from error
    except Exception as error:  # Pillow's decoders raise almost any type when the bytes are bad
        raise ImageError(
            f"{name} is damaged or incomplete ({error}). Export it again as PNG or JPEG, or leave it out."
        ) from error


@cache
def _formats() -> tuple[str, ...]:
    """Return what Pillow may try, with HEIF where its decoder is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return FORMATS
    register_heif_opener(thumbnails=False)
    return (*FORMATS, "HEIF")


def _not_a_picture(path: Path, name: str) -> str:
    with path.open("rb") as file:
        kind = file.read(12)[4:]
    if "HEIF" not in _formats() and kind in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc"):
        return (
            f"{name} is a HEIC picture, and the decoder for these is not installed. Install it with "
            f"pip install pillow-heif and start Pairbrush again, or save the picture as JPEG (on an "
            "iPhone: Settings, Camera, Formats, Most Compatible)."
        )
    return f"{name} is not a picture that can be read here. Save it as PNG, JPEG or WebP and try again."


def save_png(image: Image.Image, path: Path, *, is_lasting: bool = True) -> None:
    """Write a picture as PNG, whole or not at all, without any metadata.

    Args:
        image: The picture.
        path: Where.
        is_lasting: Whether it must survive a power cut, see `files.replace_file`.

    Raises:
        OSError: The disk is full or the folder cannot be written. An older file at `path` is then untouched.
    """
    data = BytesIO()
    _only_pixels(image).save(data, format="PNG")
    replace_file(path, data.getvalue(), is_lasting=is_lasting)


def square_of(image: Image.Image, size: int, fit: FitMode = "whole") -> Image.Image:
    """Return what a model learns from a picture of any shape: all of it with margins, or its middle square.

    Args:
        image: RGB picture, any size.
        size: Side of the square in pixels.
        fit: Which of the two.
    """
    if fit == "crop":
        side = min(image.size)
        left, top = ((length - side) // 2 for length in image.size)
        image = image.crop((left, top, left + side, top + side))
    return fit_to_square(image, size)[0]


def fit_to_square(image: Image.Image, size: int) -> tuple[Image.Image, Fit]:
    """Put a picture of any shape into a square without cropping or stretching it.

    The longest side becomes `size`; the rest is filled with the mirrored content, so that the margin looks
    like the picture and not like a frame. A picture of size x size comes back unchanged.

    Args:
        image: RGB picture, any size.
        size: Side of the square in pixels.

    Returns:
        The square picture and where the content lies in it.
    """
    return _placed(image, size / max(image.size), lambda _: size)


def fit_to_strip(image: Image.Image, size: int, step: int) -> tuple[Image.Image, Fit]:
    """Make the shortest side of a picture `size`, without cropping or stretching it. A square becomes a square.

    Args:
        image: RGB picture, any size.
        size: Shortest side of the strip in pixels.
        step: The longest side becomes a multiple of this, which divides `size`, by mirrored margins.

    Returns:
        The strip, at most `MAX_SQUARES` squares long, and where the content lies in it.
    """
    scale = min(size / min(image.size), MAX_SQUARES * size / max(image.size))
    return _placed(image, scale, lambda length: max(size, math.ceil(length / step) * step))


def _placed(image: Image.Image, scale: float, room: Callable[[int], int]) -> tuple[Image.Image, Fit]:
    """Scale a picture and mirror it at its edges until each side, of a length, is `room(length)` pixels long."""
    image = image.convert("RGB")
    content = width, height = tuple(max(1, round(side * scale)) for side in image.size)
    whole = room(width), room(height)
    left, top = ((outer - inner) // 2 for outer, inner in zip(whole, content))
    fit = Fit(size=image.size, box=(left, top, left + width, top + height))
    if image.size != content:
        image = image.resize(content, Image.Resampling.LANCZOS)
    if content != whole:
        padding = ((top, whole[1] - top - height), (left, whole[0] - left - width), (0, 0))
        image = Image.fromarray(np.pad(np.asarray(image), padding, mode="symmetric"))
    return image, fit


def to_tensor(image: Image.Image) -> Tensor:
    """Return the picture as (3, h, w) float32 in [-1, 1]."""
    pixels = torch.from_numpy(np.array(image.convert("RGB")))  # (h, w, 3) in [0, 255]
    return pixels.permute(2, 0, 1).float().div(127.5).sub(1).contiguous()


def to_image(tensor: Tensor) -> Image.Image:
    """Return a (3, h, w) tensor in [-1, 1] as a picture; what lies outside is clamped.

    Raises:
        ValueError: The tensor has another shape.
    """
    if tensor.ndim != 3 or tensor.shape[0] != 3:
        raise ValueError(f"expected a tensor of shape (3, h, w), got {tuple(tensor.shape)}")
    pixels = tensor.detach().float().add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).cpu().contiguous().numpy())


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow raises almost any type over bad EXIF, which is no reason to lose the picture
        return image


def _lies_on_its_side(image: Image.Image) -> bool:
    # Of a PNG without the chunk, getexif decodes everything to look for one behind the pixels.
    if "exif" not in image.info and image.format != "TIFF":
        return False
    try:
        return image.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8)
    except Exception:  # as in `_upright`
        return False


def _check_size(image: Image.Image, name: str) -> None:
    if 0 in image.size:
        raise ImageError(f"{name} has no pixels. Choose another file.")
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise ImageError(_too_large(name, f"{image.width} x {image.height} pixels"))


def _too_large(name: str, extent: str) -> str:
    return (
        f"{name} is too large ({extent}). Make it smaller than {MAX_PIXELS // 1_000_000} megapixels and "
        f"{MAX_SIDE} pixels on its longest side."
    )


def _to_srgb(image: Image.Image) -> Image.Image:
    """Return only the pixels, as RGB with the colors that a viewer would show."""
    profile = image.info.get("icc_profile")
    image = _only_pixels(image)
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if source.profile.xcolor_space != "RGB " or "sRGB" in ImageCms.getProfileDescription(source):
            return image
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"))
    except (OSError, ImageCms.PyCMSError):
        return image  # as every viewer does: a broken profile is no reason to lose the picture


def _only_pixels(image: Image.Image) -> Image.Image:
    if image.mode == "F":
        raise ValueError("its pixels are floating point numbers")
    if image.mode == "I" or image.mode.startswith("I;16"):
        image = _from_16_bit(image)
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    image = image.convert("RGB")  # always a copy, so that clearing `info` does not reach the caller's picture
    image.info = {}
    return image


def _from_16_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    if values.min() < 0 or values.max() > 65_535:
        raise ValueError("its pixels have more than 16 bits")
    return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))  # 65535 = 257 * 255
