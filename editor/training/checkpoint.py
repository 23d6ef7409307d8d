"""Weights and training state as safetensors with JSON in their metadata. Nothing is ever unpickled.

Both files are written beside and moved into place, so that a crash leaves the last good one. A file may come from
anyone: its header is compared with what the model needs before a tensor is read, so a forged one cannot take memory.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar

import torch
from pydantic import BaseModel, StrictBool, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from editor.config import Budget, RunConfig
from editor.errors import UserError
from editor.files import parse_json, replace_file
from editor.models.editing_model import EditingModel
from editor.training.optimizers import Muon
from editor.training.progress import Progress
from editor.training.trainer import Trainer
from editor.validation import Amount, Count, between, explain

FORMAT = 1
COLOR_MAP = "color_map."  # names of what belongs to `EditingModel.color_map`
GRAIN = "film_grain."  # likewise of `EditingModel.film_grain`
MAX_HEADER_BYTES = 2**22  # ours are about 100 KB
KINDS: Mapping[type[Optimizer], tuple[str, ...]] = {Muon: ("momentum",), AdamW: ("step", "exp_avg", "exp_avg_sq")}
DTYPES = {torch.float32: "F32", torch.int64: "I64"}  # of what is trained
HALF = {"F32": "F16"}  # what a small copy of a run may hold instead

Layout = Mapping[str, tuple[tuple[int, ...], str]]  # name -> shape, dtype
M = TypeVar("M", bound=BaseModel)


class _AboutWeights(BaseModel):
    """What the metadata of a file of weights say."""

    step: Count
    crispness: Annotated[float, between(0, 1)] = 0.0  # files that are older than it do without


class _Progress(BaseModel):
    """`trainer.Progress`, of which a file must say all but what was added later."""

    step: Count
    seconds: Amount
    segment_step: Count
    segment_seconds: Amount
    rate_factor: Amount = 1.0
    detail_step: Count | None = None
    detail_share: Annotated[float, between(0, 1)] = 0.0
    is_m_trained: StrictBool = False
    budget: Budget | None = None


class _Scaler(BaseModel):
    """State of `Trainer.scaler` where gradients are float16."""

    scale: Annotated[float, between(0, 3e38)]
    growth_tracker: Count


class _AboutTraining(BaseModel):
    """What the metadata of a training state say."""

    progress: _Progress
    scaler: _Scaler | None = None  # of other formats, and files that are older than it


class CheckpointError(UserError):
    """A checkpoint that cannot be used. The message is for a person."""


def save_weights(path: Path, model: EditingModel, step: int, *, is_half: bool = False) -> None:
    """Write the weights that editing needs; with `is_half` as float16, which is precise enough for editing only."""
    state = model.state_dict()
    if is_half:
        state = {name: value.half() if value.dtype == torch.float32 else value for name, value in state.items()}
    _write(path, dict(state), {"step": step, "crispness": model.crispness})


class WeightFacts(NamedTuple):
    """What a file of weights says without a model.

    Attributes:
        num_bytes: Of the weights at half the precision.
        explained: Share of the effect that the color map takes away, 0 to 1; None where the file has no color map.
        has_gains: Whether that map depends on the place in a picture.
        has_levels: Whether each photo is stretched by its own levels before it.
        has_grain: Whether edits get grain.
    """

    num_bytes: int
    explained: float | None
    has_gains: bool
    has_levels: bool
    has_grain: bool


def describe_weights(path: Path) -> WeightFacts:
    """Return what a file of weights says; hardly more than its header is read.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    with _opened(path) as (file, _):
        names = list(file.keys())
        num_values = sum(math.prod(file.get_slice(name).get_shape()) for name in names)
        explained, gains, levels = (
            file.get_tensor(COLOR_MAP + name) if COLOR_MAP + name in names else None
            for name in ("explained", "gains", "levels")
        )
        amplitude = f"{GRAIN}amplitude"
        has_grain = amplitude in names and bool(file.get_tensor(amplitude).any())
    return WeightFacts(
        2 * num_values,
        None if explained is None else explained.item(),
        has_gains=bool(explained) and gains is not None and bool((gains != 1).any()),
        has_levels=bool(explained) and levels is not None and bool(levels.any()),
        has_grain=has_grain,
    )


