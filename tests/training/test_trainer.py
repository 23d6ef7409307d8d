import contextlib
import itertools
import time
from dataclasses import replace

import pytest
import torch

from editor.config import Budget
from editor.data.dataset import PairDataset
from editor.image_files import load_image
from editor.images import to_tensor
from editor.metrics.psnr import psnr
from editor.training import cadence
from editor.training import gradients as gradients_module
from editor.training import trainer as trainer_module
from editor.training.control import Control
from editor.training.events import Adjusted, CheckpointDue, Finished, Paused, Preview, Started, StepDone
from editor.training.history import read_history
from editor.training.objective import Losses
from editor.training.optimizers import PowerAverage
from editor.training.progress import Progress
from editor.training.registration import register
from editor.training.setbacks import DivergedError, TrainingError
from editor.training.trainer import Trainer
from tests.controls import StopsAfter


def test_it_learns_and_generalises(trained_run):
    """Held-out pairs end far closer to the truth than the source is, and the loss has fallen."""
    history = read_history(trained_run)
    assert history.state == "finished"
    pairs = trained_run.store.held_out()
    do_nothing = [
        psnr(to_tensor(load_image(pair.source))[None], to_tensor(load_image(pair.target))[None]).item()
        for pair in pairs
    ]
    assert history.previews[-1].is_held_out
    assert history.previews[-1].psnr > sum(do_nothing) / len(do_nothing) + 6
    assert history.losses[-1].losses["target"] < 0.5 * history.losses[0].losses["target"]


def test_events_come_in_order(trainer):
    events = list(trainer.run(Budget(steps=3)))
    kinds = [type(event) for event in events]  # a slow machine tells more often, so the middle is of any length
    assert kinds[:2] == [Started, Preview] and events[1].step == 0
    assert {StepDone} <= set(kinds[2:-3]) <= {StepDone, Preview} and kinds[-3:] == [Preview, CheckpointDue, Finished]
    assert events[0].num_pairs == 7 and events[0].num_held_out == 1
    assert events[-4].progress == 1.0
    assert set(events[-4].losses) == set(Losses._fields) - {"canvas"}, "which only a run with that output has"
    assert events[-1] == Finished(step=3, seconds=events[-1].seconds, was_stopped=False)


def test_stop_keeps_what_was_learned(trainer):
    *events, last = trainer.run(Budget(steps=100), StopsAfter(2))
    assert last.was_stopped and last.step == 2
    assert [type(event) for event in events[-2:]] == [Preview, CheckpointDue]


