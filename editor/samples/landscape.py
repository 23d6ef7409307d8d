"""Landscapes, drawn by lot: a sky with clouds, mountains in haze, and at times a lake or trees."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

SIZE = 256  # pixels

Plane = NDArray[np.float64]  # (h, w)
Colors = NDArray[np.float64]  # (..., 3), in [0, 255]


class Light(NamedTuple):
    """The colors of an hour: of the sky above and at the horizon, the sun, clouds, and the nearest ground."""

    above: str
    horizon: str
    sun: str
    clouds: str
    ground: str


LIGHTS = (
    Light("#3f7fd0", "#cfe6f4", "#fff8dc", "#ffffff", "#2f5a34"),  # noon
    Light("#5a6fb4", "#ffc890", "#ffe9b0", "#ffd9c0", "#3c4a2c"),  # morning
    Light("#38407c", "#ff8a5c", "#ffdf8a", "#f2a08a", "#2c2a34"),  # evening
    Light("#8b98a8", "#dfe3e4", "#f4f2ea", "#f0f2f3", "#4a5648"),  # overcast
    Light("#1d2748", "#6f7fae", "#e8ecff", "#56628e", "#131b22"),  # night
    Light("#4fa8c8", "#f6efcf", "#fffbe4", "#fdfdf4", "#7c7a34"),  # summer
)


def draw_landscape(generator: np.random.Generator, side: int = SIZE) -> Image.Image:
    """Return a square landscape, RGB, `side` pixels wide."""
    above, horizon, sun, clouds, ground = (_color(text) for text in LIGHTS[generator.integers(len(LIGHTS))])
    y, x = np.mgrid[0:side, 0:side] / side
    level = generator.uniform(0.5, 0.68)  # of the horizon
    picture = _between(above, horizon, np.clip(y / level, 0, 1) ** 1.2)
    place, radius = (generator.uniform(0.1, 0.9), generator.uniform(0.1, level - 0.1)), generator.uniform(0.03, 0.06)
    away = np.hypot(x - place[0], y - place[1])
    picture = _over(picture, sun, 0.55 * np.exp(-away / (5 * radius)))
    picture = _over(picture, sun, _edge(radius - away))
    cover = _noise(generator, y.shape, stretch=3) - generator.uniform(-0.1, 0.5)
    picture = _over(picture, clouds, 0.85 * np.clip(3 * cover, 0, 1) * np.clip((level - y) / level, 0, 1))
    layers = int(generator.integers(2, 5))
    for layer in range(layers):
        near = (layer + 1) / layers
        ridge = level + 0.02 - (0.22 - 0.14 * near) * (1 + _ridge(generator, side, roughness=0.35 + 0.2 * near))
        rock = _between(horizon, ground, np.full_like(y, 0.25 + 0.6 * near))
        shade = 1 + 0.18 * _noise(generator, y.shape, stretch=1)[..., None]
        picture = _over(picture, np.clip(rock * shade, 0, 255), _edge(y - ridge[None]))
    return _foreground(generator, picture, ground, level)


def _foreground(generator: np.random.Generator, picture: Colors, ground: Colors, level: float) -> Image.Image:
    """Add a lake that mirrors what is above it, or a meadow, and perhaps trees."""
    side = len(picture)
    y, x = np.mgrid[0:side, 0:side] / side
    shore = int(level * side) + 2
    if generator.random() < 0.4:
        rows = np.clip(2 * shore - np.arange(shore, side), 0, shore - 1)
        ripple = 1 + 0.06 * _noise(generator, y.shape, stretch=8)[shore:, :, None]
        picture[shore:] = np.clip(0.82 * picture[rows] * ripple, 0, 255)
    else:
        grass = 1 + 0.5 * _noise(generator, y.shape, stretch=2, coarsest=4)[..., None]
        near = _between(ground, np.clip(1.5 * ground + 12, 0, 255), (y - level) / (1 - level))
        picture = _over(picture, np.clip(near * grass, 0, 255), _edge(y - level - 0.02 * np.sin(5 * x)))
    for _ in range(int(generator.integers(0, 7))):
        foot, size, at = generator.uniform(level + 0.08, 1.05), generator.uniform(0.1, 0.3), generator.uniform(0, 1)
        down = np.clip((y - foot + size) / size, 0, 1)  # 0 at the top of the tree, 1 at its foot
        branches = size * down * (0.09 + 0.11 * (5 * down % 1))
        tree = _edge(branches - np.abs(x - at)) * (down > 0) * (y < foot)
        picture = _over(picture, 0.5 * ground, tree)
    return Image.fromarray(np.clip(picture, 0, 255).round().astype(np.uint8))


def _color(text: str) -> Colors:
    return np.array(ImageColor.getrgb(text), dtype=float)


def _between(a: Colors, b: Colors, share: Plane) -> Colors:
    return a + np.clip(share, 0, 1)[..., None] * (b - a)


def _over(picture: Colors, color: Colors, opacity: Plane) -> Colors:
    return picture + opacity[..., None] * (color - picture)


def _edge(depth: Plane) -> Plane:
    """Return how much of each pixel lies inside a shape, given how deep inside it is, as a share of the side."""
    return np.clip(depth * len(depth) + 0.5, 0, 1)


def _noise(generator: np.random.Generator, shape: tuple[int, ...], stretch: int, coarsest: int = 2) -> Plane:
    """Return smooth noise (h, w), about in [-1, 1], `stretch` times wider than high: octaves of enlarged noise."""
    side, total = shape[0], np.zeros(shape)
    for octave in range(coarsest, 8):
        rows, columns = 2**octave, max(2, 2**octave // stretch)
        grid = Image.fromarray(generator.standard_normal((rows, columns)).astype(np.float32))
        total += np.asarray(grid.resize((side, side), Image.Resampling.BICUBIC)) / 2 ** (octave - 1)
    return total


def _ridge(generator: np.random.Generator, side: int, roughness: float) -> NDArray[np.float64]:
    """Return heights (side,), about in [-1, 1], by halving: each octave is lower by `roughness`."""
    total = np.zeros(side)
    for octave in range(1, 8):
        points = generator.uniform(-1, 1, 2**octave + 2)
        total += np.interp(np.linspace(0, 2**octave, side), np.arange(len(points)), points) * roughness ** (octave - 1)
    return total
