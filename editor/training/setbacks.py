"""What may go wrong during training besides too little memory, and the means to go on.

A loss that is NaN or infinite: back to the last rollback point, with a lower learning rate. A computer that was
suspended: that time does not count as training time. Another process of the training that ends: what was learned is
kept.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from editor.errors import UserError

LONGEST_SECONDS = 60.0  # of one step or preview; a longer gap is taken for a suspended computer


class TrainingError(UserError):
    """Training cannot go on. The message is for a person."""


class DivergedError(TrainingError):
    """A loss or its gradient was NaN or infinite. The weights are as they were before the step.

    Attributes:
        step: Number of the step.
    """

    def __init__(self, step: int, message: str) -> None:
        super().__init__(message)
        self.step = step


class LostRankError(TrainingError):
    """Another process of the same training has ended. The weights are as they were before the step."""


class Stateful(Protocol):
    """A module or an optimizer of PyTorch."""

    def state_dict(self) -> dict[str, Any]:
        """Return the state."""

    def load_state_dict(self, state: dict[str, Any]) -> Any:
        """Take over a state."""


class RollbackPoint:
    """A copy of the state of modules and optimizers, in memory and on their device.

    Attributes:
        step: Training step at which it was made.
    """

    def __init__(self, step: int, parts: Sequence[Stateful]) -> None:
        self.step = step
        self._parts = parts
        self._states = [copy.deepcopy(part.state_dict()) for part in parts]

    def restore(self) -> None:
        """Give all of them this state again, any number of times."""
        for part, state in zip(self._parts, self._states):
            part.load_state_dict(copy.deepcopy(state))  # an optimizer would write into the tensors it is given


class AwakeClock:
    """Seconds since it was made, in which a gap of more than `LONGEST_SECONDS` counts as no more than that.

    On some systems the monotonic clock goes on while a laptop is suspended, which would use up a time budget.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = clock()
        self._seconds = 0.0

    def __call__(self) -> float:
        """Return the seconds so far."""
        now = self._clock()
        self._seconds += min(max(now - self._last, 0.0), LONGEST_SECONDS)
        self._last = now
        return self._seconds
