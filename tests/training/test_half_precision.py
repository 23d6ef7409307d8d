"""float16 with a scaled loss, which graphics cards without bfloat16 need, on a CPU."""

import json
from statistics import mean

import pytest
import torch
from safetensors.torch import load_file, save_file

from editor import device
from editor.config import Budget
from editor.training import cadence, optimizers
from editor.training import trainer as trainer_module
from editor.training.checkpoint import CheckpointError, load_training_state, save_training_state
from editor.training.events import Adjusted, Finished, StepDone
from editor.training.recording import prepare
from editor.training.setbacks import DivergedError

CPU = torch.device("cpu")


@pytest.fixture
def in_float16(monkeypatch):
    """Let this machine compute as a card without bfloat16 does."""
    for module in (device, optimizers, trainer_module):
        monkeypatch.setattr(module, "fast_dtype", lambda device: torch.float16)


def state_of(trainer):
    return [*trainer.model.state_dict().values(), *trainer.averaged.state_dict().values()]


def same(a, b):
    return all(torch.equal(ours, theirs) for ours, theirs in zip(state_of(a), state_of(b), strict=True))


def set_scale(trainer, scale):
    trainer.scaler.load_state_dict(trainer.scaler.state_dict() | {"scale": scale})


def test_it_learns(in_float16, fresh_run, monkeypatch):
    monkeypatch.setattr(cadence, "REPORT_SECONDS", 0.0)
    formats = set()
    trainer = prepare(fresh_run, CPU)
    trainer.model.m_y.patch_embed.proj.register_forward_hook(lambda layer, x, y: formats.add(y.dtype))
    events = list(trainer.run(Budget(steps=30)))
    losses = [event.losses["target"] for event in events if isinstance(event, StepDone)]
    assert mean(losses[-5:]) < 0.8 * mean(losses[:5])
    assert torch.float16 in formats and trainer.scaler.get_scale() > 1
    assert {weight.dtype for weight in trainer.model.parameters()} == {torch.float32}
    assert isinstance(events[-1], Finished) and not any(isinstance(event, Adjusted) for event in events)


def test_a_gradient_that_was_scaled_too_much_is_skipped(in_float16, fresh_run):
    trainer = prepare(fresh_run, CPU)
    trainer.progress.begin(Budget(steps=100))
    trainer.training_step()
    before = [value.clone() for value in trainer.model.state_dict().values()]
    set_scale(trainer, 2.0**120)
    trainer.training_step()
    assert all(torch.equal(a, b) for a, b in zip(before, trainer.model.state_dict().values()))
    assert trainer.scaler.get_scale() == 2.0**119
    assert len(trainer.read_losses()) == 2, "nothing is wrong"
    set_scale(trainer, 2.0**12)
    trainer.training_step()
    assert not all(torch.equal(a, b) for a, b in zip(before, trainer.model.state_dict().values()))


def test_gradients_that_no_scale_makes_numbers_end_the_training(in_float16, fresh_run):
    trainer = prepare(fresh_run, CPU)
    trainer.progress.begin(Budget(steps=100))
    trainer.model.m_x.head.weight.register_hook(lambda gradient: gradient * float("inf"))
    set_scale(trainer, 4.0)
    for _ in range(2):
        trainer.training_step()
    assert len(trainer.read_losses()) == 2
    trainer.training_step()
    with pytest.raises(DivergedError, match="at step 2"):
        trainer.read_losses()


def test_stopping_and_continuing_changes_nothing(in_float16, fresh_run, tmp_path):
    whole, first, second = (prepare(fresh_run, CPU) for _ in range(3))
    for trainer in (whole, first):
        set_scale(trainer, 2.0**40)
        trainer.progress.begin(Budget(steps=100))
    for _ in range(6):
        whole.training_step()
    for _ in range(3):
        first.training_step()
    path = tmp_path / "state.safetensors"
    save_training_state(path, first)
    load_training_state(path, second)
    assert second.scaler.state_dict() == first.scaler.state_dict()
    for _ in range(3):
        second.training_step()
    assert same(whole, second)
    assert whole.scaler.state_dict() == second.scaler.state_dict() != prepare(fresh_run, CPU).scaler.state_dict()


def about(path):
    """Return what the header of a safetensors file says besides its tensors."""
    length = int.from_bytes(path.read_bytes()[:8], "little")
    return json.loads(json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]["pairbrush"])


def test_states_of_other_formats_open(in_float16, fresh_run, tmp_path, monkeypatch):
    path, trainer = tmp_path / "state.safetensors", prepare(fresh_run, CPU)
    trainer.progress.begin(Budget(steps=100))
    trainer.training_step()
    save_training_state(path, trainer)
    said = about(path)
    assert said["scaler"]["growth_tracker"] == 1

    def with_scaler(value):
        metadata = {key: content for key, content in (said | {"scaler": value}).items() if content is not None}
        save_file(load_file(path), path, {"pairbrush": json.dumps(metadata)})
        return path

    other = prepare(fresh_run, CPU)
    load_training_state(with_scaler(None), other)
    assert same(trainer, other) and other.scaler.get_scale() == 2.0**16, "a file from before there was a scaler"
    for scaler in ({"scale": -1.0, "growth_tracker": 0}, {"scale": 1.0}, 5):
        with pytest.raises(CheckpointError, match="damaged and makes no sense"):
            load_training_state(with_scaler(scaler), other)
    with_scaler(said["scaler"])
    for module in (device, optimizers, trainer_module):
        monkeypatch.setattr(module, "fast_dtype", lambda device: torch.float32)
    other = prepare(fresh_run, CPU)
    load_training_state(path, other)
    assert same(trainer, other) and not other.scaler.is_enabled()


def test_small_gradients_do_not_vanish_in_muon(in_float16):
    """They are below the smallest number of float16."""
    matrices = torch.randn(3, 24, 64, generator=torch.Generator().manual_seed(0))
    expected = optimizers.orthogonalize(matrices).float()
    torch.testing.assert_close(optimizers.orthogonalize(1e-9 * matrices).float(), expected, rtol=0.1, atol=0.02)
    assert optimizers.orthogonalize(matrices).dtype == torch.float16
