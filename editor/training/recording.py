"""Train a run and record what happens in its folder: events, previews, weights and training state.

Nothing else writes to a run after it was created, except a renaming and `slimming`.
"""

from __future__ import annotations

import copy
import errno
import logging
import os
from collections.abc import Iterator
from functools import partial

import torch
from filelock import FileLock

from editor.config import Budget
from editor.data.colors import PairColors, load_sources
from editor.data.dataset import PairDataset
from editor.data.large_dataset import LargeDataset
from editor.image_files import save_png
from editor.images import to_image
from editor.models.editing_model import EditingModel
from editor.training.checkpoint import load_training_state, load_weights, save_training_state, save_weights
from editor.training.color_fit import equip
from editor.training.control import Control
from editor.training.data_parallel import Ranks
from editor.training.detail import DetailStage
from editor.training.events import Adjusted, CheckpointDue, Failed, Paused, Preview, Started, TrainEvent, to_json
from editor.training.filtered_pairs import filter_pairs, save_sources, with_sources
from editor.training.grain_fit import load_grain
from editor.training.history import WeightSelection, read_history
from editor.training.manifest import intact_version, save_version
from editor.training.mapping import SourceMap
from editor.training.micro_batch import is_out_of_memory
from editor.training.registration import apply_registration
from editor.training.registration_file import kept_registration
from editor.training.run_folder import RunFolder
from editor.training.trainer import Trainer

logger = logging.getLogger(__name__)


def prepare(run: RunFolder, device: torch.device, ranks: Ranks | None = None) -> Trainer:
    """Return a trainer for the run, at the point where it was last saved.

    A run may have weights but no training state, because it was started from another run's weights or is an exported
    copy. Then the optimizers start without their moments.

    Args:
        run: Which.
        device: Where to train.
        ranks: Other processes that train along.

    Raises:
        PairError, ImageError: The run's pairs cannot be used.
        CheckpointError, DamagedError: Its saved state cannot be used.
    """
    run.store.require()
    training, held_out = (
        PairDataset.load(pairs, run.config.image_size, run.config.fit)
        for pairs in (run.store.training(), run.store.held_out())
    )
    found = kept_registration(run.registration_path, training, held_out, run.config.registration)
    registered = apply_registration(training, held_out, found)
    large = tuple(LargeDataset(part, run.large_files()) for part in (training, held_out))
    has_detail = run.config.detail.mode == "on" and registered.shift is None
    trainer = Trainer(run.config, registered, device, DetailStage(*large) if has_detail else None, ranks)
    state = intact_version(run.state_path)
    if state.is_file():
        load_training_state(state, trainer)
    elif run.has_weights:
        weights = intact_version(run.weights_path)
        trainer.progress.step = load_weights(weights, trainer.model)
        trainer.progress.seconds = read_history(run).seconds
        load_weights(weights, trainer.averaged.module)
        trainer.progress.is_m_trained = True
    else:
        equip(trainer, PairColors.load(run.colors_path, training.names))
        if trainer.chance_shift is None and (grain := load_grain(run.grain_path)) is not None:
            trainer.take_grain(grain)
    if trainer.model.needs_photo:
        color_map = copy.deepcopy(trainer.averaged.module.color_map).cpu()
        sources = SourceMap(color_map, load_sources(run.colors_path), run.config.fit)
        training, held_out = map(sources.pairs, (registered.training, registered.held_out))
        for part, small in zip(large, (training, held_out)):
            part.take_mapped(small, sources.pair)
        trainer.take_mapped(training, held_out)
        if not trainer.model.has_detail:
            save_sources(run.filtered_path, training, held_out)
    if trainer.model.has_detail:
        parts = zip((training, held_out), large)
        trainer.take_sources(*(_filtered(run, trainer.averaged.module, *part) for part in parts))
        save_sources(run.filtered_path, trainer.training, trainer.held_out)
    return trainer


def _filtered(run: RunFolder, model: EditingModel, small: PairDataset, large: LargeDataset) -> PairDataset:
    """Return pairs with the filtered sources that the run keeps, or else filter them: seconds a megapixel."""
    return with_sources(run.filtered_path, small) or filter_pairs(model, small, large)[0]


