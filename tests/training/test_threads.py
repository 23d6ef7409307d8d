import pytest
import torch

from editor.training import threads
from editor.training.threads import ThreadChoice, computing_with, thread_counts

CPU = torch.device("cpu")


class Machine:
    """Steps take the seconds that it is told, by a clock of its own."""

    def __init__(self, monkeypatch, **seconds):
        self.now, self.seconds, self.counts, self.running = 0.0, seconds, [], 4
        monkeypatch.setattr(threads.time, "perf_counter", lambda: self.now)
        monkeypatch.setattr(threads.torch, "get_num_threads", lambda: self.running)
        monkeypatch.setattr(threads.torch, "set_num_threads", lambda count: setattr(self, "running", count))

    def train(self, choice, steps):
        """Do some steps, and return how often each number of threads was used."""
        self.counts = []
        for _ in range(steps):
            with choice.timed():
                self.counts.append(self.running)
                self.now += self.seconds["one" if self.running == 1 else "all"]
        assert self.running == 4
        return {count: self.counts.count(count) for count in (1, 4)}


def test_all_threads_compute_where_that_is_quickest_and_one_is_hardly_ever_tried(monkeypatch):
    machine, choice = Machine(monkeypatch, one=0.4, all=0.1), ThreadChoice((1, 4))
    machine.train(choice, 4)
    assert machine.train(choice, 1000)[1] <= 1000 * 0.1 / (threads.TRIED * 0.4) + 1
    assert choice.best == 4


def test_one_thread_computes_while_another_program_keeps_a_core_busy(monkeypatch):
    machine, choice = Machine(monkeypatch, one=0.4, all=0.1), ThreadChoice((1, 4))
    machine.train(choice, 100)
    machine.seconds["all"] = 5.0
    assert machine.train(choice, 100)[4] <= threads.RECENT + 1  # it is found out at once
    assert choice.best == 1
    start = machine.now
    machine.train(choice, 2000)
    assert machine.now - start < 2000 * 0.4 * (1 + 2 / threads.TRIED) + 5  # trying costs next to nothing
    machine.seconds["all"] = 0.1
    machine.train(choice, 2000)
    assert choice.best == 4 and machine.train(choice, 100)[1] <= 1


def test_a_first_step_that_is_slow_by_nature_decides_nothing(monkeypatch):
    machine, choice = Machine(monkeypatch, one=50.0, all=0.1), ThreadChoice((1, 4))
    machine.train(choice, 1)
    machine.seconds = {"one": 0.05, "all": 0.1}
    machine.train(choice, 5)
    assert choice.best == 1


def test_a_step_that_fails_is_not_counted(monkeypatch):
    machine, choice = Machine(monkeypatch, one=0.4, all=0.1), ThreadChoice((1, 4))
    machine.train(choice, 4)
    with pytest.raises(MemoryError), choice.timed():
        machine.now += 100
        raise MemoryError
    assert choice.best == 4 and machine.running == 4


def test_there_is_a_choice_only_on_a_cpu_with_several_threads():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert thread_counts(CPU) == (1, 3) and thread_counts(torch.device("cuda")) == (3,)
        with computing_with(2):
            assert torch.get_num_threads() == 2
        assert torch.get_num_threads() == 3
        torch.set_num_threads(1)
        assert thread_counts(CPU) == (1,)
    finally:
        torch.set_num_threads(before)
