"""Line charts: Python sends numbers, `assets/chart.js` draws them as SVG and reads values off without a server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import from_template, script

Axis = Literal["steps", "seconds"]


class View(NamedTuple):
    """One quantity that a chart can show.

    Attributes:
        name: On the button that switches to it, such as "PSNR".
        unit: What a value is followed by; may be empty.
        hint: Which direction is better.
        digits: Significant digits for a loss, decimals for a score.
    """

    name: str
    unit: str
    hint: str
    digits: int


class Line(NamedTuple):
    """One line of a chart.

    Attributes:
        label: For the legend.
        color: A CSS color, such as "var(--pb-line-1)".
        y: The values; None where there is none.
        x: Which entry of `Chart.xs` it belongs to.
        view: Which of the chart's views it belongs to.
        is_level: One value that holds all along, to compare with.
    """

    label: str
    color: str
    y: Sequence[float | None]
    x: int = 0
    view: int = 0
    is_level: bool = False


class Xs(NamedTuple):
    """Where the values of a line lie: the same moments by step and by training time."""

    steps: Sequence[int]
    seconds: Sequence[float]


class Chart(NamedTuple):
    """What a chart shows now.

    Attributes:
        title: What is shown; a view's name follows.
        xs: Moments, shared by lines.
        lines: The lines.
        mark: A moment of the first line to point out with a dot, as its index.
    """

    title: str
    xs: Sequence[Xs]
    lines: Sequence[Line]
    mark: int | None = None

    def to_json(self) -> str:
        """Return what `assets/chart.js` draws, as short as it gets."""
        xs = [entry._asdict() for entry in self.xs]
        lines = [line._asdict() for line in self.lines]
        return compact({"title": self.title, "xs": xs, "lines": lines, "mark": self.mark})


def compact(value: object) -> str:
    """Return JSON without spaces. A browser knows no infinity, so nothing here may hold one."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def line_chart(
    elem_id: str,
    views: Sequence[View],
    *,
    empty: str,
    axes: Sequence[Axis] = ("steps",),
    is_log: bool = False,
    has_moment: bool = False,
) -> gr.HTML:
    """Return a chart; its value is `Chart.to_json()`.

    Args:
        elem_id: Its id; settings of a person are remembered under it.
        views: What it can show; with more than one there is a switch.
        empty: What to say while there is nothing to draw.
        axes: What x can be; with more than one there is a switch.
        is_log: The values fall over decades and waver: offer a logarithmic scale and smoothing.
        has_moment: Show the moment of the timeline as a line, and go to another one on a click.
    """
    return gr.HTML(
        html_template=from_template(
            "chart",
            views=[view.name for view in views],
            axes=[messages.runs.AXES[axis] for axis in axes],
            is_log=is_log,
            empty=empty,
        ),
        js_on_load=script(
            "bus",
            "chart",
            options={
                "views": [view._asdict() for view in views],
                "axes": list(axes),
                "isLog": is_log,
                "hasMoment": has_moment,
            },
            words={"at": messages.runs.AT_MOMENT, **messages.runs.AXES},
        ),
        apply_default_css=False,
        elem_id=elem_id,
        min_width=280,
    )
