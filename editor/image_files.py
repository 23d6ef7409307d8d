"""Reading and writing picture files, also those that anyone may have made.

A picture is a `PIL.Image.Image` in mode RGB, 8 bits per channel, upright, without metadata.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, ImageSequence, UnidentifiedImageError, features

from editor.color_profiles import to_srgb
from editor.errors import UserError
from editor.files import replace_file
from editor.transparency import WHITE, Layers

HAS_AVIF = features.check("avif")  # Pillow decodes it from 11.3 on, where it was built with the library
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", *(["AVIF"] if HAS_AVIF else []))
HEIF_SUFFIXES = frozenset({".heic", ".heif"})  # what phones take; needs pillow-heif
SUFFIXES = (
    frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
    | HEIF_SUFFIXES
    | (frozenset({".avif"}) if HAS_AVIF else frozenset())
)
MAX_PIXELS = 64_000_000
MAX_SIDE = 16_384  # pixels
BITS_PER_SAMPLE, PLANAR_CONFIGURATION = 258, 284  # tags of TIFF
SEPARATE_PLANES = 2
SHORTEST_MS, DEFAULT_MS = 10, 100  # browsers show frames of animations that ask for less for so long


class ImageError(UserError):
    """A picture that cannot be used. The message is a sentence for the person who chose the file."""


class PixelBudget:
    """How many pixels may be in use at a time, in all threads together; who wants more waits.

    A pixel that is decoded takes up to 9 bytes, whatever the size of the file: one megabyte may be 64 megapixels.
    """

    def __init__(self, pixels: int) -> None:
        """Nothing is in use yet.

        Args:
            pixels: The most.
        """
        self._pixels, self._used = pixels, 0
        self._changed = threading.Condition()

    @contextmanager
    def take(self, pixels: int) -> Iterator[None]:
        """Use so many within the block. More than there are may be used only alone. Never to be nested."""
        with self._changed:
            self._changed.wait_for(lambda: self._used == 0 or self._used + pixels <= self._pixels)
            self._used += pixels
        try:
            yield
        finally:
            with self._changed:
                self._used -= pixels
                self._changed.notify_all()


DECODING = PixelBudget(MAX_PIXELS)  # while a file is read


def load_image(path: Path, name: str | None = None) -> Image.Image:
    """Read a picture that anyone may have made.

    The size is checked before any pixel is decoded, which stops decompression bombs. Only `FORMATS` are tried. Metadata
    such as a photo's GPS position is dropped. Orientation and the color profile are applied, transparency is laid on
    white, 16 bits become 8, and of an animation the first frame is taken.

    Args:
        path: The file.
        name: What the person calls the file; the file's own name by default.

    Returns:
        An upright RGB picture.

    Raises:
        ImageError: The file is missing, empty, damaged, too large or not a picture.
    """
    return load_layers(path, name).on(WHITE)


def load_layers(path: Path, name: str | None = None) -> Layers:
    """Read a picture as `load_image` does, with its transparency.

    Raises:
        ImageError: As for `load_image`.
    """
    with _opened(path, name or path.name) as image, DECODING.take(image.width * image.height):
        image.load()  # inside the block, for Pillow reports a failure once and calls the picture loaded the next time
        return _layers(_upright(image))


def load_small(path: Path, side: int, name: str | None = None) -> Image.Image:
    """Read a picture to look at: on a backdrop on which it shows and, where that saves time, already reduced.

    Args:
        path: The file.
        side: Neither side becomes shorter than twice this, in pixels, by reducing.
        name: What the person calls the file.

    Raises:
        ImageError: As for `load_image`.
    """
    with _opened(path, name or path.name) as image:
        image.draft(None, (2 * side, 2 * side))
        with DECODING.take(image.width * image.height):
            image.load()
            return _layers(_upright(image)).shown()


def has_transparency(path: Path, name: str | None = None) -> bool:
    """Return whether a file may be transparent in places, without decoding its pixels.

    Raises:
        ImageError: As for `picture_size`.
    """
    with _opened(path, name or path.name) as image:
        return image.has_transparency_data


def picture_size(path: Path, name: str | None = None) -> tuple[int, int]:
    """Return width and height of a picture, upright, without decoding its pixels.

    Raises:
        ImageError: The file is missing, empty, too large or not a picture.
    """
    with _opened(path, name or path.name) as image:
        return image.size[::-1] if _lies_on_its_side(image) else image.size


def is_animated(path: Path, name: str | None = None) -> bool:
    """Return whether a picture moves, without decoding its pixels.

    Raises:
        ImageError: As for `picture_size`.
    """
    with _opened(path, name or path.name) as image:
        return getattr(image, "is_animated", False)


def animation_frames(path: Path, name: str | None = None) -> Iterator[tuple[Image.Image, int]]:
    """Yield the frames of an animated picture in RGB, laid on white, and for how many milliseconds each is shown.

    Raises:
        ImageError: As for `load_image`.
    """
    with _opened(path, name or path.name) as image:
        for frame in ImageSequence.Iterator(image):
            with DECODING.take(image.width * image.height):
                frame.load()
                layers = _layers(frame)
            shown = round(image.info.get("duration", 0))
            yield layers.on(WHITE), shown if shown > SHORTEST_MS else DEFAULT_MS


def save_png(image: Image.Image, path: Path, *, is_lasting: bool = True) -> None:
    """Write a picture as PNG, whole or not at all, without any metadata.

    Args:
        image: The picture. It stays transparent where its mode is RGBA; of other modes only colors are kept.
        path: Where.
        is_lasting: Whether it must survive a power cut, see `files.replace_file`.

    Raises:
        OSError: The disk is full or the folder cannot be written. An older file at `path` is then untouched.
    """
    data = BytesIO()
    layers = _layers(image)  # always a copy, without what `info` holds
    is_transparent = image.mode == "RGBA" and layers.opacity is not None
    image = layers.merged() if is_transparent else layers.on(WHITE)
    image.save(data, format="PNG", compress_level=2)  # two fifths of the time of the default for 8 % more bytes
    replace_file(path, data.getvalue(), is_lasting=is_lasting)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Image.Image]:
    """Open a picture whose size is checked; every error inside the block becomes an ImageError."""
    try:
        size = path.stat().st_size if path.is_file() else None
    except FileNotFoundError:  # it was removed in this moment
        size = None
    if size is None:
        raise ImageError(f"There is no file {name}. Choose it again.")
    if size == 0:
        raise ImageError(f"{name} is empty. Save it again, or choose another file.")
    try:
        with Image.open(path, formats=_formats()) as image:
            _check_size(image, name)
            _mend_planes(image, name)
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


def _formats() -> tuple[str, ...]:
    """Return the formats that Pillow may try, with HEIF where its decoder is installed, be it since a moment ago."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return FORMATS
    _once(register_heif_opener)
    return (*FORMATS, "HEIF")


