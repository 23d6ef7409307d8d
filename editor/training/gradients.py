"""Gradients of one step: those of a batch, or of some rows of it where several processes share the work."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from editor.data.dataset import PairBatch
from editor.device import autocast
from editor.models.editing_model import EditingModel
from editor.training.micro_batch import noise_for_rows
from editor.training.objective import UNCHANGED_FULL, objective


class StepBatch(NamedTuple):
    """Some rows of the batch of one step.

    Attributes:
        pairs: The groups of pairs in these rows.
        t: Their noise levels, (b,) int64.
        generator: Source of the noise of the whole batch, on the CPU.
        first: Number of the first row.
        of: How many rows the whole batch has.
        scale: By what the loss is multiplied before backward, and with it all gradients, a 0-d tensor; None for 1.
        num_steps: For how many steps M has learned.
    """

    pairs: PairBatch
    t: Tensor
    generator: torch.Generator
    first: int
    of: int
    scale: Tensor | None
    num_steps: float

    @classmethod
    def whole(
        cls,
        pairs: PairBatch,
        t: Tensor,
        generator: torch.Generator,
        scale: Tensor | None = None,
        num_steps: float = UNCHANGED_FULL,
    ) -> StepBatch:
        """Return all rows."""
        return cls(pairs, t, generator, 0, len(t), scale, num_steps)

    def rows(self, start: int, stop: int) -> StepBatch:
        """Return rows `start` to `stop` of these."""
        part = slice(start, stop)
        return self._replace(pairs=self.pairs[part], t=self.t[part], first=self.first + start)


def pair_gradients(model: EditingModel, batch: StepBatch, at_once: int) -> dict[str, Tensor]:
    """Leave in the parameters what some rows contribute to the gradient of the whole batch's loss.

    Args:
        model: In training mode.
        batch: The rows.
        at_once: How many of them go through the network at once; the rest is accumulated.

    Returns:
        What the rows contribute to the unweighted losses of the whole batch, 0-d tensors on their device. If one of
        these is NaN or infinite, the parameters have no gradient that is of use.
    """
    model.zero_grad(set_to_none=True)
    sums = 0.0
    for start in range(0, len(batch.t), at_once):
        part = batch.rows(start, start + at_once)
        share = len(part.t) / batch.of  # every loss is a mean over the groups
        pairs, device = part.pairs, part.t.device
        noise = noise_for_rows(batch.generator, slice(part.first, part.first + len(part.t)), batch.of, device)
        with autocast(device):
            output = model(x_i=pairs.x_i, y_i=pairs.y_i, x_j=pairs.x_j, t=part.t, noise=noise)
        losses = objective(output, pairs, one_to_one=model.config.one_to_one)
        loss = losses.weighted_sum(model.config.loss_weights, batch.num_steps)
        sums = sums + share * torch.stack([*losses.terms().values()]).detach()
        # Backward of NaN positions crashes the process on a CPU. There a look costs nothing, for nothing is under way.
        if device.type == "cpu" and not math.isfinite(loss.item()):
            sums = sums * math.nan
            break
        scaled = share * loss
        (scaled if batch.scale is None else batch.scale * scaled).backward()
    return dict(zip(losses.terms(), sums.unbind()))
