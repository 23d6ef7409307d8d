"""A picture longer than the model's square: overlapping windows (tiles) along it, and the cross-fade of results.

A strip is (1, c, h, w), where the shorter of h and w is the side s of the model's square. A square is a strip with one
window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from editor.models.noise import NoiseSource

# A window's weight falls linearly from its middle to its ends and is then raised to this power: the higher it is, the
# shorter the stretch on which two windows are mixed.
SHARPNESS = 4


@dataclass(frozen=True, slots=True)
class Windows:
    """Squares along a strip, evenly spaced, overlapping by half or more. One of them lies exactly in the middle.

    Training takes the middle square of every picture, so the middle window gives the network what it was trained on.

    Attributes:
        size: Height and width of the strip.
        starts: Where each begins along the longer side, in pixels; multiples of the grid.
    """

    size: tuple[int, int]
    starts: tuple[int, ...]

    @classmethod
    def over(cls, size: tuple[int, int], grid: int) -> Windows:
        """Cover a strip.

        Args:
            size: Height and width of the strip; the shorter one is the side of a window.
            grid: Windows begin at multiples of this number of pixels, which divides both sides.
        """
        side, length = sorted(size)
        stride = max(grid, side // 2 // grid * grid)
        middle = (length - side) // 2 // grid * grid
        count = math.ceil((length - side) / 2 / stride)  # on each side of the middle
        before = [middle * index // count // grid * grid for index in range(count)]
        after = [length - side - (length - side - middle) * index // count // grid * grid for index in range(count)]
        return cls(size, tuple(dict.fromkeys((*before, middle, *reversed(after)))))

    @property
    def side(self) -> int:
        """Side of a window in pixels."""
        return min(self.size)

    @property
    def axis(self) -> int:
        """The axis of a tensor (..., h, w) along which the windows lie."""
        return -1 if self.size[1] > self.size[0] else -2

    def __len__(self) -> int:
        return len(self.starts)

    def parts(self, size: int) -> Iterator[range]:
        """Yield the indices of at most `size` windows at a time."""
        for first in range(0, len(self), size):
            yield range(first, min(first + size, len(self)))

    def cut(self, strip: Tensor, which: range) -> Tensor:
        """Return the parts of a strip under some of the windows, (n, c, s, s)."""
        return torch.cat([strip.narrow(self.axis, self.starts[index], self.side) for index in which])

    def noise(self, which: range, seed: int) -> NoiseSource:
        """Return the noise of some of the windows, cut out of one noise for the whole strip.

        So where windows overlap they see the same noise and give the same answer.

        Args:
            which: The windows. Of what is drawn, the first axis has as many entries for each, one window after another.
            seed: Of the strip's noise.
        """
        generator = torch.Generator().manual_seed(seed)

        def draw(shape: Sequence[int]) -> Tensor:
            batch, channels, side, _ = shape
            height, width = (length * side // self.side for length in self.size)
            strip = torch.randn((batch // len(which), channels, height, width), generator=generator)
            return torch.cat([strip.narrow(self.axis, self.starts[k] * side // self.side, side) for k in which])

        return draw

    def weights(self) -> Tensor:
        """Return each window's weights along the longer side, (n, s); at every pixel of the strip they add up to 1."""
        length = max(self.size)
        distance = torch.arange(self.side, dtype=torch.float64) + 0.5  # of pixel centers from the edge
        tent = torch.minimum(distance, self.side - distance).pow(SHARPNESS)
        total = torch.zeros(length, dtype=torch.float64)
        for start in self.starts:
            total[start : start + self.side] += tent
        return torch.stack([tent / total[start : start + self.side] for start in self.starts]).float()


class CrossFade:
    """The weighted sum of what was computed for each window, which hides the seams between windows.

    Attributes:
        strip: The sum so far, (1, c, h, w) float32 on the CPU; complete once every window was added.
    """

    def __init__(self, windows: Windows, channels: int) -> None:
        """Begin with zeros.

        Args:
            windows: All windows of the strip.
            channels: c, of what is computed for each window.
        """
        self._windows, self._weights = windows, windows.weights()
        self.strip = torch.zeros(1, channels, *windows.size)

    def add(self, which: range, maps: Tensor) -> None:
        """Add what was computed for some of the windows, (n, c, s, s) on the CPU."""
        axis, side = self._windows.axis, self._windows.side
        for index, of_window in zip(which, maps):
            weight = self._weights[index] if axis == -1 else self._weights[index][:, None]
            self.strip.narrow(axis, self._windows.starts[index], side).add_(weight * of_window)
