"""Training on ZeroGPU, which lends a Space a GPU for some seconds at a time: slices, each of which continues the last.

What is decorated with `spaces.GPU` runs in a process of its own; only paths, numbers and text go in and out. A slice
ends as if somebody had pressed Stop, which saves all that the next one needs, and `record` goes on with the budget.

Each visitor has a quota. `spaces` finds out whose by the request in whose context it is called. A training has none, so
it borrows in the name of the last request of a page of that visitor, see `Borrower`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import Context
from functools import cache
from pathlib import Path

from editor.config import Budget
from editor.device import pick_device
from editor.files import parse_json
from editor.training.control import Control
from editor.training.events import Failed, StepDone
from editor.training.events import to_json as line_of
from editor.training.history import read_history
from editor.training.recording import append_event, record
from editor.training.run_folder import RunFolder

SLICE_SECONDS = 50.0  # of training; shorter ones wait less for a GPU, but all begin with loading
LENT_SECONDS = 60  # for loading and saving, too
STOP_NAME = "stop"  # a file in the run's folder, by which a stop reaches the process of a slice
NO_MORE = (
    "The GPU was not lent any longer, or failed ({reason}). What was learned is kept: press Continue later, or train "
    "on a machine of your own."
)

NO_PAGE = (
    "A GPU is lent only to those who have this page open. What was learned is kept: press Continue, and keep it open."
)
FRESH_SECONDS = 30.0  # a request proves for some two minutes who sent it; an open page sends one every 15 s at least
PAGE_SECONDS = 60.0  # how long to wait for one, for instance while a page is reloaded

Slice = Callable[[str, Budget | None, float], Iterator[str]]


def is_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "true")


class Borrower:
    """In whose name GPUs are borrowed: the context of the last request of a visitor. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._known: tuple[float, Context] | None = None  # when it came, and what `spaces` looks at

    def renew(self, context: Context) -> None:
        """Borrow in this context from now on."""
        with self._lock:
            self._known = time.monotonic(), context
            self._lock.notify_all()

    def context(self) -> Context | None:
        """Return a copy of the newest context, waiting for one while no page is open; None if none came."""
        with self._lock:
            is_open = self._lock.wait_for(lambda: self._is_fresh, timeout=PAGE_SECONDS)
            return self._known[1].copy() if is_open else None

    @property
    def _is_fresh(self) -> bool:
        return self._known is not None and time.monotonic() - self._known[0] < FRESH_SECONDS


@cache
def lent_slice() -> Slice:
    """Return `train_slice` on a GPU that is lent for it. ZeroGPU wants to have seen this once before the app starts."""
    import spaces

    return spaces.GPU(duration=LENT_SECONDS)(train_slice)


def train_slice(path: str, budget: Budget | None, seconds: float) -> Iterator[str]:
    """Train a run for some seconds and yield each event as a line of JSON.

    Args:
        path: The run's folder.
        budget: See `record`.
        seconds: How long this slice may take.
    """
    run, control, end = RunFolder.open(Path(path)), Control(), time.monotonic() + seconds
    for event in record(run, device=pick_device(), budget=budget, control=control):
        is_over = isinstance(event, StepDone) and time.monotonic() > end  # however slow, a slice does something
        if is_over or (run.path / STOP_NAME).exists():
            control.stop()
        yield line_of(event)


def train_in_slices(
    run: RunFolder, *, borrower: Borrower, budget: Budget | None, control: Control, seconds: float = SLICE_SECONDS
) -> Iterator[str]:
    """Train a run slice after slice until its budget is used up, somebody stops it or no GPU is lent; see `record`.

    Args:
        run: The run.
        borrower: In whose name.
        budget: How long from here; None goes on with the budget that a stop interrupted.
        control: A stop takes effect within a second, or when the next slice would begin. There is no pause.
        seconds: How long a slice may take.
    """
    stop = run.path / STOP_NAME
    stop.unlink(missing_ok=True)
    try:
        while True:
            before = read_history(run).step
            last = {}
            context = borrower.context()
            if context is None:
                yield _failed(run, NO_PAGE)
                return
            for line in _within(context, lent_slice()(str(run.path), budget, seconds)):
                if control.should_stop():
                    stop.touch()
                last = parse_json(line)
                yield line
            has_ended = last.get("kind") != "Finished" or not last["was_stopped"]
            if has_ended or control.should_stop() or last["step"] <= before:
                return
            budget = None
    except Exception as error:  # whatever the library raises when it lends no GPU
        reason = getattr(error, "message", error)  # that of Gradio's errors is in quotation marks as text
        yield _failed(run, NO_MORE.format(reason=str(reason)[:200]))
    finally:
        stop.unlink(missing_ok=True)


def _within(context: Context, lines: Iterator[str]) -> Iterator[str]:
    """Yield all lines; what makes them runs in `context`."""
    end = object()
    while (line := context.run(next, lines, end)) is not end:
        yield line


def _failed(run: RunFolder, message: str) -> str:
    """Write down why a training went no further, and return the line."""
    history = read_history(run)
    failed = Failed(step=history.step, seconds=history.seconds, message=message)
    append_event(run, failed)
    return line_of(failed)
