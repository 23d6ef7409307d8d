"""Runs as screens show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from editor.training.history import History

RunState = Literal[
    "untrained", "queued", "waiting", "running", "elsewhere", "stopping", "interrupted", "stopped", "finished", "failed"
]


class RunSummary(NamedTuple):
    """One run, as a list shows it."""

    id: str
    name: str
    effect: str  # its present name, or the last one known
    effect_slug: str | None  # where it is or was in the workspace
    preset: str
    image_size: int  # pixels
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One run at one moment: all that a screen shows of its training."""

    run: RunSummary
    state: RunState
    history: History
    has_weights: bool

    @property
    def is_live(self) -> bool:
        """Whether the run is being trained now."""
        return self.state in ("untrained", "queued", "waiting", "running", "elsewhere", "stopping")

    @property
    def has_time_left(self) -> bool:
        """Whether it ended before its time was used up."""
        return self.state in ("stopped", "interrupted", "failed") and 0 < self.history.progress < 1


class PreviewRow(NamedTuple):
    """One previewed pair as small pictures that may be served."""

    name: str
    source: Path
    prediction: Path
    target: Path
