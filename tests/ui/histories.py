"""Invented histories of runs, of any length."""

from dataclasses import replace

from editor.training.history import History, LossPoint, PreviewPoint
from editor.workspace.runs import KnownPast

TERMS = ("source", "target", "frequency", "edges", "move")


def an_hour(previews: int = 700, reports: int = 7200, pictures: tuple[str, ...] = ()) -> History:
    """Twenty thousand steps in an hour; the score rises to the end."""
    return History(
        state="finished",
        num_held_out=len(pictures),
        unedited_psnr=17.456789,
        step=20_000,
        seconds=3600.0,
        losses=tuple(
            LossPoint(round(20_000 * i / reports), 3600 * i / reports, {term: 0.123456789 / i for term in TERMS})
            for i in range(1, reports + 1)
        ),
        previews=tuple(
            PreviewPoint(20_000 * i // previews, 3600 * i / previews, 20 + 10 * i / previews, 0.8765432, True, pictures)
            for i in range(previews)
        ),
    )


def watched(snapshot, history):
    """The same run with another history."""
    return replace(snapshot, past=KnownPast(history))
