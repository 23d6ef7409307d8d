"""What people ask of a training, at exactly the step that a test wants."""

from editor.training.control import Control


class StopsAfter(Control):
    """Asks to stop when that many steps are done."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps_left = steps

    def should_stop(self) -> bool:
        self.steps_left -= 1
        return self.steps_left < 0
