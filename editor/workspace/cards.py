"""The runs as a list to choose from shows them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from editor.errors import UserError
from editor.workspace.runs import RunState, RunSummary
from editor.workspace.sizes import folder_bytes
from editor.workspace.training import Training


class RunCard(NamedTuple):
    """One run in a list of runs to choose from.

    Attributes:
        run: Its names and settings.
        state: What it is doing.
        is_live: Whether it is being trained now.
        seconds: How long it was trained.
        best_psnr: Of its previews, in dB; None before the first one.
        last_psnr: Of its last preview.
        unedited_psnr: Of leaving the previewed pictures as they are.
        is_held_out: Whether these are of pairs that were held out.
        thumbnail: A picture of its last preview.
        bytes: Space that it takes.
    """

    run: RunSummary
    state: RunState
    is_live: bool
    seconds: float
    best_psnr: float | None
    last_psnr: float | None
    unedited_psnr: float | None
    is_held_out: bool
    thumbnail: Path | None
    bytes: int


class RunCards:
    """Makes the cards. Cheap to ask every second: a run is measured again only after it changed."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._sizes: dict[str, tuple[int, int]] = {}  # bytes of the events when the run was measured, and of all

    def list(self) -> list[RunCard]:
        """Return every run that can be read, the newest first."""
        cards = []
        for run in self._training.runs():
            try:
                cards.append(self._card(run))
            except UserError:
                continue  # it was deleted since the list was made
        return cards

    def _card(self, run: RunSummary) -> RunCard:
        snapshot, folder = self._training.status(run.id), self._training.open(run.id)
        previews = snapshot.history.previews
        last, best = previews[-1] if previews else None, snapshot.history.best
        rows = self._training.preview(run.id, last.step, last.pictures[:1]) if last else []
        events = folder.events_path.stat().st_size if folder.events_path.is_file() else 0
        if self._sizes.get(run.id, (-1, 0))[0] != events:  # whatever else is written, an event follows
            self._sizes[run.id] = events, folder_bytes(folder.path)
        return RunCard(
            run=run,
            state=snapshot.state,
            is_live=snapshot.is_live,
            seconds=snapshot.history.seconds,
            best_psnr=best.psnr if best else None,
            last_psnr=last.psnr if last else None,
            unedited_psnr=snapshot.history.unedited_psnr,
            is_held_out=last is not None and last.is_held_out,
            thumbnail=rows[0].prediction if rows else None,
            bytes=self._sizes[run.id][1],
        )
