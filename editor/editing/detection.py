"""Where in a large photo something looks like the pictures that were learned, without a detector trained by others.

Windows of many sizes slide over the photo, and each is measured by its distance from feature space (Moghaddam and
Pentland, "Probabilistic visual learning for object detection", 1995): how likely it is under a Gaussian in the space of
the principal components of the learned pictures, and what these components leave out. How far is near enough is
calibrated by leaving one of the learned pictures out (cross-validation). Pictures that have nothing in common with each
other, such as landscapes, find themselves everywhere; then nothing is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.editing.frames import MAX_FRAMES, Frame

SIDE = 16  # pixels of a window
NUM_COMPONENTS = 6
MIN_PICTURES = 8  # of fewer, the spread is not known
FLAT = 4.0  # standard deviation in 8-bit levels, below which a window shows nothing
STEP = 1.2  # of two sizes of windows
SMALLEST = 1 / 16  # of the photo's longest side
NEAR = 0.75  # share of the learned pictures that would be found if they had been left out
MOST_COMMON = 1 / 2000  # share of all windows that may be near enough, or else nearness means nothing
NUM_NEAREST = 64  # of windows of one size that are considered
MAX_OVERLAP = 0.1  # intersection over union of two that are found (non-maximum suppression)

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """A Gaussian over small gray windows whose mean and contrast are normalized.

    Attributes:
        mean: (d,).
        components: (k, d), orthonormal.
        variances: Of the components, (k,).
        noise: Variance of each direction that they leave out.
        limit: The distance within which a share of `NEAR` of the learned pictures lies when they are left out.
    """

    mean: Array
    components: Array
    variances: Array
    noise: float
    limit: float

    @classmethod
    def of(cls, pictures: Sequence[Image.Image]) -> FeatureSpace | None:
        """Learn from the sources of the pairs, squares of any size; None if there are too few."""
        if len(pictures) < MIN_PICTURES:
            return None
        small = [picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX) for picture in pictures]
        windows = _normalized(np.stack([np.asarray(one, dtype=np.float32).ravel() for one in small]))[0]
        left_out = [
            float(cls._fitted(np.delete(windows, index, axis=0), 0.0).distances(windows[[index]])[0])
            for index in range(len(windows))
        ]
        return cls._fitted(windows, float(np.quantile(left_out, NEAR)))

    @classmethod
    def _fitted(cls, windows: Array, limit: float) -> FeatureSpace:
        mean = windows.mean(axis=0)
        _, singular, components = np.linalg.svd(windows - mean, full_matrices=False)
        variances = np.maximum(singular**2 / len(windows), 1e-8)
        noise = max(float(variances[NUM_COMPONENTS:].sum()) / (windows.shape[1] - NUM_COMPONENTS), 1e-8)
        return cls(mean, components[:NUM_COMPONENTS], variances[:NUM_COMPONENTS], noise, limit)

    def distances(self, windows: Array) -> Array:
        """Return the distance of each of n windows, (n, d): squared, in standard deviations."""
        centered = windows - self.mean
        inside = centered @ self.components.T
        left_out = (centered**2).sum(axis=1) - (inside**2).sum(axis=1)
        return (inside**2 / self.variances).sum(axis=1) + left_out / self.noise

    def find(self, photo: Image.Image) -> list[Frame]:
        """Return the parts of a photo that are as near as most of the learned pictures are, the nearest first."""
        found: list[tuple[float, Frame]] = []
        gray, num_windows, num_near = photo.convert("L"), 0, 0
        side = float(min(photo.size))
        while side >= max(SIDE, SMALLEST * max(photo.size)):
            scale = SIDE / side
            size = tuple(max(SIDE, round(length * scale)) for length in photo.size)
            pixels = np.asarray(gray.resize(size, Image.Resampling.BOX), dtype=np.float32)
            grid = np.lib.stride_tricks.sliding_window_view(pixels, (SIDE, SIDE))
            windows, contrast = _normalized(grid.reshape(-1, SIDE * SIDE))
            distance = np.where(contrast < FLAT, np.inf, self.distances(windows))
            near = np.flatnonzero(distance <= self.limit)
            num_windows, num_near = num_windows + len(windows), num_near + len(near)
            for index in near[np.argsort(distance[near])][:NUM_NEAREST]:
                row, column = divmod(int(index), grid.shape[1])
                frame = Frame(round(column / scale), round(row / scale), round(side)).within(photo.size)
                found.append((float(distance[index]), frame))
            side /= STEP
        if num_near > max(MOST_COMMON * num_windows, 1):
            return []
        kept: list[Frame] = []
        for _, frame in sorted(found):
            if all(_overlap(frame, other) < MAX_OVERLAP for other in kept):
                kept.append(frame)
        return kept[:MAX_FRAMES]


def _normalized(windows: Array) -> tuple[Array, Array]:
    """Return windows (n, d) with mean 0 and length 1, and the standard deviation that each had."""
    centered = windows - windows.mean(axis=1, keepdims=True)
    length = np.sqrt((centered**2).sum(axis=1, keepdims=True))
    return centered / np.maximum(length, 1e-6), length[:, 0] / SIDE


def _overlap(one: Frame, other: Frame) -> float:
    """Return intersection over union."""
    sides = [min(a + one.side, b + other.side) - max(a, b) for a, b in zip(one[:2], other[:2])]
    shared = max(sides[0], 0) * max(sides[1], 0)
    return shared / (one.side**2 + other.side**2 - shared)
