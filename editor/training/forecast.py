"""Time and memory that a training will need, measured with a few steps."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

import torch

from editor.config import Budget, RunConfig
from editor.data.dataset import PairDataset
from editor.errors import UserError
from editor.memory import PeakMemory, room_mib
from editor.training.micro_batch import is_out_of_memory
from editor.training.registration import register
from editor.training.setbacks import TrainingError
from editor.training.threads import computing_with, thread_counts
from editor.training.trainer import Trainer
from editor.training.trend import USEFUL_STEPS

SECONDS = 2.0  # to measure
ENOUGH = 2  # whole batches to measure even if the first steps used up the time, unless the machine is slow
PATIENCE = 45.0  # seconds that this process computes for the first steps; beyond that the forecast is given up
LONGEST = 4  # times PATIENCE: the same limit in wall-clock time, which a busy machine reaches first
BUSY = 0.7  # of one processor: with less, this process waits for others, since an idle machine gives it all of one
MARGIN = 1.1  # previews take a little memory, too


class ForecastError(UserError):
    """This machine is too slow or has too little memory. The message is for a person."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What was measured, or extrapolated from it.

    Attributes:
        batch_size: The wanted one.
        seconds_per_step: On this machine under its current load.
        is_busy: Whether other programs took much of that time. Never known of a graphics card.
        peak_memory_mib: Of the whole process on the CPU, of tensors on CUDA; None where the system does not say.
        room_mib: The most that this may become; None where the system does not say.
        fitting_batch_size: The largest for which memory will do, at most the wanted one; 0 if none will.
    """

    batch_size: int
    seconds_per_step: float
    is_busy: bool = False
    peak_memory_mib: float | None
    room_mib: float | None
    fitting_batch_size: int

    def steps(self, budget: Budget) -> int:
        """Return how many steps fit into a budget, at least one."""
        return budget.steps or max(1, round(60 * budget.minutes / self.seconds_per_step))

    def seconds(self, budget: Budget) -> float:
        """Return how long a budget will take."""
        return self.steps(budget) * self.seconds_per_step

    @property
    def useful_seconds(self) -> float:
        """How long until a preview shows the edit."""
        return USEFUL_STEPS * self.seconds_per_step


class _Step(NamedTuple):
    """What a step with a batch of some size takes."""

    seconds: float
    memory_mib: float | None


class _Watch:
    """Time since it was made, by the clock and as this process had a processor."""

    def __init__(self, device: torch.device) -> None:
        self._start = time.perf_counter(), time.process_time()
        self._is_cpu = device.type == "cpu"

    @property
    def seconds(self) -> float:
        """By the clock."""
        return time.perf_counter() - self._start[0]

    @property
    def own_seconds(self) -> float:
        """Those in which this process computed, at most all."""
        return min(self.seconds, time.process_time() - self._start[1]) if self._is_cpu else self.seconds

    @property
    def is_busy(self) -> bool:
        """Whether others had the machine for much of the time."""
        return self.own_seconds < BUSY * self.seconds


def forecast(
    config: RunConfig, device: torch.device, seconds: float | None = None, *, patience: float | None = None
) -> Forecast:
    """Train a throwaway model on noise for a moment.

    Args:
        config: What is going to be trained.
        device: Where.
        seconds: How long to measure, `SECONDS` by default, at least four steps with small batches. If no time or memory
            is left for the whole batch, its needs are extrapolated from these.
        patience: Seconds that the first steps may compute, with all threads or with one, `PATIENCE` by default.
            Infinite where somebody has decided on a number of steps, however long these take.

    Raises:
        ForecastError: A batch of two pictures does not fit, or takes too long.
    """
    wanted, room = config.optimizer.batch_size, room_mib(device)
    watch, patience = _Watch(device), PATIENCE if patience is None else patience
    seconds = SECONDS if seconds is None else seconds

    counts = thread_counts(device)
    taken, own = (dict.fromkeys(counts, 0.0) for _ in range(2))  # seconds by the clock, and of this process

    def small_step(batch_size: int, threads: int) -> _Step:
        begun, own_begun = watch.seconds, watch.own_seconds
        with computing_with(threads):
            step = _step(trainer, min(batch_size, wanted))
        taken[threads] += watch.seconds - begun
        own[threads] += watch.own_seconds - own_begun
        if min(own.values()) > patience:
            raise ForecastError(
                f"One step with {'a single picture' if batch_size == 1 else 'two pictures'} takes {step.seconds:.0f} s "
                "here, which is too slow to learn anything soon. Choose a smaller size or preset."
            )
        if min(taken.values()) > LONGEST * patience:
            raise ForecastError(
                f"Another program keeps this machine busy: of {watch.seconds:.0f} s this one had "
                f"{watch.own_seconds:.0f} s to compute, and it is too slow to learn anything soon. Try again when "
                "the other has ended."
            )
        return step

    try:
        trainer = _throwaway(config, device)
        # The second step of each size is warm, and from the difference between the two sizes follows what a larger
        # batch will need, before it is tried.
        small_step(1, counts[0])
        ones = {count: small_step(1, count) for count in counts}
        threads = min(ones, key=lambda count: ones[count].seconds)
        one, two = ones[threads], [small_step(2, threads) for _ in range(2)][-1]
    except (MemoryError, RuntimeError, TrainingError) as error:
        if not (isinstance(error, TrainingError) or is_out_of_memory(error)):
            raise
        raise ForecastError(
            "There is not enough memory for pictures of this size. Choose a smaller size or preset."
        ) from error
    # Timings are noisy, so a second picture may seem to cost nothing, or more than the first.
    more_seconds = min(max(two.seconds - one.seconds, one.seconds / 10), two.seconds / 2)
    step = _Step(one.seconds + (wanted - 1) * more_seconds, None)
    fitting = wanted
    if one.memory_mib is not None and two.memory_mib is not None:
        more_mib = max(two.memory_mib - one.memory_mib, 1.0)
        step = step._replace(memory_mib=one.memory_mib + (wanted - 1) * more_mib)
        if room is not None:
            fitting = max(0, min(wanted, 1 + math.floor((room / MARGIN - one.memory_mib) / more_mib)))
    measured: list[_Step] = []
    while fitting == wanted and (watch.seconds < seconds or (len(measured) < ENOUGH and step.seconds < 2 * seconds)):
        try:
            with computing_with(threads):
                measured.append(_step(trainer, wanted))
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            fitting = min(trainer.pictures_at_once, wanted // 2)
    if measured:
        warm = measured[1:] or measured  # the first of a size takes longer
        step = _Step(median(item.seconds for item in warm), measured[-1].memory_mib)
    return Forecast(
        batch_size=wanted,
        seconds_per_step=step.seconds,
        is_busy=watch.is_busy,
        peak_memory_mib=step.memory_mib,
        room_mib=room,
        fitting_batch_size=fitting,
    )


def _throwaway(config: RunConfig, device: torch.device) -> Trainer:
    draws = torch.Generator().manual_seed(0)
    noise = torch.rand(2, 2, 3, config.image_size, config.image_size, generator=draws) * 2 - 1
    pairs = PairDataset.of(("a", "b"), noise)
    trainer = Trainer(config, register(pairs, pairs[:0], "off"), device)
    trainer.progress.begin(Budget(minutes=60))
    return trainer


def _step(trainer: Trainer, batch_size: int) -> _Step:
    """Take one step.

    Raises:
        MemoryError, RuntimeError, TrainingError: Memory does not suffice for the whole batch at once.
    """
    optimizer = replace(trainer.config.optimizer, batch_size=batch_size)
    trainer.config = replace(trainer.config, optimizer=optimizer)
    memory, start = PeakMemory(trainer.device), time.perf_counter()
    trainer.training_step()
    trainer.read_losses()  # so nothing is still under way on a GPU
    if trainer.pictures_at_once < batch_size:  # it went through in parts, see `micro_batch.MicroBatch`
        raise MemoryError
    return _Step(time.perf_counter() - start, memory.mib())