def test_a_pause_costs_no_time_and_changes_nothing(toy_store, tiny_config, monkeypatch):
    """N steps with a pause equal N steps without: bit for bit, and by the clock."""
    monkeypatch.setattr(cadence, "REPORT_SECONDS", 0.0)
    pairs = register(PairDataset.load(toy_store.pairs(), 32), PairDataset.load([], 32), "off")
    whole, paused = (Trainer(tiny_config, pairs, torch.device("cpu")) for _ in range(2))
    list(whole.run(Budget(steps=4)))

    now, control = itertools.count(), Control()
    events = []
    for event in paused.run(Budget(steps=4), control, clock=lambda: float(next(now))):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            control.pause()
        elif isinstance(event, Paused):
            assert [type(item) for item in events[-3:]] == [Preview, CheckpointDue, Paused], "all is kept before it"
            assert event.step == 2
            for _ in range(1000):
                next(now)  # a long pause
            control.resume()
    assert sum(isinstance(event, Paused) for event in events) == 1
    assert events[-1].step == 4
    assert events[-1].seconds < 100
    for a, b in zip(whole.model.parameters(), paused.model.parameters(), strict=True):
        assert torch.equal(a, b)
    for a, b in zip(whole.averaged.parameters(), paused.averaged.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_pause_does_not_use_up_a_time_budget(trainer):
    now, control = itertools.count(), Control()
    control.pause()
    for event in trainer.run(Budget(minutes=0.25), control, clock=lambda: float(next(now))):
        if isinstance(event, Paused):
            assert event.step == 0, "asked for before the first step"
            for _ in range(1000):
                next(now)
            control.resume()
    assert event.step >= 3 and 15 <= event.seconds < 25


def test_stopping_in_a_pause_keeps_what_was_kept_already(trainer, monkeypatch):
    monkeypatch.setattr(cadence, "REPORT_SECONDS", 0.0)
    control = Control()
    events = []
    for event in trainer.run(Budget(steps=100), control):
        events.append(event)
        if isinstance(event, StepDone):
            control.pause()
        elif isinstance(event, Paused):
            control.stop()
    assert [type(event) for event in events[-4:]] == [Preview, CheckpointDue, Paused, Finished]
    assert events[-1].was_stopped


@pytest.mark.parametrize(("request_", "kind"), [("preview", Preview), ("save", CheckpointDue)])
def test_what_is_asked_for_comes_after_the_step(trainer, monkeypatch, request_, kind):
    monkeypatch.setattr(cadence, "MIN_PREVIEW_SECONDS", 100.0)  # none of its own accord
    control, steps = Control(), []
    for event in trainer.run(Budget(steps=3), control):
        if isinstance(event, Started):
            control.ask(request_)
        if isinstance(event, kind) and event.step:
            steps.append(event.step)
    assert steps == [1, 3]
    assert not control.is_asked(request_)


def test_a_time_budget_ends_in_time(trainer):
    ticks = itertools.count()
    *_, last = trainer.run(Budget(minutes=0.02), clock=lambda: next(ticks) / 20)
    assert not last.was_stopped
    assert 1.2 <= last.seconds < 1.3


def test_the_next_budget_starts_where_the_last_ended(trainer):
    list(trainer.run(Budget(steps=2)))
    assert trainer.progress.share == 1
    *_, last = trainer.run(Budget(steps=3))
    assert last.step == 5


def test_same_seed_same_weights_other_seed_others(toy_store, tiny_config):
    def train(seed):
        data = PairDataset.load(toy_store.pairs(), 32)
        nobody = PairDataset.load([], 32)
        trainer = Trainer(replace(tiny_config, seed=seed), register(data, nobody, "off"), torch.device("cpu"))
        *_, preview, _, _ = trainer.run(Budget(steps=2))
        assert not preview.is_held_out  # without held-out pairs, pairs that were trained on are shown and marked so
        return torch.cat([p.flatten() for p in trainer.model.parameters()])

    first, again, other = train(1), train(1), train(2)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_learning_rate_warms_up_then_falls_over_the_budget(trainer):
    rates = []
    trainer.progress.begin(Budget(steps=100))
    for step in range(100):
        trainer.progress.step = step
        rates.append(trainer.learning_rate())
    peak = max(rates)
    assert rates[0] < 0.2 * peak
    assert rates.index(peak) in range(5, 25)
    assert rates[-1] < 0.02 * peak
    # Halfway through a time budget it is where it is halfway through a budget of steps.
    trainer.progress = Progress(step=1000, segment_step=0, seconds=30, budget=Budget(minutes=1))
    assert trainer.learning_rate() == pytest.approx(rates[50], rel=0.05)


def test_a_loss_that_is_no_number_ends_with_a_sentence(trainer):
    with torch.no_grad():
        trainer.model.m_x.head.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="stopped being a number"):
        list(trainer.run(Budget(steps=5)))


def test_power_average_weighs_by_power_of_the_step():
    """EDM2: the share of step t in the mean is proportional to t**exponent, up to O(1/t)."""
    model = torch.nn.Linear(1, 1)
    average = PowerAverage(model, exponent=2.0)
    for step in range(1, 201):
        torch.nn.init.constant_(model.weight, step)
        average.update_parameters(model)
    steps = torch.arange(1, 201).float()
    expected = (steps * steps**2).sum() / (steps**2).sum()
    torch.testing.assert_close(average.module.weight.detach()[0, 0], expected, rtol=0.02, atol=0)


