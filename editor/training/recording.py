"""Carry one training run from and to its folder. The only writer of a run's files after it was created."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch

from editor.config import Budget
from editor.images import save_png, to_image
from editor.pairs.dataset import PairDataset
from editor.training.checkpoint import load_training_state, save_training_state, save_weights
from editor.training.events import CheckpointDue, Failed, Preview, TrainEvent, to_json
from editor.training.history import read_history
from editor.training.registration import register
from editor.training.run_folder import RunFolder
from editor.training.trainer import Trainer


def prepare(run: RunFolder, device: torch.device) -> Trainer:
    """Return a trainer for the run, at the point where it was last saved.

    Raises:
        PairError, ImageError: The run's pairs cannot be used.
        CheckpointError: Its saved state cannot be used.
    """
    run.store.require()
    training, held_out = (
        PairDataset.load(pairs, run.config.image_size) for pairs in (run.store.training(), run.store.held_out())
    )
    registered = register(training, held_out, run.config.registration)
    trainer = Trainer(run.config, registered, device)
    if run.state_path.is_file():
        load_training_state(run.state_path, trainer)
    return trainer


def record(
    run: RunFolder,
    *,
    device: torch.device,
    budget: Budget | None,
    should_stop: Callable[[], bool],
) -> Iterator[TrainEvent]:
    """Train the run, write what happens into its folder and pass every event on.

    An error ends the training with a `Failed` event instead of an exception, so that the reason is on disk and reaches
    whoever looks at the run, now or later.

    Args:
        run: The run, fresh or to be continued.
        device: Where to compute.
        budget: How long from here; None goes on with the budget that a stop interrupted.
        should_stop: Asked between steps.
    """
    step, seconds = 0, 0.0
    try:
        trainer = prepare(run, device)
        best = read_history(run).best
        best_psnr = best.psnr if best else -math.inf
        for event in trainer.run(budget, should_stop):
            step, seconds = event.step, event.seconds
            if isinstance(event, Preview):
                directory = run.preview_path(event.step, "any").parent
                directory.mkdir(parents=True, exist_ok=True)
                for name, picture in event.pictures.items():
                    save_png(to_image(picture), directory / f"{name}.png")
                save_weights(run.weights_path, trainer.averaged.module, event.step)
                if event.is_held_out and event.step > 0 and event.psnr > best_psnr:
                    best_psnr = event.psnr
                    save_weights(run.best_weights_path, trainer.averaged.module, event.step)
            elif isinstance(event, CheckpointDue):
                save_training_state(run.state_path, trainer)
            _append(run, event)
            yield event
    except Exception as error:  # whatever it is, the person must learn of it
        event = Failed(step=step, seconds=seconds, message=_explain(error))
        _append(run, event)
        yield event


def _append(run: RunFolder, event: TrainEvent) -> None:
    with run.events_path.open("a", encoding="utf-8") as file:
        file.write(to_json(event) + "\n")


def _explain(error: Exception) -> str:
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return "There is not enough memory for this size. Choose a smaller preset, or close other programs."
    if isinstance(error, OSError):
        return f"A file could not be written: {error}. Free some disk space, then continue the run."
    return str(error) or type(error).__name__
