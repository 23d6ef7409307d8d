"""What a step found out: losses and gradient norms, which stay on the device until somebody wants to know them.

To read one of them is to wait until the device has done the step. So nobody does while the next steps can be given to
it already.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Update(NamedTuple):
    """One use of gradients by the optimizers.

    Attributes:
        terms: Names of the losses.
        values: The unweighted losses and the norm of the gradient before it was clipped, (k + 1,).
        is_skipped: 1 where one of them is NaN or infinite, so that nothing may be learned from it, else 0; 0-d float32.
    """

    terms: tuple[str, ...]
    values: Tensor
    is_skipped: Tensor

    @classmethod
    def of(cls, losses: Mapping[str, Tensor], norm: Tensor) -> Update:
        """Judge losses and a norm, 0-d tensors, on their device."""
        values = torch.stack([*losses.values(), norm])
        return cls(tuple(losses), values, values.isfinite().all().logical_not().float())


class StepFigures(NamedTuple):
    """What one step found out.

    Attributes:
        step: Its number.
        updates: At least one, all with the same losses.
    """

    step: int
    updates: Sequence[Update]

    def read(self, *, is_scaled: bool) -> dict[str, float] | None:
        """Wait for the step, and return the losses of its last update; None if the training has diverged.

        Args:
            is_scaled: Whether a gradient that is infinite only says that its loss was multiplied by too much.
        """
        rows = torch.stack([update.values for update in self.updates]).tolist()  # one transfer
        judged = [value for row in rows for value in (row[:-1] if is_scaled else row)]
        return dict(zip(self.updates[-1].terms, rows[-1])) if all(map(math.isfinite, judged)) else None
