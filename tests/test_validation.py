from dataclasses import FrozenInstanceError, replace
from typing import Annotated

import pytest
from pydantic import Field

from editor.errors import UserError
from editor.validation import between, bounds, settings

HUGE = 10**400


@settings
class Inner:
    """A part of the settings."""

    sizes: Annotated[tuple[Annotated[int, between(1, 9)], ...], Field(min_length=1, max_length=3)] = (1, 2)
    rate: Annotated[float, between(0, 1)] = 0.5


@settings
class Outer:
    """Settings with a part and a rule of their own."""

    inner: Inner = Field(default_factory=Inner)
    count: Annotated[int, between(2, 16)] = 4

    def __post_init__(self) -> None:
        if self.count == 13:
            raise UserError("Thirteen brings bad luck.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"count": 1}, "count=1 must be from 2 to 16"),
        ({"inner": {"rate": 1.5}}, "inner.rate=1.5 must be from 0 to 1"),
        ({"count": HUGE}, r"count=10+\.\.\.0+ must be from 2 to 16"),
        ({"count": True}, "count cannot be True"),
        ({"count": 4.0}, "count cannot be 4.0"),
        ({"inner": {"rate": float("nan")}}, "inner.rate cannot be nan.*finite"),
        ({"inner": {"rate": HUGE}}, "inner.rate cannot be 10"),
        ({"inner": {"sizes": [1, "2"]}}, "inner.sizes cannot be '2'"),
        ({"inner": {"sizes": [1] * 5000}}, "inner.sizes cannot be .*at most 3"),
        ({"inner": None}, "inner needs named settings, not None"),
        ({"inner": {"rat": 1}}, "inner has no setting named rat"),
        ({"self": 1, "cuont": 2}, "Outer has no setting named cuont, self"),
        ({"count": 13}, "Thirteen"),
    ],
)
def test_every_refusal_is_a_sentence(values, sentence):
    with pytest.raises(UserError, match=sentence):
        Outer(**values)


def test_deep_nesting_is_refused_without_recursion():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for values in ({"count": deep}, {"inner": {"sizes": deep}}):
        with pytest.raises(UserError, match="cannot be"):
            Outer(**values)
    while deep:  # freed level by level, which recursion would not survive
        deep = deep[0]


def test_they_are_frozen_and_a_changed_copy_is_checked():
    outer = Outer(inner={"sizes": [3]})
    assert outer == Outer(inner=Inner(sizes=(3,))) and hash(outer) == hash(replace(outer))
    with pytest.raises(FrozenInstanceError):
        outer.count = 5
    with pytest.raises(UserError, match="count=99"):
        replace(outer, count=99)


def test_bounds_are_known_by_name():
    assert bounds(Outer, "count") == (2, 16)
    assert bounds(Outer, "inner", "rate") == (0, 1)
    assert bounds(Outer, "inner", "sizes") is None
