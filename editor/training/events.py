"""What happens during training, as frozen events, and their form as one line of JSON in `events.jsonl`.

`seconds` is always training time of the whole run, in seconds, not counting pauses between a stop and a continue.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from torch import Tensor

FORMAT = 1  # of every line; lines without one are of format 1
MAX_WHOLE = 2**53  # what a JSON number holds exactly


class NewerEventError(ValueError):
    """A line that a newer Pairbrush wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Training begins or continues at `step`."""

    step: int
    seconds: float
    device: str
    num_pairs: int  # trained on
    num_held_out: int
    chance_shift: float | None  # see training.registration.Registered
    unedited_psnr: float | None  # dB, of leaving the pairs that previews show as they are
    budget_minutes: float | None
    budget_steps: int | None
    progress: float | None  # share of the budget that is used up already; runs of old do not say


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """Means over the steps since the last such event."""

    step: int
    seconds: float
    progress: float  # share of the budget used, 0 to 1
    losses: Mapping[str, float]  # unweighted, by term
    learning_rate: float
    steps_per_second: float
    eta_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Held-out pairs edited with the averaged weights; without held-out pairs, the first training pairs."""

    step: int
    seconds: float
    psnr: float  # dB, mean over the pairs shown
    ssim: float
    is_held_out: bool
    pictures: Mapping[str, Tensor]  # name of the pair -> y_j_hat, (3, h, w) in [-1, 1]; names only in JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """Something went wrong and training goes on at `step` in another way. `message` is for a person."""

    step: int
    seconds: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointDue:
    """The trainer's state is worth saving now."""

    step: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """All is saved, and nothing happens until the training goes on with the next event."""

    step: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The budget is used up, or somebody asked to stop; what was learned is kept either way."""

    step: int
    seconds: float
    was_stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Training ended with an error. `message` is for a person."""

    step: int
    seconds: float
    message: str


TrainEvent = Started | StepDone | Preview | Adjusted | CheckpointDue | Paused | Finished | Failed


def to_json(event: TrainEvent) -> str:
    """Return one line of JSON: its format, the fields and `kind`, the event's class. Pictures become names."""
    record: dict[str, Any] = {"format": FORMAT, "kind": type(event).__name__}
    for item in fields(event):
        value = getattr(event, item.name)
        record[item.name] = list(value) if item.name == "pictures" else value
    return json.dumps(record)


def from_json(values: Any) -> dict[str, Any]:
    """Check what a line of `events.jsonl` says, and return it as a record: `kind` and the fields of the event.

    Raises:
        NewerEventError: A newer Pairbrush wrote it.
        ValueError: No event looks like that.
    """
    if isinstance(values, dict) and "format" in values:
        values = values.copy()
        if (number := values.pop("format")) != FORMAT:
            if type(number) is int and number > FORMAT:
                raise NewerEventError
            raise ValueError("no event of a known format")
    kinds = {kind.__name__: kind for kind in get_args(TrainEvent)}
    kind = values.get("kind") if isinstance(values, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError("no event of a known kind")
    hints = _hints(kinds[kind])
    values = {name: None for name, hint in hints.items() if type(None) in get_args(hint)} | values  # of older versions
    if set(values) != {"kind", *hints}:
        raise ValueError(f"no event of the kind {kind}")
    for name, hint in hints.items():
        is_perfect = name == "psnr" and values[name] == math.inf  # of two equal pictures
        if not is_perfect and not _fits(values[name], hint):
            raise ValueError(f"{name} cannot be that")
    return values


@lru_cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _fits(value: Any, hint: Any) -> bool:
    """Say whether a value from JSON may stand for a field."""
    if hint == Mapping[str, Tensor]:
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    if hint == Mapping[str, float]:
        return isinstance(value, dict) and all(_fits(item, float) for item in value.values())
    if hint is float:
        return (type(value) is float and math.isfinite(value)) or _fits(value, int)
    if hint is int:
        return type(value) is int and abs(value) <= MAX_WHOLE
    if kinds := get_args(hint):  # a number or None
        return any(_fits(value, kind) for kind in kinds)
    return type(value) is hint
