"""What people ask of a training while it goes on. They ask from any thread; the training looks between two steps."""

from __future__ import annotations

import threading
from typing import Literal

Request = Literal["preview", "save"]


class Control:
    """The wishes for one training. Stopping is for good; a pause ends with `resume` or `stop`.

    ```
    people             stop()    pause() resume()    ask("preview")      ask("save")
    the trainer        should_stop()  should_pause()     is_asked(...)   done(...)
    who takes events   wait()    after `Paused`, so that the trainer stands still with all that it has in memory
    ```
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._is_stopping = False
        self._is_paused = False
        self._requests: set[Request] = set()

    def stop(self) -> None:
        """End the training after the step it is in; what was learned is saved."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()

    def pause(self) -> None:
        """Save after the step it is in, and hold there."""
        with self._changed:
            self._is_paused = True

    def resume(self) -> None:
        """Go on after a pause, or take back the wish for one."""
        with self._changed:
            self._is_paused = False
            self._changed.notify_all()

    def ask(self, request: Request) -> None:
        """Make a preview, or save the state, after the step it is in."""
        with self._changed:
            self._requests.add(request)

    def should_stop(self) -> bool:
        """Say whether somebody asked to stop."""
        return self._is_stopping

    def should_pause(self) -> bool:
        """Say whether somebody asked to pause, and nobody to go on."""
        return self._is_paused and not self._is_stopping

    def is_asked(self, request: Request) -> bool:
        """Say whether somebody waits for that."""
        return request in self._requests

    def done(self, request: Request) -> None:
        """Tell that it is there; whoever asked in the meantime has it too."""
        with self._changed:
            self._requests.discard(request)

    def wait(self) -> None:
        """Hold until nobody wants a pause any more."""
        with self._changed:
            self._changed.wait_for(lambda: not self.should_pause())
