import math
import time
from dataclasses import replace

import pytest
import torch

from editor.config import Budget
from editor.training import forecast as module
from editor.training import trainer as trainer_module
from editor.training.forecast import Forecast, forecast

CPU = torch.device("cpu")


def test_it_is_measured_on_this_machine(tiny_config, monkeypatch):
    start, step, taken = time.perf_counter(), module._step, []
    monkeypatch.setattr(module, "_step", lambda *given: taken.append(step(*given)) or taken[-1])
    measured = forecast(tiny_config, CPU, seconds=1.0)
    seconds = [item.seconds for item in taken]
    # On a busy machine it is concluded from steps with one and two pictures, and then never more than a multiple.
    assert 0 < min(seconds) <= measured.seconds_per_step <= tiny_config.optimizer.batch_size * max(seconds)
    assert sum(seconds) < time.perf_counter() - start
    assert 100 < measured.peak_memory_mib < measured.room_mib  # PyTorch alone takes more
    assert measured.fitting_batch_size == measured.batch_size == tiny_config.optimizer.batch_size


def test_without_time_or_memory_a_batch_is_concluded_from_smaller_ones(tiny_config, monkeypatch):
    sizes = []

    def step(trainer, batch_size):
        sizes.append(batch_size)
        return module._Step(1.0 + batch_size, 100.0 + 50 * batch_size)

    monkeypatch.setattr(module, "_step", step)
    config = replace(tiny_config, optimizer=replace(tiny_config.optimizer, batch_size=64))
    monkeypatch.setattr(module, "room_mib", lambda device: 10_000.0)
    assert forecast(config, CPU, seconds=0).seconds_per_step == 65
    monkeypatch.setattr(module, "room_mib", lambda device: 340.0)
    found = forecast(config, CPU, seconds=60)
    assert (found.peak_memory_mib, found.fitting_batch_size) == (3300, 4)
    monkeypatch.setattr(module, "room_mib", lambda device: 120.0)
    assert forecast(config, CPU).fitting_batch_size == 0
    assert sizes == [1, 1, 2, 2] * 3, "a batch for which there is no room was tried"


def test_what_is_far_too_slow_is_not_measured_to_the_end(tiny_config, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with pytest.raises(module.ForecastError, match="too slow"):
        forecast(tiny_config, CPU)


class Clocks:
    """The time by the clock, and that in which this process computed; each step takes some of both."""

    def __init__(self, monkeypatch, wall, own):
        self.wall = self.own = 0.0
        monkeypatch.setattr(module.time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(module.time, "process_time", lambda: self.own)

        def step(trainer, batch_size):
            self.wall, self.own = self.wall + wall, self.own + own
            return module._Step(wall, None)

        monkeypatch.setattr(module, "_step", step)


@pytest.mark.parametrize(("own", "is_busy"), [(1.0, False), (2.0, False), (0.2, True)])
def test_a_busy_machine_is_told_from_a_slow_one(tiny_config, monkeypatch, own, is_busy):
    Clocks(monkeypatch, wall=1.0, own=own)
    found = forecast(tiny_config, CPU, seconds=6)
    assert (found.is_busy, found.seconds_per_step) == (is_busy, 1.0)


def test_only_what_this_program_computed_makes_a_machine_too_slow(tiny_config, monkeypatch):
    Clocks(monkeypatch, wall=16.0, own=2.0)  # 64 s by the clock, 8 of them ours
    assert forecast(tiny_config, CPU).is_busy
    Clocks(monkeypatch, wall=16.0, own=16.0)
    with pytest.raises(module.ForecastError, match="takes 16 s here, which is too slow"):
        forecast(tiny_config, CPU)
    Clocks(monkeypatch, wall=100.0, own=2.0)
    with pytest.raises(
        module.ForecastError, match="Another program keeps this machine busy: of 200 s this one had 4 s"
    ):
        forecast(tiny_config, CPU)
    assert forecast(tiny_config, CPU, patience=math.inf).seconds_per_step >= 100


def test_threads_that_wait_for_a_busy_core_make_no_machine_too_slow(tiny_config, monkeypatch):
    """They spin while they wait, so that all of the time counts as computing."""
    Clocks(monkeypatch, wall=0.5, own=0.5)
    clocks, plain = module.time, module._step

    def step(trainer, batch_size):
        if torch.get_num_threads() == 1:
            return plain(trainer, batch_size)
        return [plain(trainer, batch_size) for _ in range(100)][-1]._replace(seconds=50.0)

    monkeypatch.setattr(module, "_step", step)
    monkeypatch.setattr(module, "thread_counts", lambda device: (1, 2))
    assert forecast(tiny_config, CPU, seconds=0).seconds_per_step < 2 and clocks.process_time() > module.PATIENCE


def test_a_batch_that_runs_out_of_memory_is_halved(tiny_config, monkeypatch):
    compute = trainer_module.pair_gradients

    def gradients(model, batch, at_once):
        if min(at_once, len(batch.t)) > limit:
            raise torch.OutOfMemoryError
        return compute(model, batch, at_once)

    monkeypatch.setattr(trainer_module, "pair_gradients", gradients)
    monkeypatch.setattr(module, "room_mib", lambda device: None)
    limit = 2
    assert forecast(tiny_config, CPU, seconds=60).fitting_batch_size == 2
    limit = 0
    with pytest.raises(module.ForecastError, match="smaller"):
        forecast(tiny_config, CPU)


def test_the_measurement_leaves_the_global_random_state_alone(tiny_config):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    forecast(tiny_config, CPU, seconds=0.01)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    ("budget", "steps", "seconds"),
    [(Budget(minutes=1), 120, 60), (Budget(steps=7), 7, 3.5), (Budget(minutes=0.001), 1, 0.5)],
)
def test_budgets(budget, steps, seconds):
    seen = Forecast(batch_size=4, seconds_per_step=0.5, peak_memory_mib=None, room_mib=None, fitting_batch_size=4)
    assert (seen.steps(budget), seen.seconds(budget)) == (steps, seconds)
