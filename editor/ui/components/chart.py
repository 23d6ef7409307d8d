"""Line charts: Python sends numbers, `assets/chart.js` draws them as SVG, so that reading them off needs no server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Literal, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import script

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


@dataclass(frozen=True)
class Line:
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
        lines = [asdict(line) for line in self.lines]
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
    tools = [
        _switch("view", [view.name for view in views]),
        _switch("axis", [messages.runs.AXES[axis] for axis in axes]),
        _switch("scale", list(messages.runs.SCALES)) if is_log else "",
        f'<label class="pb-smooth">{escape(messages.runs.SMOOTHING)}<input type="range" min="0" max="10" step="1" '
        'data-tool="smoothing"></label>'
        if is_log
        else "",
    ]
    return gr.HTML(
        html_template=(
            '<figure class="pb-chart"><figcaption><strong data-title></strong><span data-unit></span>'
            f'<span class="pb-tools">{"".join(tools)}</span></figcaption>'
            '<div class="pb-plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img"></svg>'
            '<div data-marks></div><i class="pb-moment" hidden></i><i class="pb-pointer" hidden></i></div>'
            '<div class="pb-x-title"></div><ul class="pb-legend"></ul>'
            f'<div class="pb-empty">{escape(empty)}</div></figure>'
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


def _switch(tool: str, names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    buttons = "".join(
        f'<button type="button" data-tool="{tool}" data-choice="{index}" aria-pressed="false">{escape(name)}</button>'
        for index, name in enumerate(names)
    )
    return f'<span class="pb-switch" role="group">{buttons}</span>'