def load_weights(path: Path, model: EditingModel) -> int:
    """Fill `model` and return the step the weights are from.

    Raises:
        CheckpointError: The file is missing, damaged or belongs to another model. The model is then untouched.
    """
    return _fill(model, *_read_weights(path, _layout(model.state_dict())))


def load_model(path: Path, config: RunConfig) -> tuple[EditingModel, int]:
    """Return a model with the weights in a file, and the step they are from.

    Raises:
        CheckpointError: The file is missing, damaged or belongs to another model.
    """
    read = _read_weights(path, _layout_of_model(config))
    model = EditingModel(config)
    return model, _fill(model, *read)


@lru_cache(maxsize=8)  # building a network takes longer than reading its weights
def _layout_of_model(config: RunConfig) -> Layout:
    """Return what the weights of a model consist of, without the memory that the model takes."""
    with torch.device("meta"):
        return _layout(EditingModel(config).state_dict())


def _read_weights(path: Path, layout: Layout) -> tuple[dict[str, Tensor], _AboutWeights]:
    """Return the tensors of a model and what goes with them; older files are without color map, or grain."""
    needed, possible = (
        {name: entry for name, entry in layout.items() if name.startswith((COLOR_MAP, GRAIN)) == is_newer}
        for is_newer in (False, True)
    )
    tensors, values = _read(path, needed, possible, may_be_half=True)
    return tensors, _checked(path, _AboutWeights, values)


def _fill(model: EditingModel, tensors: Mapping[str, Tensor], about: _AboutWeights) -> int:
    model.load_state_dict(model.state_dict() | tensors)  # what the file is without stays: a color map is the identity
    model.crispness = about.crispness
    return about.step


def save_training_state(path: Path, trainer: Trainer) -> None:
    """Write model, average, optimizers and progress, so that a resumed run is bit for bit like an uninterrupted one."""
    tensors = {f"model.{name}": value for name, value in trainer.model.state_dict().items()}
    tensors |= {f"averaged.{name}": value for name, value in trainer.averaged.state_dict().items()}
    for name, parameter, optimizer in _optimized(trainer):
        tensors |= {f"optimizer.{name}.{kind}": value for kind, value in optimizer.state[parameter].items()}
    about: dict[str, Any] = {"progress": asdict(trainer.progress)}
    if scaler := trainer.scaler.state_dict():
        about["scaler"] = {"scale": scaler["scale"], "growth_tracker": scaler["_growth_tracker"]}
    _write(path, tensors, about)


def load_training_state(path: Path, trainer: Trainer) -> None:
    """Restore a saved state into a fresh trainer of the same config.

    Raises:
        CheckpointError: The file is missing, damaged or belongs to another model. The trainer is then untouched.
    """
    modules = {"model": trainer.model, "averaged": trainer.averaged}
    modules_layout = {
        f"{part}.{name}": entry
        for part, module in modules.items()
        for name, entry in _layout(module.state_dict()).items()
    }
    newer = (f"{COLOR_MAP}gains", f"{COLOR_MAP}levels", GRAIN)  # older files do without
    is_new = {name: any(part in name for part in newer) for name in modules_layout}
    needed, possible = ({n: e for n, e in modules_layout.items() if is_new[n] == which} for which in (False, True))
    possible |= {  # a parameter that never had a gradient has no state
        f"optimizer.{name}.{kind}": (() if kind == "step" else tuple(parameter.shape), "F32")
        for name, parameter, optimizer in _optimized(trainer)
        for kind in KINDS[type(optimizer)]
    }
    tensors, values = _read(path, needed, possible)
    about = _checked(path, _AboutTraining, values)
    states: dict[str, dict[str, Tensor]] = {}
    for name, _, optimizer in _optimized(trainer):
        kinds = {kind: tensors.get(f"optimizer.{name}.{kind}") for kind in KINDS[type(optimizer)]}
        states[name] = {kind: value for kind, value in kinds.items() if value is not None}
        if states[name] and len(states[name]) < len(kinds):
            raise CheckpointError(f"{path} is damaged: it has only half of the optimizer's state for {name}.")
    for part, module in modules.items():
        prefix = f"{part}."
        state = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        module.load_state_dict(module.state_dict() | state)
    for name, parameter, optimizer in _optimized(trainer):
        for kind, value in states[name].items():
            # A fused optimizer reads both in memory order, so the state needs the memory format of its parameter.
            same = value.shape == parameter.shape
            state = torch.empty_like(parameter).copy_(value) if same else value.to(parameter.device)
            optimizer.state[parameter][kind] = state
    if about.scaler is not None and trainer.scaler.is_enabled():
        state = {"scale": about.scaler.scale, "_growth_tracker": about.scaler.growth_tracker}
        trainer.scaler.load_state_dict(trainer.scaler.state_dict() | state)
    trainer.progress = Progress(**dict(about.progress))


