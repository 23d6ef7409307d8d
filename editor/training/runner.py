"""The one training job of a process, in one background thread. No page, tab or request owns it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import torch

from editor.config import Budget
from editor.errors import UserError
from editor.memory import give_back
from editor.training.control import Control
from editor.training.events import CheckpointDue, TrainEvent
from editor.training.recording import record
from editor.training.run_folder import RunFolder


class RunnerBusy(UserError):
    """A training is in progress already. The message is for a person."""


class TrainingRunner:
    """Drains `record` in a thread. All that others may know of the job is on disk or in `active`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control = Control()
        self._thread: threading.Thread | None = None
        self._run: RunFolder | None = None

    @property
    def active(self) -> RunFolder | None:
        """The run that is being trained, if any."""
        thread = self._thread
        return self._run if thread is not None and thread.is_alive() else None

    @property
    def control(self) -> Control:
        """What people ask of the job; of the last one where there is none."""
        return self._control

    def start(self, run: RunFolder, *, budget: Budget | None, device: torch.device) -> None:
        """Begin or continue training `run` and return at once.

        Raises:
            RunnerBusy: There is a job already.
            RunError: Another process trains this run.
        """
        with self._lock:
            if self.active is not None:
                raise RunnerBusy(f"{self._run.name} is being trained. Stop it, or wait until it is done.")
            control = Control()
            events = record(run, device=device, budget=budget, control=control)
            self._run, self._control = run, control
            self._thread = threading.Thread(target=_drain, args=(events,), name=f"training-{run.id}", daemon=True)
            self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is no job, at most `timeout` seconds, and say whether that is so."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.active is None


def _drain(events: Iterator[TrainEvent]) -> None:
    """Let it happen. Saving comes about once a minute and at the end: often enough to keep the process small."""
    for event in events:
        if isinstance(event, CheckpointDue):
            give_back()
    del events
    give_back()