@cache
def _once(register: Callable[..., None]) -> None:
    register(thumbnails=False)


def _not_a_picture(path: Path, name: str) -> str:
    with path.open("rb") as file:
        kind = file.read(12)[4:]
    if "HEIF" not in _formats() and kind in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftyphevc"):
        return (
            f"{name} is a HEIC picture, and the decoder for these is not installed. Install it with "
            ".venv/bin/pip install pillow-heif and try again, or save the picture as JPEG (on an "
            "iPhone: Settings, Camera, Formats, Most Compatible)."
        )
    return f"{name} is not a picture that can be read here. Save it as PNG, JPEG or WebP and try again."


def _upright(image: Image.Image) -> Image.Image:
    with suppress(Exception):  # Pillow raises almost any type over bad EXIF; the picture is shown as it lies then
        ImageOps.exif_transpose(image, in_place=True)  # else there would be a copy, even of one that is upright
    return image


def _lies_on_its_side(image: Image.Image) -> bool:
    # Of a PNG without an eXIf chunk before the pixels, getexif decodes all pixels to look for one behind them.
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


def _mend_planes(image: Image.Image, name: str) -> None:
    """Make Pillow (12.3) read planes of 16 bits in a TIFF file that is not compressed: it takes them for 8 bits."""
    if image.format != "TIFF" or image.tag_v2.get(PLANAR_CONFIGURATION) != SEPARATE_PLANES:
        return
    bits = image.tag_v2.get(BITS_PER_SAMPLE, ())
    if 16 not in bits or any(codec != "raw" for codec, *_ in image.tile):
        return
    if image.mode not in ("RGB", "RGBA") or any(tile.args[0] not in "RGBA" for tile in image.tile):
        raise ImageError(
            f"{name} holds its channels one after the other, in 16 bits each. Save it with 8 bits, or PNG."
        )
    order = "B" if image.tag_v2.prefix == b"MM" else "L"
    image.tile = [tile._replace(args=(f"{tile.args[0]};16{order}", *tile.args[1:])) for tile in image.tile]


def _layers(image: Image.Image) -> Layers:
    """Return only the pixels, with colors in sRGB."""
    if image.mode == "F":
        raise ValueError("its pixels are floating point numbers")
    given, profile, opacity = image, image.info.get("icc_profile"), None
    if image.has_transparency_data and not image.mode.startswith("I"):
        with_opacity = image if image.mode == "RGBA" else image.convert("RGBA")
        opacity = with_opacity.getchannel("A")
        is_gray = image.mode in ("L", "LA")  # kept so, for its profile may be for gray
        image = with_opacity.getchannel("R") if is_gray else with_opacity.convert("RGB")
    colors = to_srgb(image, profile)
    if colors is given:
        colors = given.copy()
    colors.info = {}
    is_opaque = opacity is None or opacity.getextrema()[0] == 255
    return Layers(colors, None if is_opaque else opacity)
