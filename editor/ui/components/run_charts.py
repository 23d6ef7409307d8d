"""The two charts of a run: its losses, and how close its previews come to the truth."""

from __future__ import annotations

from editor.training.history import History
from editor.ui import messages
from editor.ui.components.chart import Series, line_chart, smooth
from editor.workspace import Snapshot

MAX_POINTS = 300  # per line; more would only cost traffic


def loss_chart(history: History | None) -> str:
    """Return one line per loss term on a log scale: a running mean over a faint trace of the values."""
    points = history.decimated(MAX_POINTS) if history else ()
    series = []
    for number, term in enumerate(points[-1].losses if points else ()):
        trace = [(point.step, point.losses[term]) for point in points if point.losses.get(term, 0) > 0]
        if trace:
            label = messages.LOSS_LABELS.get(term, term)
            color = f"var(--pb-line-{number % 4 + 1})"
            curve = smooth(trace, span=len(trace) / 20)
            series.append(Series(label, color, curve, value=f"{curve[-1][1]:.2g}", trace=trace))
    return line_chart(series, title="Losses", unit="log scale, lower is better", empty=messages.NO_LOSSES, is_log=True)


def psnr_chart(snapshot: Snapshot | None) -> str:
    """Return the PSNR of the previews, beside that of leaving the pictures as they are."""
    previews = snapshot.history.previews if snapshot else ()
    is_held_out = previews[-1].is_held_out if previews else True
    best = snapshot.history.best if snapshot else None
    series = []
    if snapshot and previews:
        points = [(point.step, point.psnr) for point in previews]
        series.append(Series("edited", "var(--pb-line-1)", points, value=f"{points[-1][1]:.1f} dB"))
        if (unedited := snapshot.history.unedited_psnr) is not None:
            level = [(0, unedited), (points[-1][0], unedited)]
            series.append(
                Series("left as it is", "var(--pb-line-0)", level, value=f"{unedited:.1f} dB", is_dashed=True)
            )
    return line_chart(
        series,
        title="Held-out PSNR" if is_held_out else "PSNR on training pairs",
        unit="dB, higher is better",
        empty=messages.NO_PSNR,
        mark=best.step if best else None,
    )
