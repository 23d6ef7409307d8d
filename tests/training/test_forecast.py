import time

import pytest
import torch

from editor.config import Budget
from editor.training.forecast import LEAST_STEPS, Forecast, forecast

CPU = torch.device("cpu")


def test_it_is_measured_on_this_machine(tiny_config):
    start = time.perf_counter()
    measured = forecast(tiny_config, CPU, seconds=0.01)
    assert 0 < measured.seconds_per_step * LEAST_STEPS < time.perf_counter() - start
    assert measured.peak_memory_mib > 100  # PyTorch alone takes more


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
    seen = Forecast(seconds_per_step=0.5, peak_memory_mib=None)
    assert (seen.steps(budget), seen.seconds(budget)) == (steps, seconds)
