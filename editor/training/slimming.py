"""Make a run small for good: what edits is kept, what only continuing it exactly needs is deleted."""

from __future__ import annotations

from functools import partial

from editor.training.checkpoint import load_model, save_weights
from editor.training.manifest import intact_version, previous_version, save_version
from editor.training.run_folder import RunError, RunFolder


def slim(run: RunFolder) -> None:
    """Keep the weights that edit, as float16, and delete the optimizer's state and all older versions.

    Pairs, events and previews stay. The run can still be continued, as an exported one can: from these weights, without
    the optimizer's moments. At every moment what is there edits; a crash leaves at most some of it undeleted.

    Args:
        run: A run that is not being trained.

    Raises:
        RunError: It has learned nothing.
        CheckpointError, DamagedError: Its weights cannot be used. Nothing is deleted then.
        OSError: The folder cannot be written.
    """
    if not run.has_weights:
        raise RunError(f"{run.name} has learned nothing yet, so there is nothing that editing needs.")
    model, step = load_model(intact_version(run.editing_weights_path), run.config)
    save_version(run.weights_path, partial(save_weights, model=model, step=step, is_half=True))
    # The older version of a file goes first: without the newer one, it would be used.
    for path in (run.state_path, run.chosen_weights_path):
        previous_version(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    previous_version(run.weights_path).unlink(missing_ok=True)
    if not model.needs_photo:  # such a map goes by what is known of the sources
        run.colors_path.unlink(missing_ok=True)  # for the color map, which is part of the weights by now
