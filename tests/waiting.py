"""Waiting for what happens in another thread or process."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], why: Callable[[], object] = lambda: "", seconds: float = 120) -> None:
    """Poll until a condition holds; only what hangs takes all the seconds.

    Args:
        condition: What to wait for.
        why: What to say where it never holds.
        seconds: After which the test fails.
    """
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, why()
        time.sleep(0.02)
