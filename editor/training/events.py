"""What happens during training, as frozen events, and their form as one line of JSON in `events.jsonl`.

`seconds` is always training time of the whole run, in seconds, not counting pauses between a stop and a continue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model
from torch import Tensor

from editor.validation import STRICT, Amount, Count

FORMAT = 1  # of every line; lines without one are of format 1

# It becomes part of a path.
PictureName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\x00]+$")]
# Infinite for two equal pictures. Bounded below, so that NaN is refused.
Decibels = Annotated[float, Field(ge=-1e6, allow_inf_nan=True)]


class NewerEventError(ValueError):
    """A line that a newer Pairbrush wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Training begins or continues at `step`."""

    step: Count
    seconds: Amount
    device: str
    num_pairs: Count  # trained on
    num_held_out: Count
    chance_shift: float | None  # see training.registration.Registered
    color_map: float | None  # share of the effect that a map from color to color explains; None where none was sought
    has_detail: bool | None  # a detail filter is learned first, see training.detail; None in older runs
    grain: float | None  # that edits get, see `grain.Grain.typical`; None where they get none, and in older runs
    unedited_psnr: float | None  # dB, of leaving the pairs that previews show as they are
    budget_minutes: Amount | None
    budget_steps: Count | None
    progress: float | None  # share of the budget that is used up already; None in older runs


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """Means over the steps since the last such event."""

    step: Count
    seconds: Amount
    progress: float  # share of the budget used, 0 to 1
    losses: Mapping[str, float]  # unweighted, by term
    learning_rate: float
    steps_per_second: float
    eta_seconds: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Held-out pairs edited with the averaged weights; without held-out pairs, the first training pairs."""

    step: Count
    seconds: Amount
    psnr: Decibels  # dB, mean over the pairs shown
    ssim: float
    is_held_out: bool
    is_base: bool | None  # M has learned nothing yet: color map and detail filter edit; None in older runs
    pictures: Mapping[str, Tensor]  # name of the pair -> y_j_hat, (3, h, w) in [-1, 1]; names only in JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """Something went wrong and training goes on at `step` in another way. `message` is for a person."""

    step: Count
    seconds: Amount
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointDue:
    """The trainer's state is worth saving now."""

    step: Count
    seconds: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """All is saved, and nothing happens until the training goes on with the next event."""

    step: Count
    seconds: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The budget is used up, or somebody asked to stop; what was learned is kept either way."""

    step: Count
    seconds: Amount
    was_stopped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Training ended with an error. `message` is for a person."""

    step: Count
    seconds: Amount
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
    if not isinstance(values, dict):
        raise ValueError("no event")
    if (number := values.get("format", FORMAT)) != FORMAT:
        if type(number) is int and number > FORMAT:
            raise NewerEventError
        raise ValueError("no event of a known format")
    kinds = {kind.__name__: kind for kind in get_args(TrainEvent)}
    kind = values.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError("no event of a known kind")
    values = {name: value for name, value in values.items() if name not in ("format", "kind")}
    return {"kind": kind, **_record(kinds[kind]).model_validate(values).model_dump()}


@cache
def _record(kind: type) -> type[BaseModel]:
    """Return what checks the JSON form of an event, in which pictures are names, and None may be left out."""
    hints = get_type_hints(kind, include_extras=True)
    hints |= {"pictures": list[PictureName]} if "pictures" in hints else {}
    wanted = {name: (hint, None if type(None) in get_args(hint) else ...) for name, hint in hints.items()}
    return create_model(kind.__name__, __config__=ConfigDict(strict=True, **STRICT), **wanted)
