"""Where the time of a training step goes: `python -m tests.step_times --device cuda --presets draft,standard,fine`.

Prints steps a second, the share of the time in which the device computes, memory, and the costliest operations. It
trains on noise, for time does not depend on what pictures show. In the rest of the time a card waits for the host: so
it is also measured with pairs that are sent from the host, and with a host that waits for each step. Before that comes
what a step gives a card to do, which needs no card, see `tests.device_work`. All three presets take some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

from editor.config import PRESETS, RunConfig
from editor.device import describe, pick_device
from editor.memory import PeakMemory
from editor.training.trainer import Trainer
from tests.device_work import of_a_step, trainer_on_noise

WARM_STEPS = 5
PROFILED_STEPS = 3
TIMED_TOGETHER = 5  # steps of a card, which is given the next one while it computes the last one
NUM_OPERATIONS = 8


class Way(Enum):
    """How steps are taken."""

    AS_IT_IS = "as it is"
    SENT = "pairs sent from the host"
    WAITING = "waiting for each step"


class StepTimes(NamedTuple):
    """What was measured of one model on one device.

    Attributes:
        seconds: A step, by the clock; of a card the mean of a few.
        busy: Share of the time in which the device computed, 0 to 1.
        memory_mib: At most; None where the system does not say.
        operations: The costliest and their shares of the device's time.
    """

    seconds: tuple[float, ...]
    busy: float
    memory_mib: float | None
    operations: dict[str, float]

    def __str__(self) -> str:
        """Return two lines."""
        fast, *_, slow = statistics.quantiles(self.seconds, n=10)
        memory = "" if self.memory_mib is None else f", {self.memory_mib:.0f} MiB"
        shares = ", ".join(f"{name} {share:.0%}" for name, share in self.operations.items())
        return (
            f"{1 / statistics.median(self.seconds):.2f} steps/s ({1 / slow:.2f} to {1 / fast:.2f}), "
            f"computing {self.busy:.0%} of the time{memory}\n    {shares}"
        )


def measure(config: RunConfig, device: torch.device, num_steps: int, way: Way = Way.AS_IT_IS) -> StepTimes:
    """Take some steps after a few that do not count.

    Args:
        config: What is trained.
        device: Where.
        num_steps: At least two.
        way: How.
    """
    trainer = trainer_on_noise(config, device)
    if way is Way.SENT:
        trainer._resident = trainer.training
    memory = PeakMemory(device)
    _seconds(trainer, WARM_STEPS, way)
    together = TIMED_TOGETHER if device.type == "cuda" else 1
    seconds = [_seconds(trainer, together, way) / together for _ in range(max(2, num_steps // together))]
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device.type == "cuda" else [])]
    start = time.perf_counter()
    with profile(activities=activities) as profiler:
        _seconds(trainer, PROFILED_STEPS, way)
    took = time.perf_counter() - start
    times = _device_times(profiler, device)
    total = sum(times.values())
    costliest = sorted(times, key=times.get, reverse=True)[:NUM_OPERATIONS]
    busy = total / took if device.type == "cpu" else total / (PROFILED_STEPS * statistics.median(seconds))
    return StepTimes(tuple(seconds), min(busy, 1.0), memory.mib(), {name: times[name] / total for name in costliest})


def _seconds(trainer: Trainer, num_steps: int, way: Way) -> float:
    """Return how long some steps take until the last one is done."""
    start = time.perf_counter()
    for _ in range(num_steps):
        trainer.training_step()
        if way is Way.WAITING:
            trainer.read_losses()
    trainer.read_losses()
    if trainer.device.type == "cuda":
        torch.cuda.synchronize(trainer.device)
    return time.perf_counter() - start


def _device_times(profiler: profile, device: torch.device) -> dict[str, float]:
    """Return the seconds that a device spent in each kind of operation itself."""
    events = profiler.key_averages()
    if device.type == "cpu":
        return {event.key: event.self_cpu_time_total / 1e6 for event in events}
    kernels = [event for event in events if event.device_type == DeviceType.CUDA]
    return {event.key[:40]: event.self_device_time_total / 1e6 for event in kernels}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure presets, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--presets", default="draft", help=f"some of {','.join(PRESETS)}")
    parser.add_argument("--batch-sizes", default="", help="such as 4,8,16; by default that of each preset")
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args(arguments)
    device = pick_device(options.device)
    print(f"{describe(device)}, PyTorch {torch.__version__}")
    for name in options.presets.split(","):
        config = PRESETS[name]
        for size in map(int, options.batch_sizes.split(",")) if options.batch_sizes else [config.optimizer.batch_size]:
            config = replace(config, optimizer=replace(config.optimizer, batch_size=size))
            print(f"{name}, {config.image_size} px, {size} pictures a step: {of_a_step(config)}", flush=True)
            for way in Way if device.type == "cuda" else [Way.AS_IT_IS]:
                print(f"  {way.value}: {measure(config, device, options.steps, way)}", flush=True)


if __name__ == "__main__":
    main()
