"""Data parallelism: several processes, started by `torchrun`, compute the gradients of one step together.

Rank 0 leads. It alone has the pairs, the optimizers and the run's folder, and trains as a single process does, but it
sends the weights and the batch of each step to the other ranks, which send back the gradient of their rows. So events,
saves, a rollback and a resumed run need nothing of their own here, the others need no files, and two messages a step
are as many bytes as the one all-reduce of `DistributedDataParallel`. The detail filter, which is small, is learned by
rank 0 alone.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import torch
from torch import Tensor, distributed

from editor.config import RunConfig
from editor.data.dataset import PairBatch
from editor.device import describe, pick_device, sent
from editor.errors import UserError
from editor.models.editing_model import EditingModel
from editor.training.gradients import StepBatch, pair_gradients
from editor.training.micro_batch import MicroBatch
from editor.training.objective import Losses
from editor.training.setbacks import LostRankError

BACKENDS = {"cuda": "nccl", "cpu": "gloo"}
GENERATOR_BYTES = len(torch.Generator().get_state())
LONGEST_WAIT = timedelta(days=365)  # for rank 0 while a person has paused it


class _Shape(NamedTuple):
    """What rank 0 says before it sends a batch; all are 0 when the training has ended."""

    groups: int = 0
    references: int = 0
    height: int = 0
    width: int = 0


@contextmanager
def joined(device: str) -> Iterator[Ranks | None]:
    """Join the processes that `torchrun` started together; gives None where it did not start this one.

    Args:
        device: See `device.pick_device`. Of several graphics cards each process takes one.

    Raises:
        DeviceError: This machine has no such device.
        UserError: Processes on such a device cannot work together.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield None
        return
    chosen = pick_device(device)
    if chosen.type == "cuda" and chosen.index is None:
        chosen = pick_device(f"cuda:{os.environ['LOCAL_RANK']}")
    if chosen.type not in BACKENDS:
        raise UserError(f"Several processes cannot train together on {chosen.type}. Use --device cpu, or no torchrun.")
    distributed.init_process_group(BACKENDS[chosen.type], timeout=LONGEST_WAIT)
    ranks = Ranks(chosen)
    yield ranks
    if ranks.rank == 0:  # not after an error, at which messages may be under way; the others see that this one is gone
        ranks.end()
    distributed.destroy_process_group()


