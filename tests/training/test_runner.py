import pytest
import torch

from editor.config import Budget
from editor.training.history import read_history
from editor.training.runner import RunnerBusy, TrainingRunner

CPU = torch.device("cpu")


def test_one_job_at_a_time_and_stop_keeps_what_was_learned(fresh_run):
    runner = TrainingRunner()
    assert runner.active is None
    runner.start(fresh_run, budget=Budget(minutes=5), device=CPU)
    assert runner.active == fresh_run
    with pytest.raises(RunnerBusy, match="is being trained"):
        runner.start(fresh_run, budget=Budget(steps=1), device=CPU)
    runner.control.stop()
    assert runner.wait(timeout=30)
    assert runner.active is None
    assert read_history(fresh_run).state in ("stopped", "empty")

    runner.start(fresh_run, budget=Budget(steps=2), device=CPU)
    assert runner.wait(timeout=30)
    assert read_history(fresh_run).state == "finished"
    assert fresh_run.has_weights


def test_a_paused_job_ends_when_it_is_stopped(fresh_run):
    runner = TrainingRunner()
    runner.start(fresh_run, budget=Budget(minutes=5), device=CPU)
    runner.control.pause()
    assert not runner.wait(timeout=1)
    runner.control.stop()
    assert runner.wait(timeout=30)
    assert read_history(fresh_run).state == "stopped"
