import torch

from tests.step_times import measure


def test_steps_are_timed_and_shares_add_up(tiny_config):
    times = measure(tiny_config, torch.device("cpu"), 2)
    assert len(times.seconds) == 2 and min(times.seconds) > 0
    assert 0 < times.busy <= 1
    assert 0.1 < sum(times.operations.values()) <= 1
    assert "steps/s" in str(times)
