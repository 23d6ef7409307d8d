"""Progress of the photos of the Edit tab: what failed, whether a person stopped it, and how long a photo takes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

SMOOTHING = 0.2  # weight of the newest photo in the exponential moving average of the time that one takes


class Failure(NamedTuple):
    """A photo that could not be opened or edited: what the person calls it, and why."""

    name: str
    sentence: str


@dataclass(frozen=True)
class EditProgress:
    """How far the photos are. Never changed, only replaced.

    Attributes:
        failed: By the path of the photo, or of the dropped file where that could not be opened.
        is_stopped: Whether the person stopped it.
        turn: Grows with each photo, so that a page asks for each next one once.
        pace: Seconds that a photo takes; None before the first.
    """

    failed: dict[Path, Failure] = field(default_factory=dict)
    is_stopped: bool = False
    turn: int = 0
    pace: float | None = None

    def stepped(self, seconds: float | None) -> EditProgress:
        """Return the progress one turn later, in which a photo took so many seconds; None if none was edited."""
        if seconds is None or self.pace is None:
            pace = self.pace if seconds is None else seconds
        else:
            pace = self.pace + SMOOTHING * (seconds - self.pace)
        return replace(self, turn=self.turn + 1, pace=pace)

    def with_failure(self, path: Path, name: str, sentence: str) -> EditProgress:
        """Return the progress with one more failure."""
        return replace(self, failed={**self.failed, path: Failure(name, sentence)})

    def without_failures(self, paths: Collection[Path]) -> EditProgress:
        """Return the progress without the failures of some photos or files."""
        return replace(self, failed={path: failure for path, failure in self.failed.items() if path not in paths})
