"""The one training job of a process, in a background thread that is independent of pages and requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import torch

from editor.config import Budget
from editor.errors import UserError
from editor.memory import give_back
from editor.training.control import Control
from editor.training.events import CheckpointDue
from editor.training.recording import record
from editor.training.run_folder import RunFolder
from editor.training.slices import Borrower, is_zero_gpu, lent_slice, train_in_slices


class RunnerBusy(UserError):
    """A training is in progress already. The message is for a person."""


class TrainingRunner:
    """Runs `record` in a thread. The state of the job is what is on disk and in `active`.

    Attributes:
        borrower: In whose name GPUs are borrowed, where they are lent.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control = Control()
        self._thread: threading.Thread | None = None
        self._run: RunFolder | None = None
        self.borrower = Borrower()
        if is_zero_gpu():
            lent_slice()

    @property
    def active(self) -> RunFolder | None:
        """The run that is being trained, if any."""
        thread = self._thread
        return self._run if thread is not None and thread.is_alive() else None

    @property
    def control(self) -> Control:
        """Requests to the current job, or to the last one."""
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
            if is_zero_gpu():
                events: Iterator[object] = train_in_slices(run, borrower=self.borrower, budget=budget, control=control)
            else:
                events = record(run, device=device, budget=budget, control=control)
            self._run, self._control = run, control
            self._thread = threading.Thread(target=_drain, args=(events,), name=f"training-{run.id}", daemon=True)
            self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until there is no job, for at most `timeout` seconds, and return whether there is none."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.active is None


def _drain(events: Iterator[object]) -> None:
    """Consume the events, and return freed memory to the system at each checkpoint, about once a minute."""
    for event in events:
        if isinstance(event, CheckpointDue):
            give_back()
    del events
    give_back()
