"""The app, whose trainings rest after every step: tests wait for what a page says of them, not for what they learn."""

import time

import app
from editor.training.trainer import Trainer

PROGRAM = "tests/browser/app_at_rest.py"  # see `processes.start`
SECONDS = 0.1  # at least; a step of the smallest model takes a tenth of that, and one of a large model rests as long
do_step = Trainer.training_step


def do_step_and_rest(trainer: Trainer) -> dict[str, float]:
    """Do one update and return the losses."""
    begun = time.monotonic()
    losses = do_step(trainer)
    time.sleep(max(SECONDS, time.monotonic() - begun))
    return losses


if __name__ == "__main__":
    Trainer.training_step = do_step_and_rest
    app.main()
