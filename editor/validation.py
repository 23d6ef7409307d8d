"""Checked values: pydantic's dataclasses and errors, in this project's words.

Values may come from a file that anyone has written, and they decide how much memory is taken. So whole numbers are no
booleans, texts are no numbers, NaN and infinity are refused, and an unknown name is an error.
"""

from __future__ import annotations

from datetime import datetime, timezone
from functools import wraps
from reprlib import repr as short_repr
from typing import Annotated, Any, TypeVar

from annotated_types import Ge, Le
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass
from typing_extensions import dataclass_transform

from editor.errors import UserError

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
MAX_COUNT = 2**53  # the largest whole number up to which JSON numbers, which other programs read as float64, are exact

MAX_TEXT = 1000  # characters; names are shorter

T = TypeVar("T")


def between(low: float, high: float) -> Any:
    """Return what annotates a number that must be from `low` to `high`."""
    return Field(ge=low, le=high, strict=True)


Count = Annotated[int, between(0, MAX_COUNT)]  # of steps, pairs ...
Amount = Annotated[float, between(0, MAX_COUNT)]  # of seconds ...
Text = Annotated[str, Field(strict=True, max_length=MAX_TEXT)]  # a name ...
FilePath = Annotated[str, Field(strict=True, min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]


def parse_time(text: Any) -> datetime:
    """Return a moment that was written with `datetime.isoformat`, in UTC, so that any two can be compared.

    Raises:
        ValueError: It is none, or so near to an end of the calendar that other time zones cannot show it.
    """
    try:
        moment = datetime.fromisoformat(text).astimezone(timezone.utc)
        if not datetime.min.year < moment.year < datetime.max.year:
            raise OverflowError
    except (TypeError, ValueError, OverflowError) as error:  # the last on the first and the last day of the calendar
        raise ValueError(f"{short_repr(text)} is no time") from error
    return moment


Moment = Annotated[datetime, BeforeValidator(parse_time)]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(Field,))
def settings(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass whose fields are checked, however an object is made: also by `replace`.

    Its objects raise `UserError` where pydantic raises `ValidationError`.
    """
    checked = dataclass(frozen=True, kw_only=True, config=STRICT)(cls)
    init = checked.__init__

    @wraps(init)
    def __init__(self: T, /, **values: Any) -> None:
        try:
            init(self, **values)
        except ValidationError as error:
            raise UserError(explain(error, cls)) from error

    checked.__init__ = __init__
    return checked


def bounds(cls: Any, *path: str) -> tuple[float, float] | None:
    """Return the bounds of a number, by its name after those of the parts that it lies in; None if it has none."""
    for name in path:
        if name not in getattr(cls, "__pydantic_fields__", ()):  # of an item of a list
            return None
        field, cls = cls.__pydantic_fields__[name], cls.__pydantic_fields__[name].annotation
    found = {type(item): item for item in field.metadata}
    return (found[Ge].ge, found[Le].le) if {Ge, Le} <= found.keys() else None


def explain(error: ValidationError, cls: type) -> str:
    """Return a sentence about the first thing that is wrong: the name of the value, the value in short, and why.

    Args:
        error: What was found in values for `cls`.
        cls: A class that `settings` or pydantic made.
    """
    errors = error.errors(include_url=False)
    first, kind = errors[0], errors[0]["type"]
    path = [name for name in first["loc"] if isinstance(name, str)]
    name, value = ".".join(path), short_repr(first["input"])
    if kind == "value_error":  # one of our own sentences, from a `__post_init__`
        return str(first["ctx"]["error"])
    if kind == "missing":
        return f"{name} is missing"
    if kind == "unexpected_keyword_argument":
        unknown = sorted(str(item["loc"][-1])[:60] for item in errors if item["type"] == kind)
        return f"{'.'.join(path[:-1]) or cls.__name__} has no setting named {', '.join(unknown[:5])}"
    if kind in ("dataclass_type", "model_type"):
        return f"{name} needs named settings, not {value}"
    if kind in ("greater_than_equal", "less_than_equal") and (found := bounds(cls, *path)):
        return f"{name}={value} must be from {found[0]:g} to {found[1]:g}"
    return f"{name} cannot be {value}: {first['msg']}"
