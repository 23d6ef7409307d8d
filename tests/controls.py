"""What people ask of a training, at exactly the step that a test wants."""

from collections.abc import Callable

from editor.training.control import Control


class StopsAfter(Control):
    """Asks to stop when that many steps are done."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._steps_left = steps

    def should_stop(self) -> bool:
        self._steps_left -= 1
        return self._steps_left < 0


class PausesAfter(Control):
    """Asks for a pause when that many steps are done, and calls `meanwhile` while the training holds."""

    def __init__(self, steps: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._steps_left = steps
        self._meanwhile = meanwhile

    def should_stop(self) -> bool:
        self._steps_left -= 1
        if self._steps_left == -1:
            self.pause()
        return super().should_stop()

    def wait(self) -> None:
        self._meanwhile()
        if not self._is_stopping:
            self.resume()
        super().wait()
