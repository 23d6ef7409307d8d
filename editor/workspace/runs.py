"""What a screen shows of a run: its names and settings, its status, its previews."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from editor.config import Budget, FitMode
from editor.training.control import Request
from editor.training.history import History
from editor.workspace.queue import QueuePosition
from editor.workspace.waiting_line import Turn

RunState = Literal[
    "untrained",
    "queued",
    "waiting",
    "running",
    "elsewhere",
    "pausing",
    "paused",
    "stopping",
    "interrupted",
    "stopped",
    "finished",
    "failed",
    "shared",
    "rented",
]


class RunSummary(NamedTuple):
    """One run, as a list shows it."""

    id: str
    name: str
    effect: str  # its present name, or the last one known
    effect_slug: str | None  # of the effect that it belongs to; None where there is none in the workspace
    preset: str
    image_size: int  # pixels
    fit: FitMode  # how pairs that are not square become so
    created: datetime
    is_received: bool = False  # it came as an effect file, without the pairs that it was learned from


class Past(Protocol):
    """What a run has behind it: read when it is first asked for, since a list of runs shows the history of few.

    Attributes:
        history: Everything that happened.
        outline: The same without the losses.
    """

    @property
    def history(self) -> History: ...  # noqa: D102

    @property
    def outline(self) -> History: ...  # noqa: D102


class KnownPast(NamedTuple):
    """A past that was read."""

    history: History

    @property
    def outline(self) -> History:
        """What a list shows."""
        return replace(self.history, losses=())


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """One run at one moment: all that a screen shows of its training."""

    run: RunSummary
    state: RunState
    past: Past
    has_weights: bool
    saved_at: datetime | None = None  # when the state that continuing needs was saved last
    asked: frozenset[Request] = frozenset()  # requests that are carried out after the present step

    @property
    def history(self) -> History:
        """Everything that happened, with the curves."""
        return self.past.history

    @property
    def is_live(self) -> bool:
        """Whether the run is being trained now, holds in a pause, or waits for its turn."""
        return self.state not in ("untrained", "interrupted", "stopped", "finished", "failed", "shared")

    @property
    def has_time_left(self) -> bool:
        """Whether it ended before its time was used up."""
        return self.state in ("stopped", "interrupted", "failed") and 0 < self.history.progress < 1

    @property
    def budget_left(self) -> Budget | None:
        """What is left of the time, or of the steps, that it was given; None if nothing is, or it is unknown."""
        history = self.history
        share = 1 - history.progress
        if self.has_time_left and history.budget_minutes:
            return Budget(minutes=history.budget_minutes * share)
        if self.has_time_left and history.budget_steps:
            return Budget(steps=max(1, round(history.budget_steps * share)))
        return None

    def seconds_of(self, budget: Budget | None) -> float:
        """Return about how long it takes to use up a budget, by default what is left; 0 where nobody knows."""
        budget = budget or self.budget_left
        if budget is None:
            return 0.0
        if budget.minutes is not None:
            return 60 * budget.minutes
        return budget.steps / self.history.steps_per_second if self.history.steps_per_second else 0.0


class RunListing(NamedTuple):
    """Every run of a workspace at one moment, read once for all that shows runs.

    Attributes:
        active: Id of the run that this process is training, or else of the one that waits and is next.
        statuses: The runs that can be read, the newest first.
        problems: One sentence for every run that cannot be shown.
        turns: What waits, the next one first.
    """

    active: str | None
    statuses: list[RunStatus]
    problems: list[str]
    turns: list[Turn]

    @property
    def runs(self) -> list[RunSummary]:
        """Names and settings of the runs, the newest first."""
        return [status.run for status in self.statuses]

    def status(self, run: str | None) -> RunStatus | None:
        """Return the run with that id; None if there is none."""
        return next((status for status in self.statuses if status.run.id == run), None)

    def place_of(self, run: str | None) -> QueuePosition | None:
        """Return where a run stands in the queue; None if it does not wait."""
        return next((turn.place for turn in self.turns if turn.run == run), None)


class PreviewRow(NamedTuple):
    """One previewed pair as small pictures that may be served."""

    name: str
    source: Path
    prediction: Path
    target: Path