def test_previews_take_a_small_share_of_the_time(trainer, monkeypatch):
    def step():
        """In place of a real step: the test looks only at the times of previews."""
        trainer.progress.step += 1

    monkeypatch.setattr(trainer, "training_step", step)
    monkeypatch.setattr(cadence, "MIN_PREVIEW_SECONDS", 0.2)
    ticks = itertools.count()
    events = trainer.run(Budget(minutes=0.05), clock=lambda: next(ticks) / 100)  # so a preview takes 0.01 s
    times = [event.seconds for event in events if isinstance(event, Preview)]
    assert times[0] == 0.0 and times[1] < 0.3
    assert 10 <= len(times) <= 16  # every 0.2 s of 3 s, which is 5 % of the time


def test_a_clock_that_stands_still_keeps_other_work_out_of_the_time(trainer):
    """A benchmark scores between the events of a training."""
    now = iter(range(10_000))
    events = trainer.run(Budget(minutes=0.25), clock=lambda: float(next(now)))
    finished = list(events)[-1]
    assert 15 <= finished.seconds < 20


def little_memory(trainer, monkeypatch, *, pictures, error):
    """Let the network take at most so many pictures at once; return how many it was given each time."""
    forward, given = type(trainer.model).forward, []

    def limited(model, *, x_j, **more):
        given.append(len(x_j))
        if len(x_j) > pictures:
            raise error
        return forward(model, x_j=x_j, **more)

    monkeypatch.setattr(type(trainer.model), "forward", limited)
    return given


def gradients(trainer):
    trainer.training_step()
    return [parameter.grad.clone() for parameter in trainer.model.parameters()]


@pytest.mark.parametrize("pictures", [1, 2, 3])
def test_with_little_memory_the_same_is_learned_in_parts(toy_store, tiny_config, monkeypatch, pictures):
    """The same draws, noise included, and the same gradient up to rounding."""
    monkeypatch.setattr(gradients_module, "autocast", lambda device: contextlib.nullcontext())
    pairs = register(PairDataset.load(toy_store.training(), 32), PairDataset.load(toy_store.held_out(), 32), "off")
    config = replace(tiny_config, group_size=3)
    whole, parts = (Trainer(config, pairs, torch.device("cpu")) for _ in range(2))
    for trainer in (whole, parts):
        with torch.no_grad():
            for name, parameter in trainer.model.named_parameters():
                if name.endswith("strength"):
                    parameter.fill_(0.3)  # zero at first, and then the decoder's noise would not count
                elif not parameter.any():
                    parameter.normal_(std=0.05, generator=torch.Generator().manual_seed(0))
    expected = gradients(whole)
    error = RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried")
    given = little_memory(parts, monkeypatch, pictures=pictures, error=error)
    for a, b in zip(expected, gradients(parts)):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3 * float(a.abs().max()) + 1e-9)
    assert given == {1: [4, 2, 1, 1, 1, 1], 2: [4, 2, 2], 3: [4, 2, 2]}[pictures]


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory. Tried to allocate")])
def test_little_memory_is_told_once_and_previews_go_on(trainer, monkeypatch, error):
    little_memory(trainer, monkeypatch, pictures=2, error=error)
    events = list(trainer.run(Budget(steps=4)))
    (adjusted,) = [event for event in events if isinstance(event, Adjusted)]
    assert "2 at a time" in adjusted.message
    assert events[-1].step == 4


