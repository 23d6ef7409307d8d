"""Outlier detection: pairs that are identical, mismatched, shifted, swapped or differently exposed than the others.

Most thresholds grow with how much the pairs of an effect differ among themselves: where they differ much, few are
flagged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from editor.pairs.doctor.direction import opposite
from editor.pairs.doctor.evidence import SIDE, Evidence
from editor.pairs.doctor.flags import Flag

MIN_CHANGE = 0.02  # of the range, in the most changed spot; saving as JPEG changes less, any edit ten times more
MIN_SHIFT = 0.009  # of the side: 2.3 pixels of 256; two photos of one person, well aligned, differ by 0.004
MIN_LIKENESS = 0.2  # agreement of edges at the best shift, below which the shift is not trusted
MIN_SHIFT_GAIN = 1.15  # by which the agreement of edges must grow, or the shift is one of a part only
MIN_EXPOSURE = 0.35  # stops away from the others; photos of one session differ by up to 0.3
MIN_TINT = 0.3  # stops in one color channel against the mean of the three
MAX_LIGHT_VARIES = 0.15  # stops; effects that change the light of each picture differently say nothing about faults
# Shares of the usual agreement within a pair; unrelated pictures reach 0.1 to 0.7.
LESS_LIKE, UNLIKE, VERY_UNLIKE = 0.68, 0.6, 0.45
COMPARABLE = 5  # least number of pairs at which one is compared with the others
COMPARABLE_AMOUNT = 8  # the same for sizes of edits, which vary more
FAR = 4.0  # distance from the median that makes an outlier, in units of the third quartile of all such distances
MIN_MORE = 1.5  # doublings of the usual amount of change, whatever the deviation
MIN_ELSEWHERE = 0.3  # less overlap with the usual places of change, whatever the deviation
MAX_STRANGERS = 100  # pairs with which each is compared, so that time grows with the number of pairs and not its square


class OtherPair(NamedTuple):
    """The picture of another pair that fits best to one of this pair."""

    name: str
    likeness: float


class Strangers:
    """The pictures after of at most `MAX_STRANGERS` pairs, to which each picture before is compared.

    Edges take 64 KiB of each pair. So those of all other pairs need not be kept.
    """

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        """Take these pairs, with their edges."""
        self._names = [item.pair.name for item in evidence]
        self._edges = np.stack([item.target_edges for item in evidence]).conj() if evidence else None

    def best_for(self, item: Evidence) -> OtherPair:
        """Return the one of them, other than the pair itself, whose edges fit best to those of its picture before."""
        likeness = (self._edges @ item.source_edges).real
        if item.pair.name in self._names:
            likeness[self._names.index(item.pair.name)] = -1
        best = int(likeness.argmax())
        return OtherPair(self._names[best], float(likeness[best]))


def stranger_places(count: int) -> list[int]:
    """Return which of so many pairs to take for `Strangers`, evenly spaced."""
    return sorted({int(place) for place in np.linspace(0, count - 1, min(count, MAX_STRANGERS))})


def compare(evidence: Sequence[Evidence], best_others: Sequence[OtherPair]) -> Iterator[Flag]:
    """Yield at most one flag for each pair: the gravest fault, since it explains whatever else is unusual.

    Args:
        evidence: Of all pairs; their edges are not needed any more.
        best_others: For each, what `Strangers` say.
    """
    count = len(evidence)
    if not count:
        return
    typical = float(np.median([item.likeness for item in evidence]))
    changes = np.stack([item.direction for item in evidence])
    is_swapped = opposite(changes) if count >= COMPARABLE else np.zeros(count, dtype=bool)
    amounts = np.log2([item.amount + 1e-6 for item in evidence])
    exposures = np.stack([item.exposure for item in evidence])
    usual_places = np.median([item.places for item in evidence], axis=0)
    overlap = _deviations(np.array([np.minimum(item.places, usual_places).sum() for item in evidence]))
    more, stops = _deviations(amounts), _deviations(exposures.mean(axis=1))
    tints = [_deviations(stop) for stop in (exposures - exposures.mean(axis=1, keepdims=True)).T]
    lights = [_light(index, stops, tints) if count >= COMPARABLE else "" for index in range(count)]
    # A picture that got darker looks like the inverse of one on which a dark thing was painted.
    is_light_kept = np.abs(np.median(exposures, axis=0)).max() < MAX_LIGHT_VARIES
    for index, item in enumerate(evidence):
        name = item.pair.name
        if item.strongest < MIN_CHANGE:
            sentence = "Before and after are the same picture. Replace one of them, or remove the pair."
            yield Flag(name, "identical", sentence)
        elif (
            count >= COMPARABLE
            and more.by[index] > 0
            and _is_mismatched(index, item, more, best_others[index], typical)
        ):
            yield _mismatch(name, best_others[index], typical)
        elif shift := _shift(item):
            yield Flag(name, "shifted", _shift_sentence(shift), shift=shift)
        elif is_swapped[index] and not (lights[index] and is_light_kept):
            sentence = "This pair does the opposite of the others. Swap its sides, or remove it."
            yield Flag(name, "swapped", sentence)
        elif lights[index]:
            yield Flag(name, "exposure", lights[index])
        elif count >= COMPARABLE_AMOUNT and (sentence := _unlike(index, more, overlap)):
            yield Flag(name, "outlier", sentence)


class _Deviations(NamedTuple):
    """The signed distance of each value from the median, and the 75th percentile of their sizes."""

    by: NDArray[np.float64]
    reach: float

    def is_far(self, index: int, least: float) -> bool:
        return abs(self.by[index]) > max(least, FAR * self.reach)


def _deviations(values: NDArray[np.float64]) -> _Deviations:
    by = values - np.median(values)
    # Not the median deviation: in some effects most pairs agree to the last digit and a quarter differ widely.
    return _Deviations(by, float(np.quantile(np.abs(by), 0.75)))


def _is_mismatched(index: int, item: Evidence, more: _Deviations, stranger: OtherPair, typical: float) -> bool:
    """Whether two signs say that before and after do not belong together."""
    is_much = more.by[index] > MIN_MORE
    signs = (
        is_much,
        is_much and item.likeness < LESS_LIKE * typical,
        item.likeness < stranger.likeness,
        item.likeness < UNLIKE * typical,
        item.likeness < VERY_UNLIKE * typical,
    )
    return sum(signs) >= 2


def _mismatch(name: str, stranger: OtherPair, typical: float) -> Flag:
    if stranger.likeness > 0.8 * typical:
        sentence = f"The picture after does not fit; that of {stranger.name} does. Exchange them, or remove the pair."
        return Flag(name, "mismatch", sentence, other=stranger.name)
    return Flag(
        name, "mismatch", "Before and after seem to be different pictures. Choose the right partner, or remove it."
    )


def _shift(item: Evidence) -> tuple[float, float] | None:
    found = item.shift
    width, height = item.sizes[1]
    if np.hypot(found.dx, found.dy) < MIN_SHIFT * SIDE or found.likeness < MIN_LIKENESS:
        return None
    if found.likeness < MIN_SHIFT_GAIN * found.unmoved or not item.is_movable:
        return None
    return found.dx * width / SIDE, found.dy * height / SIDE


def _shift_sentence(shift: tuple[float, float]) -> str:
    dx, dy = (round(value) for value in shift)
    ways = [
        f"{abs(value)} pixels {way[value > 0]}"
        for value, way in ((dx, ("to the left", "to the right")), (dy, ("up", "down")))
        if value
    ]
    return f"The picture after is shifted by about {' and '.join(ways)}. Align it."


def _light(index: int, stops: _Deviations, tints: Sequence[_Deviations]) -> str:
    if max(values.reach for values in (stops, *tints)) > MAX_LIGHT_VARIES:
        return ""
    if stops.is_far(index, MIN_EXPOSURE):
        way = "brighter" if stops.by[index] > 0 else "darker"
        return (
            f"From before to after this pair becomes {abs(stops.by[index]):.1f} stops {way} than the others do. "
            f"Correct the exposure of one side, or remove the pair."
        )
    for channel, color in zip(tints, ("red", "green", "blue")):
        if channel.is_far(index, MIN_TINT):
            way = "more" if channel.by[index] > 0 else "less"
            return (
                f"From before to after this pair becomes {way} {color} than the others do. "
                f"Correct the white balance of one side, or remove the pair."
            )
    return ""


def _unlike(index: int, more: _Deviations, overlap: _Deviations) -> str | None:
    if more.is_far(index, MIN_MORE):
        way = "more" if more.by[index] > 0 else "less"
        return f"Far {way} changes in this pair than in the others. Check that it shows the same effect."
    if overlap.by[index] < 0 and overlap.is_far(index, MIN_ELSEWHERE):
        return "This pair changes in other places than the others do. Check that it shows the same effect."
    return None
