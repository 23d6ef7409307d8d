"""Gradient accumulation, for a batch that memory does not suffice for: fewer pictures pass the network at a time."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from editor.device import sent
from editor.models.noise import NoiseSource
from editor.training.setbacks import TrainingError

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "_alloc_failed")

T = TypeVar("T")


class MicroBatch:
    """How many pictures go through the network at once.

    Attributes:
        size: The number; it only ever falls.
    """

    def __init__(self, size: int, device: torch.device) -> None:
        self.size = size
        self._device = device

    def fit(self, work: Callable[[int], T], on_smaller: Callable[[], None] = lambda: None) -> T:
        """Return what `work` returns for the largest size, halved as often as needed, that memory suffices for.

        Args:
            work: Takes a size. May be called again after it failed half-way.
            on_smaller: Called after the size was halved.

        Raises:
            TrainingError: Memory does not suffice for a single picture.
        """
        while True:
            try:
                return work(self.size)
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
                if self.size == 1:
                    raise TrainingError(
                        "There is not enough memory for this size, even for one picture at a time. Choose a smaller "
                        "preset, or close other programs."
                    ) from error
            # Only here, where the error and with it every tensor of the failed call is gone.
            self.size = -(-self.size // 2)
            on_smaller()
            gc.collect()
            if self._device.type in ("cuda", "mps"):
                getattr(torch, self._device.type).empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Say whether an error means that an allocation failed, on whatever device."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in OUT_OF_MEMORY)


def noise_for_rows(generator: torch.Generator, rows: slice, batch_size: int, device: torch.device) -> NoiseSource:
    """Return the source of noise for one micro batch. It draws for the whole batch and returns the part of some rows.

    So the noise of a row does not depend on how the batch is divided.

    Args:
        generator: Source of the batch's noise. It is copied, so that every micro batch draws the same whole.
        rows: Which rows; start and stop are given. The first axis of what is drawn must be a multiple of their number.
        batch_size: Rows in the whole batch.
        device: Where the noise is wanted.
    """
    own = generator.clone_state()

    def draw(shape: Sequence[int]) -> Tensor:
        per_row = shape[0] // (rows.stop - rows.start)
        whole = torch.randn((per_row * batch_size, *shape[1:]), generator=own)
        return sent(whole[per_row * rows.start : per_row * rows.stop], device)

    return draw
