"""Learning curves: test PSNR against seconds of training, drawn as pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from PIL import Image

from editor.benchmarks.results import Result, find
from editor.benchmarks.tables import methods_of, settings_of
from editor.image_files import save_png
from editor.views.card import INK, LINE, MUTED, Card

WIDTH, HEIGHT = 900, 520  # pixels
LEFT, TOP, RIGHT, BOTTOM = 80, 64, 660, 450  # edges of the plot; the legend is to its right
SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)  # places of ticks
MAX_RANGE = 15  # dB below the best; lower values are drawn at the bottom edge
# The first are the palette of Okabe and Ito, which color-blind people can distinguish.
COLORS: Mapping[str, str] = MappingProxyType(
    {
        "ours": "#d55e00",
        "pix2pix": "#56b4e9",
        "pix2pix-star": "#0072b2",
        "sdedit": "#9b5de5",
        "instruct-pix2pix": "#52b788",
        "do-nothing": "#555555",
        "jpeg-95": "#aaaaaa",
        "one-to-one": "#009e73",
        "direct": "#cc79a7",
        "blend": "#7f5539",
        "canvas": "#ef476f",
        "without-registration": "#4d908e",
        "n-3": "#e69f00",
        "without-x_j": "#5b3a8c",
        "without-transform": "#8a7a00",
        "without-skips": "#7a2e00",
        "with-noise": "#00634a",
        "without-frequency": "#c2185b",
        "without-edges": "#3f6212",
        "without-crispness": "#1f3b73",
        "without-color-map": "#b8860b",
    }
)


class _Line(NamedTuple):
    """One training.

    Attributes:
        label: Text in the legend; empty for none.
        color: The method's color.
        width: In pixels; thinner for shorter trainings.
        points: (seconds, dB).
    """

    label: str
    color: str
    width: float
    points: Sequence[tuple[float, float]]


def draw_curves(results: Sequence[Result], output: Path) -> None:
    """Write `curves/TASK-N-shots-SIZE-px.png` for every task and number of shots.

    Every training has its own line, from its first score to its last. A method without training is a horizontal line.
    """
    for size, shots in sorted({setting[:2] for setting in settings_of(results)}):
        for task in sorted({r.cell.task for r in find(results, size=size, shots=shots)}):
            path = output / "curves" / f"{task}-{shots}-shots-{size}-px.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            here = find(results, task=task, size=size)
            trained, untrained = find(here, shots=shots), [r for r in here if not r.cell.is_trained]
            save_png(_chart(f"{task}, {shots} shots, {size} px", _lines(trained, untrained)), path)


def _lines(trained: Sequence[Result], untrained: Sequence[Result]) -> list[_Line]:
    longest = max(result.cell.minutes for result in trained)
    start = min(point.seconds for result in trained for point in result.curve)
    end = max(point.seconds for result in trained for point in result.curve)
    lines = []
    for method in methods_of(trained):
        for result in sorted(find(trained, method=method), key=lambda r: (-r.cell.minutes, r.cell.seed)):
            is_first = result.cell.minutes == longest and result.cell.seed == 0
            width = 3.5 if result.cell.minutes == longest else 1.5
            lines.append(_Line(method if is_first else "", _color(method), width, result.curve))
    lines += [
        _Line(r.cell.method, _color(r.cell.method), 1.5, [(start, r.figures.psnr), (end, r.figures.psnr)])
        for r in untrained
    ]
    return lines


def _color(method: str) -> str:
    return COLORS.get(method, MUTED)


def _chart(title: str, lines: Sequence[_Line]) -> Image.Image:
    """Draw lines over a logarithmic time axis."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points]
    low_x, high_x = math.log(min(xs)), math.log(max(max(xs), min(xs) * 1.5))
    low_y, high_y, step = _rounded(max(min(ys), max(ys) - MAX_RANGE), max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        share_x, share_y = (math.log(x) - low_x) / (high_x - low_x), max(y - low_y, 0) / (high_y - low_y)
        return LEFT + share_x * (RIGHT - LEFT), BOTTOM - share_y * (BOTTOM - TOP)

    card = Card(WIDTH, HEIGHT)
    card.text((LEFT, 28), title, 22, "lm")
    for number in range(round((high_y - low_y) / step) + 1):
        y = place(math.exp(low_x), low_y + number * step)[1]
        card.line([(LEFT, y), (RIGHT, y)], LINE, 1)
        card.text((LEFT - 10, y), f"{low_y + number * step:g}", 16, "rm", MUTED)
    for seconds in SECONDS:
        if low_x - 1e-9 <= math.log(seconds) <= high_x + 1e-9:
            x = place(seconds, low_y)[0]
            card.line([(x, BOTTOM), (x, BOTTOM + 6)], INK, 1)
            card.text((x, BOTTOM + 20), _duration(seconds), 16, color=MUTED)
    card.text(((LEFT + RIGHT) / 2, HEIGHT - 22), "training time", 16, color=MUTED)
    card.text((LEFT - 10, TOP - 18), "dB", 16, "rm", MUTED)
    for line in sorted(lines, key=lambda line: line.width):
        points = [place(*point) for point in line.points]
        if len(points) > 1:
            card.line(points, line.color, line.width)
        card.circle(points[-1], 3, line.color, 3)
    _legend(card, [line for line in lines if line.label])
    return card.finish()


def _legend(card: Card, lines: Sequence[_Line]) -> None:
    for row, line in enumerate(sorted(lines, key=lambda line: -line.points[-1][1])):
        y = TOP + 12 + 28 * row
        card.line([(RIGHT + 16, y), (RIGHT + 44, y)], line.color, line.width)
        card.text((RIGHT + 52, y), f"{line.label} {line.points[-1][1]:.2f}", 16, "lm")


def _rounded(low: float, high: float) -> tuple[float, float, float]:
    """Return (bottom, top, distance of ticks) around a range of values, all multiples of the distance."""
    rough = max(high - low, 0.1) / 5
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(magnitude * factor for factor in (1, 2, 5, 10) if magnitude * factor >= rough)
    bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
    return bottom, max(top, bottom + step), step


def _duration(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
