"""The findings of the doctor about single pairs, and a sentence on whether there are enough pairs to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Kind = Literal[
    "no partner",
    "unreadable",
    "shape",
    "too small",
    "identical",
    "duplicate",
    "mismatch",
    "shifted",
    "swapped",
    "exposure",
    "outlier",
]


class Flag(NamedTuple):
    """One finding about one pair, for a person to look at.

    Attributes:
        name: Of the pair.
        kind: What is wrong.
        sentence: What is wrong and what to do.
        shift: For "shifted": how far the picture after lies to the right and down, in its pixels; see
            `repair.align`.
        other: For "duplicate" and "mismatch": the other pair that is meant, if one is.
    """

    name: str
    kind: Kind
    sentence: str
    shift: tuple[float, float] | None = None
    other: str | None = None


def readiness(count: int, flags: Sequence[Flag] = ()) -> str:
    """Say in one sentence or two whether this is enough to start.

    Args:
        count: How many whole pairs there are.
        flags: What `examine` found.
    """
    if count < 2:
        return "At least 2 pairs are needed to start; about 20 work well."
    pairs = f"{count} pairs"
    if count < 5:
        sentence = f"{pairs}: enough to try it out with a color look, too few for anything else. About 20 work well."
    elif count < 12:
        sentence = f"{pairs}: fine for a color look, thin for shapes. About 20 work well."
    elif count < 18:
        sentence = f"{pairs}: enough to start; a few more help with shapes."
    else:
        sentence = f"{pairs}: enough to start."
    doubtful = len({flag.name for flag in flags})
    if doubtful:
        sentence += f" Look at {doubtful} of them first." if doubtful > 1 else " Look at 1 of them first."
    return sentence
