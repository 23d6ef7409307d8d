"""Whether a run is still improving, judged by the PSNR of its held-out previews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from editor.training.history import PreviewPoint, WeightSelection, best_preview

FLAT_DB = 0.1  # a smaller gain cannot be seen, and is less than what another seed gives
LOOK_BACK = 0.25  # of the time so far, but at least ...
MIN_SECONDS = 20.0  # ... this long
USEFUL_STEPS = 150  # after about that many the edit can be seen
MIN_STEPS = 3 * USEFUL_STEPS  # a run that has hardly begun to learn looks like one that learns nothing more

TrendKind = Literal["starting", "improving", "flat", "overfitting"]


@dataclass(frozen=True, slots=True)
class Trend:
    """Where the held-out PSNR is going.

    Attributes:
        kind: "starting" until there is enough to judge by, which is long after the first visible edit.
        seconds: How long nothing was gained (flat), or how long ago the best was (overfitting), in training time.
        best: The best preview; None while starting.
    """

    kind: TrendKind
    seconds: float = 0.0
    best: PreviewPoint | None = None


def trend(previews: Sequence[PreviewPoint]) -> Trend:
    """Judge a run by its previews, oldest first. Without held-out pairs nothing can be said: "starting"."""
    points = [point for point in previews if point.is_held_out and point.step > 0]
    if len(points) < 4 or points[-1].seconds < 2 * MIN_SECONDS or points[-1].step < MIN_STEPS:
        return Trend("starting")
    # A median of three, so that one odd preview does not decide.
    smooth = [median(p.psnr for p in points[max(i - 1, 0) : i + 2]) for i in range(len(points))]
    now = points[-1].seconds
    look_back = max(LOOK_BACK * now, MIN_SECONDS)
    best = best_preview(points)
    top = max(range(len(points)), key=smooth.__getitem__)
    if smooth[-1] < smooth[top] - WeightSelection.TOLERANCE and now - points[top].seconds >= look_back:
        return Trend("overfitting", now - best.seconds, best)
    reached = next(point for point, value in zip(points, smooth) if value >= smooth[top] - FLAT_DB)
    if now - reached.seconds >= look_back:
        return Trend("flat", now - reached.seconds, best)
    return Trend("improving", 0.0, best)
