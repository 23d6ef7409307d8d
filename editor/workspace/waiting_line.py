"""The runs of one workspace that wait for their turn, on disk and in the queue, so that a restart finds them again.

    WORKSPACE/queue.json    {"format": 1, "runs": [{"run": ..., "minutes": ..., "steps": ...}, ...]}

The next one is the first. The file is missing where nothing waits.

A run leaves the file before it begins: one that brings the whole app down is not begun again and again.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from editor.config import Budget
from editor.errors import UserError
from editor.json_files import JsonFormat
from editor.validation import Count, Text
from editor.workspace.queue import QueuePosition, Ticket, TrainingQueue

FORMAT = JsonFormat()
logger = logging.getLogger(__name__)


class _Entry(BaseModel):
    """One run in the file, with a budget in minutes or steps; with neither it continues with the time that was left."""

    run: Text
    minutes: float | None = None
    steps: Count | None = None


class _Entries(BaseModel):
    runs: list[_Entry]


class Turn(NamedTuple):
    """One run that waits.

    Attributes:
        run: Its id.
        place: Where it stands among all that wait, of other visitors too.
        seconds: How long it will take, about.
    """

    run: str
    place: QueuePosition
    seconds: float


class WaitingLine:
    """The line. Safe to use from any thread."""

    def __init__(self, path: Path, queue: TrainingQueue) -> None:
        """Begin with an empty line; see `saved`.

        Args:
            path: The file.
            queue: Where the runs wait, maybe beside those of others.
        """
        self._path = path
        self._queue = queue
        self._budgets: dict[str, Budget | None] = {}
        self._keys: dict[str, object] = {}
        self._written: list[str] = []

    def saved(self) -> list[tuple[str, Budget | None]]:
        """Return the runs that an earlier process left waiting, each once. A file that makes no sense is none."""
        if not self._path.is_file():
            return []
        try:
            entries = FORMAT.read_as(_Entries, self._path).runs
            found = {entry.run: _budget(entry) for entry in reversed(entries)}
        except (UserError, OSError) as error:
            logger.warning("The queue of trainings cannot be read, so nothing waits: %s", error)
            return []
        self._written = [entry.run for entry in entries]
        return [*found.items()][::-1]

    def enter(
        self, run: str, budget: Budget | None, ticket: Ticket, *, key: object = None, is_kept: bool = False
    ) -> None:
        """Put a run at the end of the line. It begins at once where nothing is in its way.

        Args:
            run: Its id.
            budget: How long it is trained; None goes on with what was left.
            ticket: How it is begun and ended.
            key: What is learned from what; see `knows`.
            is_kept: It waited already when the app ended.

        Raises:
            WorkspaceError: Too many wait already.
            Exception: It could not begin, or not be written down. It does not wait then.
        """
        ticket.owner, ticket.run = self, run
        self._budgets[run], self._keys[run] = budget, key
        self._queue.join(ticket, is_kept=is_kept)
        if ticket.error is not None:
            raise ticket.error
        if is_kept:
            return
        try:
            self.write()
        except BaseException:
            self._queue.leave(ticket)
            raise

    def knows(self, key: object, active: str | None) -> bool:
        """Say whether the same training waits, or is the one that is going on (`active`)."""
        return any(self._keys.get(run) == key for run in (active, *self.runs()) if run is not None)

    def leave(self, run: str) -> bool:
        """Take a run out of the line, and say whether it was in there."""
        with self._queue.lock:
            is_gone = any(self._queue.leave(ticket) for ticket in self._queue.waiting(self) if ticket.run == run)
            self.write()
            return is_gone

    def move(self, run: str, by: int) -> None:
        """Let a run change places with the one before it (-1) or after it (1)."""
        with self._queue.lock:
            for ticket in self._queue.waiting(self):
                if ticket.run == run:
                    self._queue.move(ticket, by)
            self.write()

    def runs(self) -> list[str]:
        """Return the ids of the runs that wait, the next one first."""
        return [ticket.run for ticket in self._queue.waiting(self)]

    def turns(self) -> list[Turn]:
        """Return the runs that wait, and where each one stands."""
        with self._queue.lock:
            return [Turn(item.run, self._queue.position(item), item.seconds) for item in self._queue.waiting(self)]

    def wait(self, timeout: float) -> bool:
        """Wait until no run waits or is trained, at most `timeout` seconds, and say whether that is so."""
        return self._queue.wait(self, timeout)

    def write(self) -> None:
        """Write down what waits, if that has changed.

        Raises:
            NewerFileError: A newer version wrote the file.
            OSError: The disk is full.
        """
        with self._queue.lock:
            waiting = self.runs()
            if waiting == self._written:
                return
            if not waiting:
                self._path.unlink(missing_ok=True)
                self._written = []
                return
            budgets = {run: self._budgets[run] for run in waiting}
            entries = [{"run": run, **(asdict(budget) if budget else {})} for run, budget in budgets.items()]
            FORMAT.write(self._path, {"runs": entries})
            self._written = waiting


def _budget(entry: _Entry) -> Budget | None:
    return None if entry.minutes is None and entry.steps is None else Budget(minutes=entry.minutes, steps=entry.steps)
