"""Pictures as tensors, and the square or strip at the model's size that a picture of any shape becomes.

A picture is a `PIL.Image.Image` in mode RGB, 8 bits per channel, upright (`image_files` reads such).
A tensor is (3, h, w) float32 in [-1, 1].

A model works on squares. How a picture that is not square becomes one is a setting of the run (`RunConfig.fit`):

    "whole"   the longest side gets the length of the square's; the rest is mirrored margins
    "crop"    the shortest side gets the length of the square's. Training takes the middle square; an edit takes the
              whole picture as a strip and covers it with overlapping squares (`editing.windows`)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from editor.config import FitMode

MAX_SQUARES = 8  # length of a strip in squares; a longer picture gets margins, which bounds the memory of an edit


class Fit(NamedTuple):
    """Where a picture of any shape lies in the square or strip that was made of it, in pixels.

    Attributes:
        size: Width and height of the original picture.
        box: Left, top, right and bottom of the picture in the square or strip.
    """

    size: tuple[int, int]
    box: tuple[int, int, int, int]


def square_of(image: Image.Image, size: int, fit: FitMode = "whole") -> Image.Image:
    """Return the square that training uses of a picture: all of it with margins, or its middle square.

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

    The longest side becomes `size`; the rest is filled with mirrored content, because margins of one color would add
    edges that no picture has. A picture of size x size comes back unchanged.

    Args:
        image: RGB picture, any size.
        size: Side of the square in pixels.

    Returns:
        The square picture and where the content lies in it.
    """
    return _placed(image, size / max(image.size), lambda _: size)


def fit_to_strip(image: Image.Image, size: int, step: int) -> tuple[Image.Image, Fit]:
    """Scale a picture so that its shortest side is `size`, without cropping or stretching. A square becomes a square.

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


def box_in_square(size: tuple[int, int], side: int, fit: FitMode = "whole") -> tuple[float, float, float, float]:
    """Return where a picture of `size` (width, height) lies in the square that `square_of` makes of it, in pixels.

    Returns:
        Left, top, right and bottom; beyond the square where it was cropped.
    """
    scale = side / (min(size) if fit == "crop" else max(size))
    lengths = [length * scale if fit == "crop" else max(1, round(length * scale)) for length in size]
    starts = [(side - length) / 2 if fit == "crop" else (side - length) // 2 for length in lengths]
    return (*starts, *(start + length for start, length in zip(starts, lengths)))


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
