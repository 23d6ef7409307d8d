"""Where in a large photo something looks like the pictures that were learned, without a detector trained by others.

Windows of many sizes slide over the photo, and each is measured by its distance from feature space (Moghaddam and
Pentland, "Probabilistic visual learning for object detection", 1995): how likely it is under a Gaussian in the space of
the principal components of the learned pictures, and what these components leave out. What they leave out counts less
where it varies, such as in the background of faces. How far is near enough is calibrated by leaving one of the learned
pictures out (cross-validation). Pictures that have nothing in common with each other, such as landscapes, find
themselves everywhere; then nothing is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.editing.frames import MAX_FRAMES, Frame

SIDE = 16  # pixels of a window
COLOR_STEP = 2  # pixels between two places where its colors are taken
NUM_COMPONENTS = 6
MIN_PICTURES = 8  # of fewer, the spread is not known
FLAT = 4.0  # standard deviation in 8-bit levels, below which a window shows nothing
STEP = 1.2  # of two sizes of windows
SMALLEST = 1 / 16  # of the photo's longest side
# Which share of the learned pictures would be near enough if they had been left out, and which share of all windows may
# be, or else that means nothing and the next line is taken.
NEAR = ((0.75, 1 / 16_000), (0.5, 1 / 2_000))
NUM_NEAREST = 64  # of windows of one size that are considered
MAX_OVERLAP = 0.1  # intersection over union of two that are found (non-maximum suppression)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """A Gaussian over small windows whose mean and contrast are normalized.

    Attributes:
        mean: (d,).
        components: (k, d), orthonormal.
        variances: Of the components, (k,).
        noise: Variance of what they leave out of each value, (d,).
        limits: For each of `NEAR`, the distance within which so many of the learned pictures lie when left out.
    """

    mean: Array
    components: Array
    variances: Array
    noise: Array
    limits: tuple[float, ...] = ()

    @classmethod
    def of(cls, pictures: Sequence[Image.Image]) -> FeatureSpace | None:
        """Learn from the sources of the pairs, squares of any size; None if there are too few."""
        if len(pictures) < MIN_PICTURES:
            return None
        windows = np.concatenate([_windows(picture, (SIDE, SIDE))[0] for picture in pictures])
        left_out = [
            float(cls._fitted(np.delete(windows, index, axis=0)).distances(windows[[index]])[0])
            for index in range(len(windows))
        ]
        return replace(cls._fitted(windows), limits=tuple(float(np.quantile(left_out, share)) for share, _ in NEAR))

    @classmethod
    def _fitted(cls, windows: Array) -> FeatureSpace:
        mean = windows.mean(axis=0)
        _, singular, components = np.linalg.svd(windows - mean, full_matrices=False)
        variances = np.maximum(singular**2 / len(windows), 1e-8)
        space = cls(mean, components[:NUM_COMPONENTS], variances[:NUM_COMPONENTS], np.ones_like(mean))
        noise = (space._left_out(windows - mean) ** 2).mean(axis=0)
        return replace(space, noise=np.maximum((noise + noise.mean()) / 2, 1e-8))  # of few pictures, so it is shrunk

    def distances(self, windows: Array) -> Array:
        """Return the distance of each of n windows, (n, d): squared, in standard deviations."""
        centered = windows - self.mean
        inside = centered @ self.components.T
        return inside**2 @ (1 / self.variances) + self._left_out(centered) ** 2 @ (1 / self.noise)

    def _left_out(self, centered: Array) -> Array:
        return centered - centered @ self.components.T @ self.components

    def find(self, photo: Image.Image) -> list[Frame]:
        """Return the parts of a photo that are as near as most of the learned pictures are, the nearest first."""
        found: list[tuple[float, Frame]] = []
        photo, num_windows = photo.convert("RGB"), 0
        num_near = np.zeros(len(NEAR), dtype=int)
        side = float(min(photo.size))
        while side >= max(SIDE, SMALLEST * max(photo.size)):
            scale = SIDE / side
            size = tuple(max(SIDE, round(length * scale)) for length in photo.size)
            windows, contrast = _windows(photo, size)
            distance = np.where(contrast < FLAT, np.inf, self.distances(windows))
            num_windows += len(windows)
            num_near += [int((distance <= limit).sum()) for limit in self.limits]
            near = np.flatnonzero(distance <= max(self.limits))
            for index in near[np.argsort(distance[near])][:NUM_NEAREST]:
                row, column = divmod(int(index), size[0] - SIDE + 1)
                frame = Frame(round(column / scale), round(row / scale), round(side)).within(photo.size)
                found.append((float(distance[index]), frame))
            side /= STEP
        allowed = [max(share * num_windows, 1) for _, share in NEAR]
        limit = next((limit for limit, near, most in zip(self.limits, num_near, allowed) if near <= most), -np.inf)
        kept: list[Frame] = []
        for distance, frame in sorted(found):
            if distance <= limit and all(_overlap(frame, other) < MAX_OVERLAP for other in kept):
                kept.append(frame)
        return kept[:MAX_FRAMES]


def _windows(picture: Image.Image, size: tuple[int, int]) -> tuple[Array, Array]:
    """Return all windows of a picture at this size, row by row: (n, d), and the contrast of each.

    A window is its gray levels, less their mean, and how much redder and bluer than gray it is, all divided by the
    norm of these gray levels. Their standard deviation is the contrast.
    """
    pixels = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX), dtype=np.float32)
    gray = pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    levels = _every_window(gray, 1)
    levels = levels - levels.mean(axis=1, keepdims=True)
    length = np.sqrt((levels**2).sum(axis=1, keepdims=True))
    colors = [_every_window(pixels[..., channel] - gray, COLOR_STEP) for channel in (0, 2)]
    return np.concatenate([levels, *colors], axis=1) / np.maximum(length, 1e-6), length[:, 0] / SIDE


def _every_window(values: Array, step: int) -> Array:
    """Return all windows of values (h, w) as rows, with every `step`-th value of each line and column."""
    grid = np.lib.stride_tricks.sliding_window_view(values, (SIDE, SIDE))[..., ::step, ::step]
    return grid.reshape(-1, (SIDE // step) ** 2)


def _overlap(one: Frame, other: Frame) -> float:
    """Return intersection over union."""
    sides = [min(a + one.side, b + other.side) - max(a, b) for a, b in zip(one[:2], other[:2])]
    shared = max(sides[0], 0) * max(sides[1], 0)
    return shared / (one.side**2 + other.side**2 - shared)
