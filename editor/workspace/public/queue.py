"""The training queue of a public app: one training at a time over all visitors, first come, first served.

Entries belong to the process: who closes the page keeps the place.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from editor.workspace.errors import WorkspaceError

GRACE_SECONDS = 60.0  # that a training may take longer than its time: reading pairs, previews, saving
POLL_SECONDS = 0.2
logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Ticket:
    """An entry of the queue.

    Attributes:
        seconds: Upper limit of the training time.
        begin: Starts it and returns at once.
        is_over: Says whether it has ended.
        stop: Asks it to stop.
        due: When it must have ended, by `time.monotonic`; None while it waits.
    """

    seconds: float
    begin: Callable[[], None]
    is_over: Callable[[], bool]
    stop: Callable[[], None]
    due: float | None = None


class QueuePosition(NamedTuple):
    """Position in the queue, 1 for the next one, and the seconds until its start if nobody ahead stops early."""

    position: int
    seconds: float


class TrainingQueue:
    """The queue. Safe to use from any thread."""

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._lock = threading.Condition()  # guards `_tickets` and `_is_closed`
        self._tickets: list[Ticket] = []  # the first may have begun
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name="training queue", daemon=True)
        self._thread.start()

    def join(self, ticket: Ticket) -> None:
        """Append an entry.

        Raises:
            WorkspaceError: Too many wait already.
        """
        with self._lock:
            if len(self._tickets) > self._max_waiting:
                raise WorkspaceError("Too many trainings are waiting already. Try again in a few minutes.")
            self._tickets.append(ticket)
            self._lock.notify_all()

    def leave(self, ticket: Ticket) -> bool:
        """Remove an entry and say whether it was still waiting; a training that has begun must be stopped instead."""
        with self._lock:
            if ticket not in self._tickets or ticket.due is not None:
                return False
            self._tickets.remove(ticket)
            return True

    def position(self, ticket: Ticket) -> QueuePosition | None:
        """Return the position of an entry; None if it is not waiting."""
        with self._lock:
            if ticket not in self._tickets or ticket.due is not None:
                return None
            ahead = self._tickets[: self._tickets.index(ticket)]
            now = time.monotonic()
            left = [max(t.due - GRACE_SECONDS - now, 0.0) if t.due is not None else t.seconds for t in ahead]
            begun = sum(t.due is not None for t in ahead)
            return QueuePosition(len(ahead) - begun + 1, sum(left))

    def close(self) -> None:
        """Start no further training. One that has begun goes on."""
        with self._lock:
            self._is_closed = True
            self._lock.notify_all()
        self._thread.join()

    def _serve(self) -> None:
        while ticket := self._next():
            while not ticket.is_over() and not self._is_closed:
                if time.monotonic() > ticket.due:
                    ticket.stop()
                time.sleep(POLL_SECONDS)
            with self._lock:
                self._tickets.remove(ticket)

    def _next(self) -> Ticket | None:
        """Begin the training whose turn comes next and return its ticket; None once the queue is closed."""
        with self._lock:  # held until it has begun, so that no reader sees it neither waiting nor running
            while True:
                self._lock.wait_for(lambda: self._tickets or self._is_closed)
                if self._is_closed:
                    return None
                ticket = self._tickets[0]
                try:
                    ticket.begin()
                except Exception:  # any error: the next entry must still get its turn
                    logger.exception("A training could not be begun in its turn")
                    self._tickets.remove(ticket)
                else:
                    ticket.due = time.monotonic() + ticket.seconds + GRACE_SECONDS
                    return ticket