def record(
    run: RunFolder,
    *,
    device: torch.device,
    budget: Budget | None,
    control: Control | None = None,
    ranks: Ranks | None = None,
) -> Iterator[TrainEvent]:
    """Train the run, write what happens into its folder and pass every event on.

    The run is locked at once; training goes on as the events are consumed. An error ends it with a `Failed` event
    instead of an exception, so that the reason is recorded and any page can show it, now or later.

    Args:
        run: The run, fresh or to be continued.
        device: Where to compute.
        budget: How long from here; None goes on with the budget that a stop interrupted.
        control: Requests for the training. During a pause, taking the next event blocks.
        ranks: Other processes that train along.

    Raises:
        RunError: The run is being trained already.
    """
    return _record(run, run.lock(), device, budget, control or Control(), ranks)


def _record(
    run: RunFolder,
    lock: FileLock,
    device: torch.device,
    budget: Budget | None,
    control: Control,
    ranks: Ranks | None,
) -> Iterator[TrainEvent]:
    step, seconds = 0, 0.0
    try:
        _drop_half_line(run)
        trainer = prepare(run, device, ranks)
        for event in trainer.run(budget, control):
            step, seconds = event.step, event.seconds
            if isinstance(event, Started):
                selection = _selection(run, event.step, event.color_map)
            if isinstance(event, Preview):
                if trainer.model.has_detail and event.step == trainer.progress.detail_step:
                    save_sources(run.filtered_path, trainer.training, trainer.held_out)
                directory = run.preview_path(event.step, "any").parent
                directory.mkdir(parents=True, exist_ok=True)
                for name, picture in event.pictures.items():
                    save_png(to_image(picture), directory / f"{name}.png")
                save = partial(save_weights, model=trainer.averaged.module, step=event.step)
                # The newest last: a reader that sees them change finds the chosen ones up to date.
                if selection.accepts(event):
                    save_version(run.chosen_weights_path, save, run.weights_path)
                else:
                    save_version(run.weights_path, save)
            elif isinstance(event, CheckpointDue):
                save_version(run.state_path, partial(save_training_state, trainer=trainer))
            append_event(run, event)
            if isinstance(event, Adjusted):
                selection = _selection(run, event.step, trainer.model.explained)
            yield event
            if isinstance(event, Paused):
                control.wait()
    except Exception as error:  # any error is recorded and shown
        event = Failed(step=step, seconds=seconds, message=_explain(error))
        try:
            append_event(run, event)
        except OSError:
            logger.exception("The end of %s could not be written down: %s", run.path, event.message)
        yield event
    finally:
        lock.release()


def record_failure(run: RunFolder, message: str) -> None:
    """Write down that a training of the run could not even begin, so that its page says why.

    Raises:
        RunError: The run is being trained.
        OSError: The folder cannot be written.
    """
    with run.lock():
        _drop_half_line(run)
        history = read_history(run)
        append_event(run, Failed(step=history.step, seconds=history.seconds, message=message))


def _selection(run: RunFolder, step: int, color_map: float | None) -> WeightSelection:
    """Return the selection as it was at `step`: previews after it, which a crash or rollback undid, do not count."""
    selection = WeightSelection(color_map)
    for preview in read_history(run).previews:
        if preview.step <= step:
            selection.accepts(preview)
    return selection


def append_event(run: RunFolder, event: TrainEvent) -> None:
    """Write one line, whole or not at all."""
    line = (to_json(event) + "\n").encode()
    with run.events_path.open("ab", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(run.events_path))
        except OSError:
            file.truncate(end)
            raise


def _drop_half_line(run: RunFolder) -> None:
    """Remove an unfinished last line, left by a crash, so that the next event starts a new one."""
    if run.events_path.is_file():
        text = run.events_path.read_bytes()
        if not text.endswith(b"\n"):
            os.truncate(run.events_path, text.rfind(b"\n") + 1)


def _explain(error: Exception) -> str:
    if is_out_of_memory(error):
        return "There is not enough memory for this size. Choose a smaller preset, or close other programs."
    if isinstance(error, OSError):
        return f"A file could not be written: {error}. Free some disk space, then continue the run."
    return str(error) or type(error).__name__
