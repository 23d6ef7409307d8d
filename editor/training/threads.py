"""How many threads compute on a CPU: all, or one while other programs keep a core busy.

The threads of a step wait for each other some thousand times. Where one of them has to share its core with another
program, all of them wait, and a step takes many times as long as with a single thread on another core. There is no way
to ask every system about that, so both are tried.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import torch

TRIED = 50  # a step with the other number of threads comes after this many times what it took: 2 % of the time
RECENT = 3  # steps whose median is compared


def thread_counts(device: torch.device) -> tuple[int, ...]:
    """Return the numbers of threads to choose from: one and all, or only one of them where there is no choice."""
    most = torch.get_num_threads()
    return (1, most) if device.type == "cpu" and most > 1 else (most,)


@contextmanager
def computing_with(count: int) -> Iterator[None]:
    """Let this thread compute with so many threads, as a context."""
    before = torch.get_num_threads()
    if count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class ThreadChoice:
    """Which number of threads takes the fewest seconds for a step, asked again now and then."""

    def __init__(self, counts: tuple[int, ...]) -> None:
        """Choose from `counts`, the smallest first."""
        self._counts = counts
        self._is_warm = False
        self._seconds = {count: deque[float](maxlen=RECENT) for count in counts}
        self._due = dict.fromkeys(counts, 0.0)  # by the clock: when a number that was slower is tried again

    @property
    def best(self) -> int:
        """The quickest so far, of equals or unknown ones the largest."""
        return min(reversed(self._counts), key=lambda count: median(self._seconds[count] or [0.0]))

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Compute one step with the best number, or with another one whose turn it is, as a context."""
        start, best = time.perf_counter(), self.best
        due = [count for count in self._counts if count != best and start > self._due[count]]
        count = next(iter(due), best)
        with computing_with(count):
            yield
        end = time.perf_counter()
        if not self._is_warm:  # the first step of all takes longer
            self._is_warm = True
            return
        self._seconds[count].append(end - start)
        self._due[count] = end + TRIED * (end - start)