class Ranks:
    """The processes of one training, as each of them sees them.

    Attributes:
        device: What this one computes on.
        rank: Its number.
        count: How many there are.
    """

    def __init__(self, device: torch.device) -> None:
        """Describe the process group that this process has joined, see `joined`."""
        self.device = device
        self.rank, self.count = distributed.get_rank(), distributed.get_world_size()

    def describe(self) -> str:
        """Return a short text such as "2 x CPU, 1 core, bf16"."""
        return f"{self.count} x {describe(self.device)}"

    def own_part(self, config: RunConfig) -> RunConfig:
        """Return the settings of a training whose steps are as large as the part that one process has of them."""
        batch_size = math.ceil(config.optimizer.batch_size / self.count)
        return replace(config, optimizer=replace(config.optimizer, batch_size=batch_size))

    def begin(self, config: RunConfig) -> None:
        """Tell the others which model is trained. Rank 0 calls this once, before the first step.

        Raises:
            UserError: There are more processes than pictures in a step.
        """
        if self.count > config.optimizer.batch_size:
            raise UserError(
                f"A step has {config.optimizer.batch_size} pictures, too few for {self.count} processes. Start "
                f"torchrun with --nproc-per-node={config.optimizer.batch_size} or less."
            )
        text = json.dumps(config.to_dict()).encode()
        self._broadcast(torch.tensor([len(text)]))
        self._broadcast(torch.tensor(list(text), dtype=torch.uint8))

    def share(self, model: EditingModel, batch: StepBatch) -> StepBatch:
        """Send weights and batch to the others, and return the rows that are left for rank 0, which calls this."""
        pairs = batch.pairs
        self._broadcast(torch.tensor([*_Shape(*pairs.x_i.shape[:2], *pairs.x_i.shape[-2:])]))
        self._broadcast(torch.cat([*(sent(_flat(part), self.device) for part in _state(model)), _packed(batch)]))
        return self._own(batch)

    def add_up(self, model: EditingModel, losses: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Add what all ranks computed in one step. Each of them calls this; only rank 0 gets the sums.

        Args:
            model: Its parameters have the gradients of the rows of this rank, and then the sums.
            losses: What the rows contribute to each loss. Losses and gradients are NaN if one of any rank is.
        """
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in model.parameters()]
        zero = torch.zeros((), device=self.device)
        values = torch.stack([losses.get(name, zero) for name in Losses._fields])
        sums = torch.cat([*map(_flat, gradients), values])
        with _telling_of_lost():
            distributed.reduce(sums, dst=0)
        sizes = [gradient.numel() for gradient in gradients]
        *summed, values = sums.split([*sizes, len(values)])
        for gradient, part in zip(gradients, summed):
            gradient.copy_(part.view_as(gradient))
        named = dict(zip(Losses._fields, values.unbind()))
        return {name: named[name] for name in losses}

    def work(self) -> None:
        """Compute gradients for rank 0 until it ends. All other ranks call this.

        Raises:
            LostRankError: Rank 0 has ended without saying so.
            TrainingError: Memory does not suffice for a single picture.
        """
        length = self._received(1, torch.int64).item()
        if not length:
            return
        config = RunConfig.from_dict(json.loads(bytes(self._received(length, torch.uint8).tolist())))
        model = EditingModel(config).to(self.device, memory_format=torch.channels_last)
        micro_batch = MicroBatch(config.optimizer.batch_size, self.device)
        state = [*_state(model)]
        num_weights = sum(tensor.numel() for tensor in state)
        while (shape := _Shape(*self._received(len(_Shape._fields), torch.int64).tolist())).groups:
            received = self._received(num_weights + sum(map(math.prod, _parts(shape))), torch.float32)
            weights, packed = received.split([num_weights, len(received) - num_weights])
            with torch.no_grad():
                for tensor, part in zip(state, weights.split([tensor.numel() for tensor in state])):
                    tensor.copy_(part.view_as(tensor))
            own = self._own(_unpacked(packed, shape))
            losses = micro_batch.fit(lambda size, own=own: pair_gradients(model, own, size))
            self.add_up(model, losses)

    def end(self) -> None:
        """Tell the others that the training has ended. Rank 0 calls this."""
        self._broadcast(torch.tensor([*_Shape()]))

    def _own(self, batch: StepBatch) -> StepBatch:
        """Return the rows of this rank."""
        of = len(batch.t)
        return batch.rows(self.rank * of // self.count, (self.rank + 1) * of // self.count)

    def _broadcast(self, tensor: Tensor) -> None:
        with _telling_of_lost():
            distributed.broadcast(tensor.to(self.device), src=0)

    def _received(self, length: int, dtype: torch.dtype) -> Tensor:
        tensor = torch.empty(length, dtype=dtype, device=self.device)
        with _telling_of_lost():
            distributed.broadcast(tensor, src=0)
        return tensor


def _flat(tensor: Tensor) -> Tensor:
    return tensor.detach().reshape(-1)


def _state(model: EditingModel) -> list[Tensor]:
    """Return all that a step of the model depends on."""
    return [*model.parameters(), *model.buffers()]


def _packed(batch: StepBatch) -> Tensor:
    """Return a whole batch as one vector of float32, in which small integers are exact."""
    pairs, state = batch.pairs, sent(batch.generator.get_state(), batch.t.device)
    scale = torch.ones_like(state[:1]) if batch.scale is None else batch.scale[None]
    num_steps = torch.full_like(state[:1], batch.num_steps, dtype=torch.float32)
    parts = *map(_flat, (pairs.x_i, pairs.y_i, pairs.x_j, pairs.y_j)), batch.t, state, scale, num_steps
    return torch.cat([part.float() for part in parts])


def _parts(shape: _Shape) -> list[tuple[int, ...]]:
    """Return the shapes of what `_packed` joins."""
    picture = 3, shape.height, shape.width
    references = shape.groups, shape.references, *picture
    return [references, references, *2 * [(shape.groups, *picture)], (shape.groups,), (GENERATOR_BYTES,), (), ()]


def _unpacked(vector: Tensor, shape: _Shape) -> StepBatch:
    """Return the batch that `_packed` made a vector of."""
    shapes = _parts(shape)
    x_i, y_i, x_j, y_j, t, state, scale, num_steps = (
        part.view(size) for part, size in zip(vector.split([math.prod(size) for size in shapes]), shapes)
    )
    generator = torch.Generator()
    generator.set_state(state.to("cpu", torch.uint8))
    return StepBatch.whole(PairBatch(x_i=x_i, y_i=y_i, x_j=x_j, y_j=y_j), t.long(), generator, scale, num_steps.item())


@contextmanager
def _telling_of_lost() -> Iterator[None]:
    """Say in a sentence that another process has ended, which a message to or from it finds out."""
    try:
        yield
    except RuntimeError as error:
        if distributed.get_rank():
            message = "The process that leads this training has ended."
        else:
            message = (
                "Another process of this training has ended, so it cannot go on. What was learned is kept: start "
                "torchrun again, with --continue."
            )
        raise LostRankError(message) from error
