"""The runs as a list to choose from shows them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from editor.errors import UserError
from editor.workspace.runs import RunListing, RunState, RunStatus, RunSummary
from editor.workspace.sizes import folder_bytes
from editor.workspace.thumbnails import SIDE, Thumbnails
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
        bytes: Space that it takes; None while it is live, when that changes all the time.
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
    bytes: int | None


class RunCards:
    """Makes the cards. Polled every second, so a card is made again only after its run has changed."""

    def __init__(self, training: Training, thumbnails: Thumbnails) -> None:
        self._training = training
        self._thumbnails = thumbnails
        self._made: dict[str, tuple[RunStatus, RunCard]] = {}  # by run: the card, and what it was made of

    def of(self, statuses: Sequence[RunStatus], listing: RunListing) -> list[RunCard]:
        """Return the cards of some runs, in the same order; a run that was deleted meanwhile has none.

        Args:
            statuses: Those that a page shows.
            listing: All runs. The cards of others are forgotten.
        """
        there = {run.id for run in listing.runs}
        made = {id: known for id, known in self._made.items() if id in there}
        for status in statuses:
            known = made.get(status.run.id)
            if not (known and _is_current(*known, status)):
                made.pop(status.run.id, None)
                with suppress(UserError):  # it was deleted since
                    made[status.run.id] = status, self._card(status)
        self._made = made
        return [made[status.run.id][1] for status in statuses if status.run.id in made]

    def _card(self, status: RunStatus) -> RunCard:
        folder = self._training.open(status.run.id)
        history = status.past.outline
        last, best = history.previews[-1] if history.previews else None, history.best
        prediction = folder.preview_path(last.step, last.pictures[0]) if last and last.pictures else None
        return RunCard(
            run=status.run,
            state=status.state,
            is_live=status.is_live,
            seconds=history.seconds,
            best_psnr=best.psnr if best else None,
            last_psnr=last.psnr if last else None,
            unedited_psnr=history.unedited_psnr,
            is_held_out=last is not None and last.is_held_out,
            thumbnail=self._picture(status, prediction) if prediction and prediction.is_file() else None,
            bytes=None if status.is_live else folder_bytes(folder.path),
        )

    def _picture(self, status: RunStatus, prediction: Path) -> Path:
        is_small = status.run.image_size <= SIDE
        return self._thumbnails.linked(prediction) if is_small else self._thumbnails.get(prediction)


def _is_current(made_of: RunStatus, card: RunCard, now: RunStatus) -> bool:
    # Without an event, a run may lose its saved state, see `training.slimming`.
    is_same_run = (made_of.run, made_of.state, made_of.saved_at) == (now.run, now.state, now.saved_at)
    has_picture = card.thumbnail is None or os.path.isfile(card.thumbnail)  # noqa: PTH113 (faster than Path.is_file)
    # Whatever else is written into a run, an event follows.
    return is_same_run and made_of.past.outline == now.past.outline and has_picture
