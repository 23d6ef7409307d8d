"""The app, whose trainings cost little: tests wait for what a page says of them, not for what they learn.

They rest after every step, and a draft has the network of the tests.
"""

import time
from dataclasses import replace

import app
from editor.config import PRESETS
from editor.training.trainer import Trainer
from editor.workspace import Services, Visitors
from tests.conftest import TINY

PROGRAM = "tests/browser/app_at_rest.py"  # see `processes.start`
SECONDS = 0.1  # the shortest rest
SHARE = 4  # of the time that a step took the processor
DRAFT = replace(PRESETS["draft"], estimator=TINY.estimator, autoencoder=TINY.autoencoder, transformer=TINY.transformer)
do_step = Trainer.training_step


def do_step_and_rest(trainer: Trainer) -> dict[str, float]:
    """Do one update and return the losses."""
    begun = time.thread_time()
    losses = do_step(trainer)
    time.sleep(max(SECONDS, SHARE * (time.thread_time() - begun)))
    return losses


if __name__ == "__main__":
    Trainer.training_step = do_step_and_rest
    for opened in (Services, Visitors):
        opened.__init__.__kwdefaults__["presets"] = {**PRESETS, "draft": DRAFT}
    app.main()
