"""The training queue: one training at a time, of one workspace or of all visitors of a public app (see `Training`).

Between visitors it is fair (start-time fair queueing with one training as the unit): the second training of somebody
waits for the first ones of all who have come by then, and nobody who comes later can hold it up for ever. Of one
visitor, what was asked for first begins first, unless it is moved.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from editor.errors import UserError
from editor.workspace.errors import WorkspaceError

GRACE_SECONDS = 60.0  # that a training may take longer than its time: reading pairs, previews, saving
POLL_SECONDS = 0.05
logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Ticket:
    """An entry of the queue.

    Attributes:
        seconds: Of training, or what it will take about.
        begin: Starts it and returns at once.
        is_over: Says whether it has ended.
        stop: Asks it to stop.
        is_held: Says whether it is paused, or about to. Then it makes way for the next one: it is stopped.
        is_limited: Whether it is stopped when it takes longer than `seconds`.
        owner: Whose it is: None, or any object.
        run: The id of the run, unique to its owner.
        begun: When it has begun, by `time.monotonic`; None while it waits.
        error: Why it could not begin.
        turn: The lower begins first; of equal ones, what has joined first. See `TrainingQueue.join`.
    """

    seconds: float
    begin: Callable[[], None]
    is_over: Callable[[], bool]
    stop: Callable[[], None]
    is_held: Callable[[], bool] = bool
    is_limited: bool = True
    owner: object = None
    run: str = ""
    begun: float | None = None
    error: Exception | None = None
    turn: int = 0

    @property
    def is_overdue(self) -> bool:
        """Whether it takes longer than it may."""
        return self.is_limited and time.monotonic() > self.begun + self.seconds + GRACE_SECONDS

    @property
    def seconds_left(self) -> float:
        """How long it will still take, about."""
        return self.seconds if self.begun is None else max(self.begun + self.seconds - time.monotonic(), 0.0)


class QueuePosition(NamedTuple):
    """Position in the queue, 1 for the next one, and the seconds until its start if nobody ahead stops early."""

    position: int
    seconds: float


class TrainingQueue:
    """The queue. Safe to use from any thread.

    Attributes:
        lock: Held while anything changes, and while a training begins; reentrant.
    """

    def __init__(self, max_waiting: int) -> None:
        self.lock = threading.Condition()  # guards all that follows
        self._max_waiting = max_waiting
        self._tickets: list[Ticket] = []  # those of one owner in the order in which they start; at most one has started
        self._turn = 0  # `Ticket.turn` of the one that started last
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def join(self, ticket: Ticket, *, is_kept: bool = False) -> None:
        """Append an entry. It begins at once where nothing is in its way; `Ticket.error` says why it could not.

        Args:
            ticket: The entry.
            is_kept: It waited already when the app ended, so it counts as accepted.

        Raises:
            WorkspaceError: Too many wait already.
        """
        with self.lock:
            if len(self._tickets) > self._max_waiting and not is_kept:
                raise WorkspaceError("Too many trainings are waiting already. Try again in a few minutes.")
            own = (other.turn + 1 for other in self._tickets if other.owner is ticket.owner)
            ticket.turn = max(self._turn, *own, 0)
            self._tickets.append(ticket)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="training queue", daemon=True)
                self._thread.start()
            self._advance()

    def leave(self, ticket: Ticket) -> bool:
        """Remove an entry and say whether it was still waiting; a training that has begun must be stopped instead."""
        with self.lock:
            if ticket not in self._tickets or ticket.begun is not None:
                return False
            self._tickets.remove(ticket)
            return True

    def move(self, ticket: Ticket, by: int) -> None:
        """Let an entry change places with the one before it (-1) or after it (1) of the same owner, if there is one."""
        with self.lock:
            own = self.waiting(ticket.owner)
            if ticket not in own or not 0 <= own.index(ticket) + by < len(own):
                return
            other = own[own.index(ticket) + by]
            one, two = self._tickets.index(ticket), self._tickets.index(other)
            self._tickets[one], self._tickets[two] = other, ticket
            ticket.turn, other.turn = other.turn, ticket.turn

    def position(self, ticket: Ticket) -> QueuePosition | None:
        """Return the position of an entry; None if it is not waiting."""
        with self.lock:
            order = self._order()
            if ticket not in order:
                return None
            ahead = order[: order.index(ticket)]
            begun = [other for other in self._tickets if other.begun is not None]
            return QueuePosition(len(ahead) + 1, sum(other.seconds_left for other in (*begun, *ahead)))

    def waiting(self, owner: object) -> list[Ticket]:
        """Return what waits of one owner, the next one first."""
        with self.lock:
            return [ticket for ticket in self._tickets if ticket.owner is owner and ticket.begun is None]

    def wait(self, owner: object, timeout: float) -> bool:
        """Wait until an owner has no entry any more, at most `timeout` seconds, and say whether that is so."""
        with self.lock:
            return self.lock.wait_for(lambda: all(item.owner is not owner for item in self._tickets), timeout)

    def close(self) -> None:
        """Start no further training. One that has begun goes on."""
        with self.lock:
            self._is_closed = True
            self.lock.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _order(self) -> list[Ticket]:
        """Return the entries that wait, in the order in which they will begin if no other comes."""
        return sorted((item for item in self._tickets if item.begun is None), key=lambda item: item.turn)

    def _serve(self) -> None:
        while ticket := self._begun():
            while not ticket.is_over() and not self._is_closed:
                if ticket.is_overdue or (ticket.is_held() and self._order()):
                    ticket.stop()
                time.sleep(POLL_SECONDS)
            with self.lock:
                self._advance()

    def _begun(self) -> Ticket | None:
        """Return the training that has begun, as soon as there is one; None once the queue is closed."""
        with self.lock:
            self.lock.wait_for(lambda: self._is_closed or any(item.begun is not None for item in self._tickets))
            return None if self._is_closed else next(item for item in self._tickets if item.begun is not None)

    def _advance(self) -> None:
        """Remove what is over and begin what is next. The lock is held: nobody sees it neither waiting nor running."""
        self._tickets = [item for item in self._tickets if item.begun is None or not item.is_over()]
        while not self._is_closed and self._tickets and all(item.begun is None for item in self._tickets):
            ticket = self._order()[0]
            ticket.begun, self._turn = time.monotonic(), ticket.turn
            try:
                ticket.begin()
            except Exception as error:  # any error: the next entry must still get its turn
                is_told = isinstance(error, UserError)
                logger.error("A training could not be begun in its turn: %s", error, exc_info=not is_told)
                ticket.error = error
                self._tickets.remove(ticket)
        self.lock.notify_all()
