"""The previews of a run: held-out pairs edited with what it knows, and how the first of them came about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from editor.training.history import PreviewPoint
from editor.ui import messages
from editor.ui.components.html import picture, placeholder
from editor.workspace import PreviewRow, Snapshot

MAX_GROWTH = 8  # pictures in the strip of earlier previews

Pictures = Callable[[int, tuple[str, ...]], list[PreviewRow]]


def previews(snapshot: Snapshot | None, pictures: Pictures) -> str:
    """Return the newest preview and the way there.

    Args:
        snapshot: The run.
        pictures: Finds the rows of a preview by its step and the names of its pairs.
    """
    points = snapshot.history.previews if snapshot else ()
    rows = pictures(points[-1].step, points[-1].pictures) if points else []
    if not rows:
        return placeholder(messages.NO_PREVIEW)
    newest = points[-1]
    kind = "Held-out pairs, never learned from" if newest.is_held_out else "Training pairs (none is held out)"
    body = "".join(_row(row, newest.step) for row in rows)
    return (
        f'<section class="pb-previews" data-step="{newest.step}"><header><strong>Preview after step {newest.step:,}'
        f"</strong><span>{escape(kind)}</span></header>"
        f'<div class="pb-triples">{body}</div>{_growth(points, rows[0].name, pictures)}</section>'
    )


def _row(row: PreviewRow, step: int) -> str:
    name = escape(row.name)
    sides = (
        ("Before", row.source, f"{row.name} before"),
        ("Edited", row.prediction, f"{row.name} edited after step {step}"),
        ("Truth", row.target, f"{row.name} after, the truth"),
    )
    cells = "".join(
        f'<figure class="pb-{label.lower()}">{picture(path, alt)}<figcaption>{label}</figcaption></figure>'
        for label, path, alt in sides
    )
    return f'<div class="pb-triple" data-pair="{name}" role="group" aria-label="Pair {name}">{cells}</div>'


def _growth(points: Sequence[PreviewPoint], name: str, pictures: Pictures) -> str:
    if len(points) < 2:
        return ""
    # Early previews differ most, so the steps shown are spread evenly in their order, not in time.
    count = min(MAX_GROWTH, len(points))
    shown = [points[round(index * (len(points) - 1) / (count - 1))] for index in range(count)]
    cells = "".join(
        f"<figure>{picture(row.prediction, f'{name} edited after step {point.step}')}"
        f"<figcaption>{point.step:,}</figcaption></figure>"
        for point in shown
        for row in pictures(point.step, (name,))
    )
    return f'<p class="pb-growth-title">How it came about, by step</p><div class="pb-growth">{cells}</div>'