def test_too_little_memory_ends_with_a_sentence(trainer, monkeypatch):
    little_memory(trainer, monkeypatch, pictures=0, error=MemoryError())
    with pytest.raises(TrainingError, match="not enough memory.*smaller preset"):
        trainer.training_step()
    little_memory(trainer, monkeypatch, pictures=0, error=RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        trainer.training_step()


def diverge(trainer, monkeypatch, *, at):
    """Make the loss no number whenever one of the steps `at` is done with more than a quarter of the rate."""
    monkeypatch.setattr(trainer_module, "ROLLBACK_STEPS", 2)
    loss = gradients_module.objective

    def spoiled(*args, **more):
        losses = loss(*args, **more)
        is_bad = trainer.progress.step in at and trainer.progress.rate_factor > 0.25
        return losses._replace(target=losses.target * float("nan")) if is_bad else losses

    monkeypatch.setattr(gradients_module, "objective", spoiled)


def test_a_loss_that_is_no_number_leads_back_with_half_the_rate(trainer, monkeypatch):
    diverge(trainer, monkeypatch, at=[5])
    events = list(trainer.run(Budget(steps=8)))
    told = [event for event in events if isinstance(event, Adjusted)]
    assert [event.step for event in told] == [4, 4]
    assert "step 5" in told[0].message and "0.5 of the learning rate" in told[0].message
    assert trainer.progress.rate_factor == 0.25
    assert events[-1].step == 8 and not events[-1].was_stopped
    assert all(parameter.isfinite().all() for parameter in trainer.model.parameters())


def test_a_gradient_that_is_no_number_changes_no_weight(trainer):
    before = [parameter.clone() for parameter in trainer.model.parameters()]
    trainer.model.m_x.head.weight.register_hook(lambda gradient: gradient * float("inf"))
    trainer.training_step()
    with pytest.raises(DivergedError, match="at step 0"):
        trainer.read_losses()
    for a, b in zip(before, trainer.model.parameters()):
        assert torch.equal(a, b)


def test_going_back_is_exact(toy_store, tiny_config, monkeypatch):
    """Weights, averages and optimizers are those of the good moment: what follows is as if nothing had happened."""
    pairs = register(PairDataset.load(toy_store.training(), 32), PairDataset.load(toy_store.held_out(), 32), "off")
    smooth, rough = (Trainer(tiny_config, pairs, torch.device("cpu")) for _ in range(2))
    list(smooth.run(Budget(steps=4)))
    smooth.progress.rate_factor = 0.25
    smooth.progress.begin(Budget(steps=4))
    list(smooth.run())
    list(rough.run(Budget(steps=4)))
    diverge(rough, monkeypatch, at=[5])
    list(rough.run(Budget(steps=4)))
    for part in ("model", "averaged"):
        a, b = (getattr(trainer, part).state_dict() for trainer in (smooth, rough))
        assert all(torch.equal(a[name], b[name]) for name in a)


def test_neither_a_set_clock_nor_a_long_sleep_ends_a_run(trainer, monkeypatch):
    monkeypatch.setattr(time, "time", itertools.count(10**9, 86_400).__next__)  # somebody sets it, again and again
    ticks = itertools.chain([0, 1, 2, 3, 8 * 3600], itertools.count(8 * 3600))
    events = list(trainer.run(Budget(minutes=1.5), clock=lambda: next(ticks)))
    assert events[-1].seconds == pytest.approx(90, abs=1)
    assert events[-1].step > 8  # in the half minute that it was awake


def test_what_was_kept_before_going_back_is_kept_anew(trainer, monkeypatch):
    """The same step may be reached on another course."""
    diverge(trainer, monkeypatch, at=[5])
    pauses = iter([True])

    class PausesThenStopsAtFive(Control):
        def should_pause(self):
            return trainer.progress.step == 5 and next(pauses, False)

        def should_stop(self):
            return trainer.progress.step == 5 and trainer.progress.rate_factor < 1

    events = [type(event) for event in trainer.run(Budget(steps=50), PausesThenStopsAtFive())]
    assert Paused in events and events.count(Adjusted) == 1
    assert events[-3:] == [Preview, CheckpointDue, Finished]
