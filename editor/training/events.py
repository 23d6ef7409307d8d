"""What happens during training, as frozen events, and their form as one line of JSON in `events.jsonl`.

`seconds` is always training time of the whole run, in seconds, not counting pauses between a stop and a continue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Training begins or continues at `step`."""

    step: int
    seconds: float
    device: str
    num_pairs: int  # trained on
    num_held_out: int
    chance_shift: float | None  # see training.registration.Registered
    budget_minutes: float | None
    budget_steps: int | None


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
class CheckpointDue:
    """The trainer's state is worth saving now."""

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


TrainEvent = Started | StepDone | Preview | CheckpointDue | Finished | Failed


def to_json(event: TrainEvent) -> str:
    """Return one line of JSON: the fields and `kind`, the name of the event's class. Pictures become names."""
    record: dict[str, Any] = {"kind": type(event).__name__}
    for item in fields(event):
        value = getattr(event, item.name)
        record[item.name] = list(value) if item.name == "pictures" else value
    return json.dumps(record)
