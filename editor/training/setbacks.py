"""What may go wrong in a step of training, and what is done about it before anybody is asked.

Too little memory: fewer pictures go through the network at once. A loss that is no number: back to the last good
weights, with a lower learning rate. A machine that slept: that time does not count.
"""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import torch

from editor.errors import UserError

LONGEST_SECONDS = 60.0  # of one step or preview; more than that is taken for a machine that slept
OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "_alloc_failed")

T = TypeVar("T")


class TrainingError(UserError):
    """Training cannot go on. The message is for a person."""


class DivergedError(TrainingError):
    """The loss or its gradient is no number. The weights are as they were before the step."""


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


class Stateful(Protocol):
    """A module or an optimizer."""

    def state_dict(self) -> dict[str, Any]:
        """Return what it holds."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Take that back."""


class Snapshot:
    """Modules and optimizers at one moment, kept in memory where they are.

    Attributes:
        step: The moment.
    """

    def __init__(self, step: int, parts: Sequence[Stateful]) -> None:
        self.step = step
        self._parts = parts
        self._states = [copy.deepcopy(part.state_dict()) for part in parts]

    def restore(self) -> None:
        """Bring all of them back to that moment; may be done again."""
        for part, state in zip(self._parts, self._states):
            part.load_state_dict(copy.deepcopy(state))  # an optimizer would go on with the very tensors


class AwakeClock:
    """Seconds since it was made, without what no step of a training can have taken.

    Most systems' clocks stand still while a laptop sleeps; on some they do not, and a run would end in its sleep.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self._seconds = 0.0

    def __call__(self) -> float:
        """Return the time."""
        now = self._clock()
        self._seconds += min(max(now - self._last, 0.0), LONGEST_SECONDS)
        self._last = now
        return self._seconds
