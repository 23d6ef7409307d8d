"""Weights and training state as safetensors with JSON in their metadata. Nothing is ever unpickled.

Both files are written beside and moved into place, so that a crash leaves the last good one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from editor.config import Budget
from editor.errors import UserError
from editor.images import replace_file
from editor.training.trainer import Progress, Trainer

FORMAT = 1


class CheckpointError(UserError):
    """A checkpoint that cannot be used. The message is for a person."""


def save_weights(path: Path, model: nn.Module, step: int) -> None:
    """Write the weights that editing needs."""
    _write(path, dict(model.state_dict()), {"step": step})


def load_weights(path: Path, model: nn.Module) -> int:
    """Fill `model` and return the step the weights are from.

    Raises:
        CheckpointError: The file is missing, damaged or belongs to another model.
    """
    tensors, about = _read(path)
    _fill(path, model, tensors)
    return int(about["step"])


def save_training_state(path: Path, trainer: Trainer) -> None:
    """Write all that makes a continued run equal to one that never stopped."""
    tensors = {f"model.{name}": value for name, value in trainer.model.state_dict().items()}
    tensors |= {f"averaged.{name}": value for name, value in trainer.averaged.state_dict().items()}
    for name, parameter, state in _optimizer_states(trainer):
        tensors |= {f"optimizer.{name}.{key}": value for key, value in state[parameter].items()}
    _write(path, tensors, {"progress": asdict(trainer.progress)})


def load_training_state(path: Path, trainer: Trainer) -> None:
    """Bring a fresh trainer of the same config to where the saved one was.

    Raises:
        CheckpointError: The file is missing, damaged or belongs to another model.
    """
    tensors, about = _read(path)
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "averaged": {}, "optimizer": {}}
    for key, value in tensors.items():
        part, _, name = key.partition(".")
        if part not in parts:
            raise CheckpointError(f"{path.name} holds {key}, which this version does not know.")
        parts[part][name] = value
    _fill(path, trainer.model, parts["model"])
    _fill(path, trainer.averaged, parts["averaged"])
    states = {name: (parameter, state) for name, parameter, state in _optimizer_states(trainer)}
    for key, value in parts["optimizer"].items():
        name, _, kind = key.rpartition(".")
        if name not in states:
            raise CheckpointError(f"{path} belongs to another model: it has an optimizer state for {name}.")
        parameter, state = states[name]
        # A fused optimizer reads both in memory order, so the state needs the memory format of its parameter.
        same = value.shape == parameter.shape
        state[parameter][kind] = torch.empty_like(parameter).copy_(value) if same else value.to(parameter.device)
    progress = about["progress"]
    budget = Budget(**progress.pop("budget")) if progress["budget"] else progress.pop("budget")
    trainer.progress = Progress(**progress, budget=budget)


def _optimizer_states(trainer: Trainer) -> Iterator[tuple[str, nn.Parameter, dict[nn.Parameter, dict[str, Tensor]]]]:
    """Yield every parameter with its name and the state of the optimizer it belongs to, a mapping by parameter."""
    names = {parameter: name for name, parameter in trainer.model.named_parameters()}
    for optimizer in trainer.optimizers:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                yield names[parameter], parameter, optimizer.state


def _write(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    metadata = {"pairbrush": json.dumps({"format": FORMAT, **about})}
    replace_file(path, save({name: value.cpu().contiguous() for name, value in tensors.items()}, metadata))


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if not path.is_file():
        raise CheckpointError(f"There is no {path.name} in {path.parent} yet. Train for a few seconds first.")
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {}).get("pairbrush", "{}"))
            if about.get("format") != FORMAT:
                raise CheckpointError(f"{path} was not written by this version of Pairbrush.")
            return {name: file.get_tensor(name) for name in file.keys()}, about  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"{path} is damaged and cannot be read ({error}).") from error


def _fill(path: Path, module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    try:
        module.load_state_dict(tensors)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise CheckpointError(f"{path} belongs to another model: {first}") from error
