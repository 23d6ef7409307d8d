"""Features measured in one pair: sizes, shift, edges, amount and place of the change, exposure, detail.

Whether a pair is wrong is decided elsewhere: in `comparison` by comparing its features with those of the other pairs,
in `examination` by its sizes, its detail and pictures that occur twice.

Everything is measured on thumbnails, so that hundreds of pairs take seconds. Thumbnails are (n, n, 3) float32 in
[0, 1], stretched to a square: both sides of a pair alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.image_files import load_image, picture_size
from editor.pairs.doctor.shift import Luminance, Shift, brings_together, edges, find_shift
from editor.pairs.folder import Pair

SIDE = 128  # pixels of a thumbnail
COARSE = 32  # pixels of the small copies that are compared to find duplicates; the map of changes has half of it
SOFT = 64  # pixels; detail is what gets lost when a thumbnail is reduced to this size
GAMMA = 2.2
DARK, CLIPPED = 0.03, 0.97  # exposure is not measured in darker or brighter pixels

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """The features of one pair.

    Attributes:
        pair: Which pair.
        sizes: Width and height of the files before and after, in pixels.
        shift: How the picture after lies on the picture before, in pixels of the thumbnail.
        is_movable: Whether moving it back would bring the two together.
        source_edges: Direction of edges at half the size, flat.
        target_edges: The same of the picture after.
        likeness: How well both agree at this size, at the best shift.
        source: The picture before in small, flat, in 8 bits.
        target: The picture after in small, flat, in 8 bits.
        amount: Mean absolute change.
        strongest: The largest change of light in any spot of 3 x 3 pixels, or of color in any of 8 x 8.
        places: Where the change is, (COARSE**2 / 4,), adds up to 1.
        exposure: How much brighter the picture after is, in stops, for red, green and blue.
        direction: Change of `appearance` from before to after, in the changed places and in the whole picture.
        detail: Share of the contrast that is finer than `SOFT` can hold, before and after.
    """

    pair: Pair
    sizes: tuple[tuple[int, int], tuple[int, int]]
    shift: Shift
    is_movable: bool
    source_edges: NDArray[np.complex64]
    target_edges: NDArray[np.complex64]
    likeness: float
    source: NDArray[np.uint8]
    target: NDArray[np.uint8]
    amount: float
    strongest: float
    places: Pixels
    exposure: NDArray[np.float64]
    direction: NDArray[np.float64]
    detail: tuple[float, float]

    def without_edges(self) -> Evidence:
        """Return the same without edges, which are most of it."""
        none = np.empty(0, np.complex64)
        return replace(self, source_edges=none, target_edges=none)


def measure(pair: Pair, load: Callable[[Path], Image.Image] = load_image) -> Evidence:
    """Measure one pair.

    Args:
        pair: Which pair.
        load: Reads a picture, or a smaller copy of at least `SIDE` pixels.

    Raises:
        ImageError: A picture cannot be read.
    """
    images = [load(path) for path in (pair.source, pair.target)]
    x, y = (_thumbnail(image, SIDE) for image in images)
    lights = luminance(x), luminance(y)
    shift = find_shift(*(edges(light) for light in lights))
    change = np.abs(y - x).mean(axis=2)
    x_small, y_small = _blocks(x, 2), _blocks(y, 2)
    small_edges = [edges(luminance(side)) for side in (x_small, y_small)]
    return Evidence(
        pair=pair,
        sizes=(picture_size(pair.source), picture_size(pair.target)),
        shift=shift,
        is_movable=brings_together(*lights, shift),
        source_edges=small_edges[0].ravel(),
        target_edges=small_edges[1].ravel(),
        likeness=find_shift(*small_edges).likeness,
        source=_in_8_bits(_blocks(x, SIDE // COARSE)),
        target=_in_8_bits(_blocks(y, SIDE // COARSE)),
        amount=float(change.mean()),
        strongest=_strongest(x, y),
        places=_blocks(change, 2 * SIDE // COARSE).ravel() / (change.sum() + 1e-9) * (2 * SIDE // COARSE) ** 2,
        exposure=_exposure(x_small, y_small),
        direction=_direction(x_small, y_small),
        detail=(_detail(x), _detail(y)),
    )


def _in_8_bits(pixels: Pixels) -> NDArray[np.uint8]:
    return np.round(255 * pixels).astype(np.uint8).ravel()


def luminance(pixels: Pixels) -> Luminance:
    """Return (n, n, 3) as (n, n)."""
    return pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def appearance(pixels: Pixels, weights: Pixels) -> NDArray[np.float64]:
    """Return nine features of a picture, averaged with `weights`, (n, n) that add up to 1.

    Brightness, redness, blueness, saturation, edges, texture, shares of dark and of bright pixels, contrast.
    """
    light = luminance(pixels)
    slope_y, slope_x = np.gradient(light)
    bright = float((light * weights).sum())
    parts = (
        light,
        pixels[..., 0] - pixels[..., 1],
        pixels[..., 2] - pixels[..., 1],
        pixels.max(axis=2) - pixels.min(axis=2),
        np.hypot(slope_y, slope_x),
        np.abs(light - _smoothed(light, 1)),
        light < 0.2,
        light > 0.9,
    )
    return np.array([*((part * weights).sum() for part in parts), np.sqrt((weights * (light - bright) ** 2).sum())])


def _direction(x: Pixels, y: Pixels) -> NDArray[np.float64]:
    """Return the change of appearance; exactly its negative when x and y are exchanged."""
    where = _smoothed(np.abs(y - x).mean(axis=2), 1)
    where = where / (where.sum() + 1e-9)
    everywhere = np.full_like(where, 1 / where.size)
    return np.concatenate([appearance(y, weights) - appearance(x, weights) for weights in (where, everywhere)])


def _strongest(x: Pixels, y: Pixels) -> float:
    # JPEG blurs and bleeds colors, so that only their larger spots count; it leaves light alone.
    light, color = _smoothed(luminance(y - x), 1), _blocks(y - x, 8)
    return float(max(np.abs(light).max(), np.abs(color).max()))


def _exposure(x: Pixels, y: Pixels) -> NDArray[np.float64]:
    """Return the median change of light in stops: what an edit of a part of the picture does not touch."""
    usable = (np.maximum(x, y).min(axis=2) < CLIPPED) & (np.minimum(x, y).max(axis=2) > DARK)
    if usable.mean() < 0.01:
        return np.zeros(3)
    stops = np.log2((y[usable] ** GAMMA + 0.004) / (x[usable] ** GAMMA + 0.004))
    return np.median(stops, axis=0).astype(np.float64)


def _detail(pixels: Pixels) -> float:
    light = luminance(pixels)
    small = Image.fromarray(light).resize((SOFT, SOFT), Image.Resampling.BOX)
    lost = light - np.asarray(small.resize(light.shape[::-1], Image.Resampling.BICUBIC))
    return float(lost.std() / (light.std() + 0.02))


def _thumbnail(image: Image.Image, side: int) -> Pixels:
    is_large = min(image.size) >= side
    small = image.resize((side, side), Image.Resampling.BOX if is_large else Image.Resampling.BICUBIC)
    return np.asarray(small.convert("RGB"), dtype=np.float32) / 255


def _blocks(pixels: Pixels, size: int) -> Pixels:
    """Return the means of blocks of size x size pixels."""
    height, width, *channels = pixels.shape
    return pixels.reshape(height // size, size, width // size, size, *channels).mean(axis=(1, 3))


def _smoothed(pixels: Pixels, radius: int) -> Pixels:
    """Return a moving mean over (2 * radius + 1) ** 2 pixels."""
    width = 2 * radius + 1
    for axis in (0, 1):
        size = pixels.shape[axis]
        padding = [(0, 0)] * pixels.ndim
        padding[axis] = (radius, radius)
        padded = np.pad(pixels, padding, mode="edge")
        pixels = sum(padded.take(range(start, start + size), axis) for start in range(width)) / np.float32(width)
    return pixels
