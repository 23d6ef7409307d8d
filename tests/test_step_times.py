import pytest
import torch

from tests import step_times
from tests.step_times import Way, measure


@pytest.mark.parametrize("way", Way)
def test_steps_are_timed_and_shares_add_up(tiny_config, way, monkeypatch):
    monkeypatch.setattr(step_times, "WARM_STEPS", 1)
    monkeypatch.setattr(step_times, "PROFILED_STEPS", 1)
    times = measure(tiny_config, torch.device("cpu"), 2, way)
    assert len(times.seconds) == 2 and min(times.seconds) > 0
    assert 0 < times.busy <= 1
    assert 0.1 < sum(times.operations.values()) <= 1
    assert "steps/s" in str(times)
