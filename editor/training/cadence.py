"""When a training reports its losses, previews and saves, by seconds of training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from editor.training.events import StepDone
from editor.training.progress import Progress

REPORT_SECONDS = 0.5  # between two StepDone events
CHECKPOINT_SECONDS = 60.0  # between two full saves: the most training time that a crash loses
MIN_PREVIEW_SECONDS = 3.0
PREVIEW_SHARE = 0.05  # of the time may go into previews ...
MAX_PREVIEW_SECONDS = 30.0  # ... but this is the longest interval between two ...
MAX_PREVIEW_SHARE = 0.2  # ... unless they took more of the time than that


class Cadence:
    """What is due, and the losses since the last report."""

    def __init__(self, progress: Progress) -> None:
        """Begin all intervals now.

        Args:
            progress: Of the training; its owner changes it.
        """
        self._progress = progress
        self._next_preview = progress.seconds + MIN_PREVIEW_SECONDS
        self._next_checkpoint = progress.seconds + CHECKPOINT_SECONDS
        self.restart_report()

    def restart_report(self) -> None:
        """Drop the losses that were not reported."""
        self._sums: dict[str, float] = defaultdict(float)
        self._reported = (self._progress.step, self._progress.seconds)

    def add(self, losses: Mapping[str, float]) -> None:
        """Add the losses of one step to the next report."""
        for name, value in losses.items():
            self._sums[name] += value

    @property
    def is_report_due(self) -> bool:
        """Whether to report: after some time, and at the end."""
        return self._progress.seconds - self._reported[1] >= REPORT_SECONDS or self._progress.share >= 1

    def report(self, learning_rate: float) -> StepDone:
        """Return the mean losses and the speed since the last report."""
        progress, (step, seconds) = self._progress, self._reported
        steps = progress.step - step
        done = StepDone(
            step=progress.step,
            seconds=progress.seconds,
            progress=progress.share,
            losses={name: value / steps for name, value in self._sums.items()},
            learning_rate=learning_rate,
            steps_per_second=steps / max(progress.seconds - seconds, 1e-9),
            eta_seconds=progress.eta_seconds,
        )
        self.restart_report()
        return done

    @property
    def is_preview_due(self) -> bool:
        """Whether it is time for a preview."""
        return self._progress.seconds >= self._next_preview

    def previewed(self, cost: float) -> None:
        """Set the time of the next preview, after one that took `cost` seconds: the more it cost, the later."""
        interval = min(max(MIN_PREVIEW_SECONDS, cost / PREVIEW_SHARE), MAX_PREVIEW_SECONDS)
        self._next_preview = self._progress.seconds + max(interval, cost / MAX_PREVIEW_SHARE)

    @property
    def is_checkpoint_due(self) -> bool:
        """Whether it is time to save."""
        return self._progress.seconds >= self._next_checkpoint

    def saved(self, seconds: float) -> None:
        """Set the time of the next save, after one that ended at these seconds of training."""
        self._next_checkpoint = seconds + CHECKPOINT_SECONDS
