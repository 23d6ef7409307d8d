"""A strip that is longer than the model's square is looked at through windows, whose answers are faded into one.

A strip is (1, c, h, w), and one of its sides is that of the model. A square is a strip with one window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

# How quickly a window gives way to its neighbour: the power of a weight that falls linearly from the window's middle.
SHARPNESS = 4


@dataclass(frozen=True, slots=True)
class Windows:
    """Squares along a strip, evenly spaced, overlapping by half or more. One of them is in the middle.

    Training has seen the middles of pictures, so what lies in the middle of a photo is best seen from there.

    Attributes:
        size: Height and width of the strip.
        starts: Where each begins along the longer side, in pixels; multiples of the step.
    """

    size: tuple[int, int]
    starts: tuple[int, ...]

    @classmethod
    def over(cls, size: tuple[int, int], step: int) -> Windows:
        """Cover a strip.

        Args:
            size: Its height and width; the shorter one is the side of a window.
            step: Windows begin at multiples of this, a divisor of both sides.
        """
        side, length = sorted(size)
        stride = max(step, side // 2 // step * step)
        middle = (length - side) // 2 // step * step
        count = math.ceil((length - side) / 2 / stride)  # on each side of the middle
        before = [middle * index // count // step * step for index in range(count)]
        after = [length - side - (length - side - middle) * index // count // step * step for index in range(count)]
        return cls(size, tuple(dict.fromkeys((*before, middle, *reversed(after)))))

    @property
    def side(self) -> int:
        """Of a window, in pixels."""
        return min(self.size)

    @property
    def axis(self) -> int:
        """Along which they lie."""
        return -1 if self.size[1] > self.size[0] else -2

    def __len__(self) -> int:
        return len(self.starts)

    def parts(self, size: int) -> Iterator[range]:
        """Yield the indices of at most `size` windows at a time."""
        for first in range(0, len(self), size):
            yield range(first, min(first + size, len(self)))

    def cut(self, strip: Tensor, which: range) -> Tensor:
        """Return what some of the windows show of a strip, (n, c, s, s)."""
        return torch.cat([strip.narrow(self.axis, self.starts[index], self.side) for index in which])

    def weights(self) -> Tensor:
        """Return how much each window counts along the longer side, (n, s); at every pixel they add up to 1."""
        length = max(self.size)
        distance = torch.arange(self.side, dtype=torch.float64) + 0.5  # of pixel centres from the edge
        tent = torch.minimum(distance, self.side - distance).pow(SHARPNESS)
        total = torch.zeros(length, dtype=torch.float64)
        for start in self.starts:
            total[start : start + self.side] += tent
        return torch.stack([tent / total[start : start + self.side] for start in self.starts]).float()


class Fade:
    """Adds up what windows say of their parts of a strip."""

    def __init__(self, windows: Windows, channels: int) -> None:
        """Begin with nothing.

        Args:
            windows: All windows of the strip.
            channels: Of what they say.
        """
        self._windows, self._weights = windows, windows.weights()
        self.strip = torch.zeros(1, channels, *windows.size)

    def add(self, which: range, said: Tensor) -> None:
        """Add what some of the windows say, (n, c, s, s) on the CPU."""
        axis, side = self._windows.axis, self._windows.side
        for index, maps in zip(which, said):
            weight = self._weights[index] if axis == -1 else self._weights[index][:, None]
            self.strip.narrow(axis, self._windows.starts[index], side).add_(weight * maps)
