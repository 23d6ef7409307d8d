"""The charts of runs: their losses, and how close their previews come to the truth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import gradio as gr

from editor.training.history import History, PreviewPoint
from editor.ui import messages
from editor.ui.components.chart import Chart, Line, View, Xs, line_chart
from editor.workspace import RunStatus
from editor.workspace.timelines import evenly_spaced

MAX_POINTS = 300  # per line; more would only cost traffic
MAX_PSNR = 99.0  # dB, for two equal pictures have an infinite one
COLORS = 6  # of lines, see base.css
CACHED = 16  # charts, of those histories that pages show at the same time

LOSS_VIEWS = (View(messages.runs.LOSSES, "", messages.runs.LOWER_IS_BETTER, 2),)
SCORE_VIEWS = (
    View(messages.common.PSNR, "dB", messages.runs.HIGHER_IS_BETTER, 1),
    View(messages.common.SSIM, "", messages.runs.HIGHER_IS_BETTER, 3),
)


def loss_chart() -> gr.HTML:
    """Return the place for `losses`."""
    return line_chart("train-losses", LOSS_VIEWS, empty=messages.runs.NO_LOSSES, is_log=True, has_moment=True)


def score_chart() -> gr.HTML:
    """Return the place for `scores`."""
    return line_chart("train-psnr", SCORE_VIEWS, empty=messages.runs.NO_PSNR, has_moment=True)


def comparison_chart() -> gr.HTML:
    """Return the place for `comparison`."""
    return line_chart("runs-chart", SCORE_VIEWS, empty=messages.runs.NOTHING_COMPARED, axes=("seconds", "steps"))


@lru_cache(maxsize=CACHED)
def losses(history: History | None) -> str:
    """Return the loss terms of a run, for `loss_chart`."""
    points = history.decimated(MAX_POINTS) if history else ()
    lines = [
        Line(
            messages.runs.LOSS_LABELS.get(term, term),
            _color(number),
            [_significant(point.losses.get(term)) for point in points],
        )
        for number, term in enumerate(points[-1].losses if points else ())
    ]
    xs = Xs([point.step for point in points], [round(point.seconds, 1) for point in points])
    return Chart(messages.runs.LOSSES, [xs], [line for line in lines if any(line.y)]).to_json()


@lru_cache(maxsize=CACHED)
def scores(history: History | None) -> str:
    """Return the PSNR and SSIM of a run's previews, beside those of leaving the pictures as they are."""
    previews = evenly_spaced(history.previews, MAX_POINTS) if history else ()
    if not (history and previews):
        return Chart(messages.runs.HELD_OUT, [], []).to_json()
    best, unedited = history.best, history.unedited_psnr
    lines = _score_lines(previews, messages.runs.EDITED, _color(0))
    if unedited is not None:
        lines.append(Line(messages.runs.LEFT_ALONE, "var(--pb-line-0)", [_psnr(unedited)], is_level=True))
    mark = min(range(len(previews)), key=lambda i: abs(previews[i].step - best.step)) if best else None
    title = messages.runs.HELD_OUT if previews[-1].is_held_out else messages.runs.ON_TRAINING_PAIRS
    return Chart(title, [_xs(previews)], lines, mark).to_json()


def comparison(snapshots: Sequence[RunStatus]) -> str:
    """Return the score curves of several runs, for `comparison_chart`."""
    shown = [(item, evenly_spaced(item.history.previews, MAX_POINTS)) for item in snapshots if item.history.previews]
    lines = [
        line
        for number, (item, previews) in enumerate(shown)
        for line in _score_lines(previews, item.run.name, _color(number), x=number)
    ]
    return Chart(messages.runs.HELD_OUT, [_xs(previews) for _, previews in shown], lines).to_json()


def _score_lines(previews: Sequence[PreviewPoint], label: str, color: str, x: int = 0) -> list[Line]:
    return [
        Line(label, color, [_psnr(point.psnr) for point in previews], x),
        Line(label, color, [round(point.ssim, 4) for point in previews], x, view=1),
    ]


def _xs(previews: Sequence[PreviewPoint]) -> Xs:
    return Xs([point.step for point in previews], [round(point.seconds, 1) for point in previews])


def _psnr(value: float) -> float:
    return round(min(value, MAX_PSNR), 2)


def _significant(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _color(number: int) -> str:
    return f"var(--pb-line-{number % COLORS + 1})"
