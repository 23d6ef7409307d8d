"""A step gives its work to a graphics card and waits for nothing."""

import math
from dataclasses import replace

import pytest
import torch

from editor.config import Budget, DetailConfig
from editor.data.large_dataset import LargeDataset
from editor.training import cadence
from editor.training.detail import DetailStage
from editor.training.events import StepDone
from editor.training.figures import StepFigures, Update
from editor.training.optimizers import Muon
from tests.device_work import CARD, card_like, counted, trainer_on_noise
from tests.standins.on_card import OnCard


def settled(config, **more):
    """A trainer on the stand-in for a card, after the step that makes the optimizers' state."""
    trainer = trainer_on_noise(config, CARD, **more)
    trainer.training_step()
    return trainer


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"output": "canvas", "color_map": "auto"},
        {"output": "direct", "group_size": 3, "use_noise": True},
        {"use_transform": False, "optimizer.batch_size": 5},
    ],
    ids=str,
)
def test_no_step_waits(tiny_config, changes):
    batch_size = changes.pop("optimizer.batch_size", 4)
    config = replace(tiny_config, **changes, optimizer=replace(tiny_config.optimizer, batch_size=batch_size))
    with card_like():
        trainer = settled(config)
        if trainer.model.color_map is not None:
            trainer.model.color_map.explained.fill_(0.5)
        with counted() as work:
            trainer.training_step()
        assert not work.waits
        assert work.launches.total() > 500
        with counted() as work:
            trainer.read_losses()
        assert work.waits.total() == 2, "one transfer a step"
        assert "2 waits at training/figures.py" in str(work)


def test_no_step_in_parts_waits(tiny_config):
    with card_like():
        trainer = settled(tiny_config)
        trainer._step_batch.size = 3
        with counted() as work:
            trainer.training_step()
        assert not work.waits


def test_no_step_of_the_detail_filter_waits(tiny_config):
    with card_like():
        trainer = trainer_on_noise(replace(tiny_config, detail=DetailConfig(mode="on")), CARD)
        trainer._detail = DetailStage(*(LargeDataset(pairs, {}) for pairs in (trainer.training, trainer.held_out)))
        trainer.training_step()
        with counted() as work:
            trainer.training_step()
        assert work.launches and not work.waits


def test_what_waits_is_counted():
    """Else the tests above could not fail."""
    card = torch.ones(3, device=CARD)
    for look in (
        lambda: card.sum().item(),
        lambda: bool(card.any()),
        lambda: card.cpu(),
        lambda: torch.zeros(3).to(CARD),
        lambda: card.copy_(torch.zeros(3)),
        lambda: torch.tensor([1.0], device=CARD),
    ):
        with counted() as work:
            look()
        assert work.waits.total() == 1


def test_pairs_that_fit_stay_on_the_card(tiny_config, monkeypatch):
    """A batch is gathered there, and only draws are sent."""
    sent = {}
    for room in (1e6, 0.0):
        monkeypatch.setattr("editor.data.dataset.room_mib", lambda device, room=room: room)
        with card_like():
            trainer = settled(tiny_config)
            with counted() as work:
                trainer.training_step()
        assert not work.waits
        sent[room] = work.num_bytes
    pictures = 4 * 2 * 2 * 3 * 32**2
    assert sent[0.0] > pictures > 5 * sent[1e6]


def test_only_a_step_that_reports_is_read(trainer, monkeypatch):
    monkeypatch.setattr(cadence, "REPORT_SECONDS", 1e9)
    read, read_at = trainer.read_losses, []
    monkeypatch.setattr(trainer, "read_losses", lambda: read_at.append(trainer.progress.step) or read())
    *_, told = (event for event in trainer.run(Budget(steps=5)) if isinstance(event, StepDone))
    assert read_at == [5]
    assert 0 < told.losses["target"] < 2, "the mean of five"


def figures(*values):
    losses = {"target": torch.tensor(values[0])}
    return StepFigures(7, [Update.of(losses, torch.tensor(norm)) for norm in values[1:]])


def test_what_is_no_number_is_told_from_what_was_scaled_too_much():
    assert figures(0.5, 1.0, 2.0).read(is_scaled=False) == {"target": 0.5}
    assert figures(0.5, math.nan, 2.0).read(is_scaled=False) is None, "also if it was another update of the step"
    assert figures(0.5, math.inf).read(is_scaled=False) is None
    assert figures(0.5, math.inf).read(is_scaled=True) == {"target": 0.5}
    assert figures(math.nan, 1.0).read(is_scaled=True) is None
    assert [update.is_skipped.item() for update in figures(0.5, 1.0, math.inf).updates] == [0, 1]


@pytest.mark.parametrize("kind", [torch.Tensor, OnCard])
def test_muon_skips_exactly(kind):
    weights = [torch.nn.Parameter(torch.randn(24, 32)), torch.nn.Parameter(torch.randn(32, 8, 3, 3))]
    muon, plain = (
        Muon([weight.detach().clone().requires_grad_() for weight in weights], lr=0.1, weight_decay=0.1)
        for _ in range(2)
    )
    for step, is_bad in enumerate((0, 1, 0)):
        muon.found_inf = torch.tensor(float(is_bad)).as_subclass(kind)
        for ours, theirs in zip(muon.param_groups[0]["params"], plain.param_groups[0]["params"]):
            theirs.grad = torch.randn(ours.shape, generator=torch.Generator().manual_seed(step))
            ours.grad = theirs.grad * (math.nan if is_bad else 1)
        muon.step()
        if not is_bad:
            plain.step()
        for ours, theirs in zip(muon.param_groups[0]["params"], plain.param_groups[0]["params"]):
            torch.testing.assert_close(ours, theirs)
            torch.testing.assert_close(muon.state[ours]["momentum"], plain.state[theirs]["momentum"])
