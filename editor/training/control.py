"""Requests from other threads to a training: stop, pause, preview, save. The trainer polls them between two steps."""

from __future__ import annotations

import threading
from typing import Literal

Request = Literal["preview", "save"]


class Control:
    """The requests to one training. Stopping is final; a pause ends with `resume` or `stop`.

    ```
    any thread            stop()    pause()    resume()    ask("preview")    ask("save")
    the trainer           should_stop()    should_pause()    is_asked(...)    done(...)
    consumer of events    wait()    after `Paused`: the trainer is a generator, so it is suspended until the next event
    ```
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_stopping = False
        self._is_paused = False
        self._requests: set[Request] = set()

    def stop(self) -> None:
        """Ask to end the training after the current step; what was learned is saved."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Ask to save and hold after the current step."""
        with self._changed:
            self._is_paused = True

    def resume(self) -> None:
        """End a pause, or withdraw the request for one."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()

    def ask(self, request: Request) -> None:
        """Ask for a preview or a save after the current step."""
        with self._changed:
            self._requests.add(request)

    def should_stop(self) -> bool:
        """Return whether a stop was requested."""
        return self._is_stopping

    def should_pause(self) -> bool:
        """Return whether a pause was requested and neither resumed nor stopped."""
        return self._is_paused and not self._is_stopping

    def is_asked(self, request: Request) -> bool:
        """Return whether a request is pending."""
        return request in self._requests

    def done(self, request: Request) -> None:
        """Clear a request that was carried out, together with repeated ones for the same thing."""
        with self._changed:
            self._requests.discard(request)

    def wait(self) -> None:
        """Block until the pause ends."""
        with self._changed:
            self._changed.wait_for(lambda: not self.should_pause())
