"""Training on ZeroGPU, for which a module stands in: it lends a GPU so many times, and lets only plain data pass."""

import copy
import json
import sys
import threading
from contextvars import Context
from types import ModuleType

import pytest
import torch
from gradio.context import LocalContext

from editor.config import Budget
from editor.pairs.store import PairStore
from editor.training import cadence, slices
from editor.training.control import Control
from editor.training.history import read_history
from editor.training.run_folder import RunFolder
from editor.training.runner import TrainingRunner
from tests.conftest import TINY, fill_with_toy_pairs

STEPS = 6


@pytest.fixture
def zero(monkeypatch):
    """The stand-in for `spaces`: how many slices it has lent and for whose requests, and how many it will."""
    zero = ModuleType("spaces")
    zero.lent, zero.most, zero.durations, zero.requests = 0, 1000, [], []

    def decorate(duration):
        zero.durations.append(duration)

        def decorated(function):
            def call(*args):
                if zero.lent == zero.most:
                    raise RuntimeError("You have exceeded your GPU quota")
                zero.lent += 1
                zero.requests.append(LocalContext.request.get(None))  # as `spaces.zero.wrappers` does
                assert {type(arg) for arg in args} <= {str, float, int, Budget, type(None)}
                for value in function(*copy.deepcopy(args)):  # another process has objects of its own
                    assert type(value) is str
                    yield value

            return call

        return decorated

    zero.GPU = decorate
    monkeypatch.setitem(sys.modules, "spaces", zero)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(slices, "pick_device", lambda: torch.device("cpu"))
    monkeypatch.setattr(cadence, "REPORT_SECONDS", 0.0)  # so that every step is told of, and can end a slice
    slices.lent_slice.cache_clear()
    yield zero
    slices.lent_slice.cache_clear()


@pytest.fixture
def run(tmp_path):
    store = PairStore(tmp_path / "pairs")
    fill_with_toy_pairs(store, 6)
    return RunFolder.create(tmp_path / "run", config=TINY, store=store, effect="Toy")


def page(request="ada's"):
    """Return the context of a request."""
    context = Context()
    context.run(LocalContext.request.set, request)
    return context


def borrower(request="ada's"):
    """Return one whose page is open."""
    borrower = slices.Borrower()
    borrower.renew(page(request))
    return borrower


def trained(run, **more):
    more = {"control": Control(), "borrower": borrower(), **more}
    return [json.loads(line)["kind"] for line in slices.train_in_slices(run, **more)]


def test_slices_go_on_until_the_budget_is_used_up(run, zero):
    kinds = trained(run, budget=Budget(steps=STEPS), seconds=0)  # so that each does one step or a few
    history = read_history(run)
    assert (history.state, history.step, history.budget_steps) == ("finished", STEPS, STEPS)
    assert zero.lent == kinds.count("Started") > 1
    assert zero.durations == [slices.LENT_SECONDS]
    assert not (run.path / slices.STOP_NAME).exists()


def test_a_slice_that_is_long_enough_is_the_only_one(run, zero):
    trained(run, budget=Budget(steps=STEPS), seconds=1000)
    assert zero.lent == 1 and read_history(run).state == "finished"


def test_a_stop_reaches_the_slice(run, zero):
    control = Control()
    lines = slices.train_in_slices(run, borrower=borrower(), budget=Budget(steps=100_000), control=control)
    for line in lines:
        if json.loads(line)["kind"] == "StepDone":
            control.stop()
    history = read_history(run)
    assert history.state == "stopped" and history.saved_step == history.step > 0 and zero.lent == 1
    assert not (run.path / slices.STOP_NAME).exists()


def test_when_the_quota_is_used_up_the_page_says_so_and_nothing_is_lost(run, zero):
    zero.most = 2
    trained(run, budget=Budget(steps=10_000), seconds=0)
    history = read_history(run)
    assert history.state == "failed" and "exceeded your GPU quota" in history.message and history.saved_step
    zero.most = 1000
    kinds = trained(run, budget=Budget(steps=1), seconds=1000)
    assert kinds[-1] == "Finished" and read_history(run).step == history.saved_step + 1


def test_the_runner_trains_in_slices_there_and_shows_its_function_at_the_start(run, zero):
    runner = TrainingRunner()
    assert zero.durations
    runner.borrower.renew(page())
    runner.start(run, budget=Budget(steps=STEPS), device=slices.pick_device())
    assert runner.wait(120) and zero.lent == 1 and read_history(run).state == "finished"


def test_each_slice_is_borrowed_in_the_name_of_the_newest_request(run, zero):
    name = borrower("first")
    for line in slices.train_in_slices(run, borrower=name, budget=Budget(steps=3), control=Control(), seconds=0):
        if json.loads(line)["kind"] == "Finished":
            name.renew(page(f"after {zero.lent}"))
    assert zero.requests[:2] == ["first", "after 1"] and LocalContext.request.get(None) is None


def test_without_an_open_page_nothing_is_borrowed_and_the_page_says_why(run, zero, monkeypatch):
    monkeypatch.setattr(slices, "PAGE_SECONDS", 0.01)
    assert trained(run, borrower=slices.Borrower(), budget=Budget(steps=STEPS)) == ["Failed"]
    assert read_history(run).message == slices.NO_PAGE and not zero.lent
    monkeypatch.setattr(slices, "FRESH_SECONDS", -1.0)  # its page was closed long ago
    assert trained(run, budget=Budget(steps=STEPS)) == ["Failed"] and not zero.lent


def test_a_page_that_is_opened_in_time_is_waited_for(run, zero):
    name = slices.Borrower()
    opening = threading.Timer(0.2, name.renew, [page("late")])
    opening.start()
    assert trained(run, borrower=name, budget=Budget(steps=STEPS), seconds=1000)[-1] == "Finished"
    opening.join()
    assert zero.requests == ["late"]


def test_elsewhere_nothing_of_it_is_used(run, monkeypatch):
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    monkeypatch.setitem(sys.modules, "spaces", None)  # importing it would fail
    runner = TrainingRunner()
    runner.start(run, budget=Budget(steps=2), device=torch.device("cpu"))
    assert runner.wait(120) and read_history(run).state == "finished"
