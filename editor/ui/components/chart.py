"""Line charts as inline SVG. Lines stretch with the page, text does not, and colors follow the theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

Point = tuple[float, float]


class Series(NamedTuple):
    """One line.

    Attributes:
        label: For the legend.
        color: A CSS color, such as "var(--pb-line-1)".
        points: (x, y), x rising.
        value: The newest value, as text.
        is_dashed: For a line to compare with.
        trace: The same line before smoothing, drawn faintly.
    """

    label: str
    color: str
    points: Sequence[Point]
    value: str
    is_dashed: bool = False
    trace: Sequence[Point] = ()


class Axis(NamedTuple):
    """Range and ticks of one direction, in the units of the data."""

    low: float
    high: float
    ticks: list[float]
    is_log: bool = False

    def place(self, value: float) -> float:
        """Return where `value` lies, 0 at the low end and 1 at the high end."""
        low, high, value = (math.log10(v) if self.is_log else v for v in (self.low, self.high, value))
        return min(max((value - low) / (high - low), 0.0), 1.0)


def line_chart(
    series: Sequence[Series], *, title: str, unit: str, empty: str, is_log: bool = False, mark: float | None = None
) -> str:
    """Return a chart of y against training steps.

    Args:
        series: Lines; on a log scale every y must be above 0.
        title: What is shown.
        unit: Of y, and what is better.
        empty: What to say while there is nothing to draw.
        is_log: Use a logarithmic y axis.
        mark: A step to point out with a dot on the first line.
    """
    lines = [line for line in series if line.points]
    head = f"<figcaption><strong>{escape(title)}</strong><span>{escape(unit)}</span></figcaption>"
    if not lines:
        return f'<figure class="pb-chart">{head}<div class="pb-plot pb-empty">{escape(empty)}</div></figure>'
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for y in [*(y for _, y in line.points), *(y for _, y in line.trace)]]
    x_axis = linear_axis(0, max(xs), count=4, is_tight=True)
    y_axis = log_axis(min(ys), max(ys)) if is_log else linear_axis(min(ys), max(ys), count=4)
    drawing = "".join(_grid(x_axis, y_axis)) + "".join(_line(line, x_axis, y_axis) for line in lines)
    labels = "".join(
        f'<span class="pb-y" style="top:{100 - 100 * y_axis.place(tick):.2f}%">{_number(tick)}</span>'
        for tick in y_axis.ticks
    ) + "".join(
        f'<span class="pb-x" style="left:{100 * x_axis.place(tick):.2f}%">{_number(tick)}</span>'
        for tick in x_axis.ticks
    )
    legend = "".join(
        f'<li><i class="{"pb-dashed" if line.is_dashed else ""}" style="--line:{line.color}"></i>'
        f"{escape(line.label)} <b>{escape(line.value)}</b></li>"
        for line in series
        if line.points
    )
    dot = _dot(lines[0], mark, x_axis, y_axis) if mark is not None else ""
    shape = 'viewBox="0 0 100 100" preserveAspectRatio="none" role="img"'
    spoken = f"{title}: " + ", ".join(f"{line.label} {line.value}" for line in lines)
    return (
        f'<figure class="pb-chart">{head}<div class="pb-plot">'
        f'<svg {shape} aria-label="{escape(spoken)}">{drawing}</svg>'
        f'{dot}{labels}</div><div class="pb-x-title">steps</div><ul class="pb-legend">{legend}</ul></figure>'
    )


def linear_axis(low: float, high: float, *, count: int, is_tight: bool = False) -> Axis:
    """Return an axis with about `count` round ticks. A tight one ends at `high`, others at a tick."""
    span = (high - low) or max(abs(high), 1.0)
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first, last = math.floor(low / step), math.floor(high / step) if is_tight else math.ceil(high / step)
    if first == last and not is_tight:
        last += 1
    ticks = [step * index for index in range(first, last + 1)]
    return Axis(ticks[0], max(high, ticks[0] + span) if is_tight else ticks[-1], ticks)


def log_axis(low: float, high: float) -> Axis:
    """Return a logarithmic axis that ends at powers of ten, or at 1, 2, 5 where the range is short."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    marks = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    start = max(mark for mark in marks if mark <= low * 1.0001)
    end = min(mark for mark in [*marks, 10.0 ** (powers[-1] + 1)] if mark >= high * 0.9999 and mark > start)
    ticks = [mark for mark in [*marks, end] if start <= mark <= end]
    ticks = sorted(set(ticks))
    if len(ticks) > 7:
        decades = [tick for tick in ticks if math.isclose(math.log10(tick) % 1, 0, abs_tol=1e-6)]
        ticks = decades if len(decades) >= 2 else ticks[::2]
    return Axis(start, end, ticks, is_log=True)


def smooth(points: Sequence[Point], *, span: float) -> list[Point]:
    """Return the running mean of log10(y) over about `span` points."""
    keep, weight, mean = 1 - 1 / max(span, 1.0), 0.0, 0.0
    smoothed = []
    for x, y in points:
        mean, weight = keep * mean + (1 - keep) * math.log10(y), keep * weight + (1 - keep)
        smoothed.append((x, 10 ** (mean / weight)))
    return smoothed


def _grid(x_axis: Axis, y_axis: Axis) -> list[str]:
    rows = [f'<path class="pb-grid" d="M0 {100 - 100 * y_axis.place(t):.2f}H100"/>' for t in y_axis.ticks]
    columns = [f'<path class="pb-grid" d="M{100 * x_axis.place(t):.2f} 0V100"/>' for t in x_axis.ticks]
    return rows + columns


def _line(line: Series, x_axis: Axis, y_axis: Axis) -> str:
    def path(points: Sequence[Point], kind: str) -> str:
        if not points:
            return ""
        points = points if len(points) > 1 else [*points, *points]  # a line to itself is a dot
        places = " ".join(f"{100 * x_axis.place(x):.2f},{100 - 100 * y_axis.place(y):.2f}" for x, y in points)
        return f'<polyline class="{kind}" style="stroke:{line.color}" points="{places}"/>'

    return path(line.trace, "pb-trace") + path(line.points, "pb-line pb-dashed" if line.is_dashed else "pb-line")


def _dot(line: Series, step: float, x_axis: Axis, y_axis: Axis) -> str:
    y = next((y for x, y in line.points if x == step), None)
    if y is None:
        return ""
    left, top = 100 * x_axis.place(step), 100 - 100 * y_axis.place(y)
    return f'<i class="pb-dot" style="left:{left:.2f}%;top:{top:.2f}%;--line:{line.color}"></i>'


def _number(value: float) -> str:
    if value >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:.10g}" if value == 0 or abs(value) >= 1e-3 else f"{value:.0e}".replace("e-0", "e-")