def _optimized(trainer: Trainer) -> Iterator[tuple[str, nn.Parameter, Optimizer]]:
    """Yield every parameter with its name and the optimizer that it belongs to."""
    names = {parameter: name for name, parameter in trainer.model.named_parameters()}
    for optimizer in trainer.optimizers:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                yield names[parameter], parameter, optimizer


def _layout(state: Mapping[str, Tensor]) -> Layout:
    return {name: (tuple(value.shape), DTYPES[value.dtype]) for name, value in state.items()}


def _write(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    metadata = {"pairbrush": json.dumps({"format": FORMAT, **about})}
    replace_file(path, save({name: value.cpu().contiguous() for name, value in tensors.items()}, metadata))


def _read(
    path: Path, needed: Layout, possible: Layout | None = None, *, may_be_half: bool = False
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors and the metadata after checking names, shapes, dtypes and that all values are finite."""
    with _opened(path) as (file, about):
        names = _compare(path, file, needed, possible or {}, may_be_half=may_be_half)
        tensors = {name: file.get_tensor(name) for name in names}
    for name, value in tensors.items():
        if not value.isfinite().all():
            raise CheckpointError(f"{path} is damaged: {name} holds values that are not numbers.")
        if COLOR_MAP in name and value.abs().max() > 1:
            raise CheckpointError(f"{path} is damaged: {name} holds values that are no colors.")
        if GRAIN in name and value.abs().max() > 255:
            raise CheckpointError(f"{path} is damaged: {name} holds values that are no levels.")
    return tensors, about


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Open a file and check its format; only the header is read."""
    if not path.is_file():
        raise CheckpointError(f"There is no {path.name} in {path.parent} yet. Train for a few seconds first.")
    try:
        with path.open("rb") as start:
            size = int.from_bytes(start.read(8), "little")
        if size > MAX_HEADER_BYTES:
            raise ValueError(f"its header claims {size:,} bytes")
        with safe_open(path, framework="pt") as file:
            about = parse_json((file.metadata() or {}).get("pairbrush", "{}"))
            if not isinstance(about, dict) or about.get("format") != FORMAT:
                raise CheckpointError(f"{path} was not written by this version of Pairbrush.")
            yield file, about
    except CheckpointError:
        raise
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged and cannot be read ({error}).") from error


def _compare(
    path: Path, file: Any, needed: Layout, possible: Layout | None = None, *, may_be_half: bool = False
) -> list[str]:
    """Check the layout of a file and return the names of its tensors: all of `needed` and maybe some of `possible`."""
    names = list(file.keys())
    known = {**needed, **(possible or {})}
    if missing := sorted(needed.keys() - set(names)):
        raise CheckpointError(f"{path} belongs to another model: it has no {missing[0]}.")
    for name in names:
        if name not in known:
            raise CheckpointError(f"{path} belongs to another model: this one has no {name[:100]}.")
        part = file.get_slice(name)
        found = (tuple(part.get_shape()), part.get_dtype())
        shape, dtype = known[name]
        if found != known[name] and not (may_be_half and found == (shape, HALF.get(dtype))):
            (shape, dtype), (wanted, wanted_dtype) = found, known[name]
            raise CheckpointError(
                f"{path} belongs to another model: {name} is {dtype} {shape}, not {wanted_dtype} {wanted}."
            )
    return names


def _checked(path: Path, model: type[M], values: Mapping[str, Any]) -> M:
    """Return what a file says about itself, after making sure that it can be that."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise CheckpointError(f"{path} is damaged and makes no sense: {explain(error, model)}.") from error
