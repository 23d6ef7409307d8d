"""What a training will take, from a few steps of it."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import torch

from editor.config import Budget, RunConfig
from editor.memory import PeakMemory
from editor.pairs.dataset import PairDataset
from editor.training.registration import register
from editor.training.trainer import Trainer

LEAST_STEPS = 3  # that are measured, after one that finds its memory


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What was measured.

    Attributes:
        seconds_per_step: Median, on this machine as busy as it is.
        peak_memory_mib: Of the whole process on the CPU, of tensors on CUDA; None where the system does not say.
    """

    seconds_per_step: float
    peak_memory_mib: float | None

    def steps(self, budget: Budget) -> int:
        """Return how many steps a budget is good for, at least one."""
        return budget.steps or max(1, round(60 * budget.minutes / self.seconds_per_step))

    def seconds(self, budget: Budget) -> float:
        """Return how long a budget will take."""
        return self.steps(budget) * self.seconds_per_step


def forecast(config: RunConfig, device: torch.device, seconds: float = 2.0) -> Forecast:
    """Train a throwaway model on noise for a moment.

    Args:
        config: What is going to be trained.
        device: Where.
        seconds: How long to measure; a slow machine takes longer, for a few steps must be done.
    """
    memory = PeakMemory(device)
    draws = torch.Generator().manual_seed(0)
    noise = torch.rand(2, 2, 3, config.image_size, config.image_size, generator=draws) * 2 - 1
    pairs = PairDataset(("a", "b"), noise)
    trainer = Trainer(config, register(pairs, PairDataset((), noise[:0]), "off"), device)
    trainer.progress.begin(Budget(minutes=60))
    trainer.training_step()
    measured: list[float] = []
    while len(measured) < LEAST_STEPS or sum(measured) < seconds:
        start = time.perf_counter()
        trainer.training_step()  # reads its losses, so nothing is still under way on a GPU
        measured.append(time.perf_counter() - start)
    return Forecast(seconds_per_step=statistics.median(measured), peak_memory_mib=memory.mib())
