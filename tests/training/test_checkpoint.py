import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from editor.config import Budget
from editor.models.editing_model import EditingModel
from editor.training.checkpoint import (
    CheckpointError,
    load_training_state,
    load_weights,
    save_training_state,
    save_weights,
)
from editor.training.recording import prepare
from tests.controls import StopsAfter

CPU = torch.device("cpu")


def weights_of(trainer):
    averaged = trainer.averaged.module.parameters()
    return torch.cat([p.flatten() for part in (trainer.model.parameters(), averaged) for p in part])


def test_stopping_and_continuing_changes_nothing(fresh_run, tmp_path):
    """N steps equal k, save, load, N - k: bit for bit, averaged weights included."""
    whole = prepare(fresh_run, CPU)
    list(whole.run(Budget(steps=6)))

    first = prepare(fresh_run, CPU)
    list(first.run(Budget(steps=6), StopsAfter(2)))
    save_training_state(tmp_path / "state.safetensors", first)

    second = prepare(fresh_run, CPU)
    load_training_state(tmp_path / "state.safetensors", second)
    assert second.progress.step == 2
    list(second.run())  # goes on with the budget that was interrupted
    assert second.progress.step == 6
    assert torch.equal(weights_of(whole), weights_of(second))


def test_weights_round_trip(tmp_path, tiny_config):
    model, other = EditingModel(tiny_config), EditingModel(tiny_config)
    model.crispness = 0.25
    save_weights(tmp_path / "weights.safetensors", model, step=42)
    assert load_weights(tmp_path / "weights.safetensors", other) == 42
    assert other.crispness == 0.25
    for a, b in zip(model.parameters(), other.parameters()):
        assert torch.equal(a, b)


def test_unusable_files_are_refused_in_words(tmp_path, tiny_config):
    model = EditingModel(tiny_config)
    path = tmp_path / "weights.safetensors"
    with pytest.raises(CheckpointError, match="Train for a few seconds"):
        load_weights(path, model)
    path.write_bytes(b"\x80\x04not safetensors")
    with pytest.raises(CheckpointError, match="damaged"):
        load_weights(path, model)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="not written by this version"):
        load_weights(path, model)
    save_weights(path, EditingModel(replace(tiny_config, use_skips=False)), step=1)
    with pytest.raises(CheckpointError, match="another model"):
        load_weights(path, model)


@pytest.mark.parametrize("crispness", [-0.1, 1.1, "much", True, 10**400])
def test_a_crispness_that_makes_no_sense_is_refused(tmp_path, tiny_config, crispness):
    model = EditingModel(tiny_config)
    about = {"pairbrush": json.dumps({"format": 1, "step": 1, "crispness": crispness})}
    save_file(model.state_dict(), tmp_path / "weights.safetensors", about)
    with pytest.raises(CheckpointError, match="makes no sense"):
        load_weights(tmp_path / "weights.safetensors", model)


def test_weights_of_before_there_was_crispness_still_open(tmp_path, tiny_config):
    model = EditingModel(tiny_config)
    save_file(model.state_dict(), tmp_path / "weights.safetensors", {"pairbrush": json.dumps({"format": 1, "step": 1})})
    model.crispness = 0.25
    load_weights(tmp_path / "weights.safetensors", model)
    assert model.crispness == 0


def test_a_failed_save_leaves_the_last_one(tmp_path, tiny_config, monkeypatch):
    path = tmp_path / "weights.safetensors"
    save_weights(path, EditingModel(tiny_config), step=1)

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", full_disk)
        with pytest.raises(OSError, match="No space"):
            save_weights(path, EditingModel(tiny_config), step=2)
    assert load_weights(path, EditingModel(tiny_config)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["weights.safetensors"]
