"""Export of a run as a small copy: float16 weights, a few previews, and no training state."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from editor.files import temporary_name
from editor.training.checkpoint import load_model, save_weights
from editor.training.history import read_events
from editor.training.manifest import intact_version, save_version
from editor.training.received import RECEIVED_NAME
from editor.training.run_folder import CUTOUTS, LARGE_PAIRS, RunError, RunFolder

KEPT_PREVIEWS = 16
KEPT_STEPS = 400  # points of the loss curves


def export_run(run: RunFolder, path: Path, *, num_previews: int = KEPT_PREVIEWS) -> RunFolder:
    """Copy what editing needs (the weights that edit, and the pairs), the events, thinned, and a few previews.

    Args:
        run: A run that has learned something and is not being trained.
        path: Folder to make.
        num_previews: How many to keep, at least two, beside the best.

    Raises:
        RunError: There is something at `path` already, or the run has learned nothing.
        CheckpointError, DamagedError: Its weights cannot be used.
        OSError: The folder cannot be written.
    """
    if path.exists():
        raise RunError(f"{path} is there already. Choose another folder for the copy.")
    run.require_weights()
    beside = path.with_name(temporary_name())  # becomes `path` only when it is whole
    try:
        _copy(run, beside, num_previews)
        beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return RunFolder.open(path)


def _copy(run: RunFolder, path: Path, num_previews: int) -> None:
    shutil.copytree(run.store.directory, path / "pairs")
    if run.config.detail.mode == "off" and run.large_pairs.directory.is_dir():  # edits copy or paste from them
        shutil.copytree(run.large_pairs.directory, path / LARGE_PAIRS)
    for name in ("config.json", "run.json"):
        shutil.copyfile(run.path / name, path / name)
    if run.received is not None:
        shutil.copyfile(run.path / RECEIVED_NAME, path / RECEIVED_NAME)
        if run.cutout_files():
            shutil.copytree(run.path / CUTOUTS, path / CUTOUTS)
    if run.filtered_path.is_file():
        shutil.copyfile(run.filtered_path, path / run.filtered_path.name)
    copy = RunFolder.open(path)
    kept = _kept(read_events(run), num_previews)
    copy.events_path.write_text("".join(json.dumps(event) + "\n" for event in kept), encoding="utf-8")
    for event in kept:
        for name in event.get("pictures", ()):
            source, target = (folder.preview_path(event["step"], name) for folder in (run, copy))
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    model, step = load_model(intact_version(run.editing_weights_path), run.config)
    if model.needs_photo and run.colors_path.is_file():  # what is known of the sources, by which such a map goes
        shutil.copyfile(run.colors_path, copy.colors_path)
    save_version(copy.weights_path, partial(save_weights, model=model, step=step, is_half=True))


def _kept(events: Sequence[Mapping[str, Any]], num_previews: int) -> list[Mapping[str, Any]]:
    """Drop what a curve does not need. Early previews differ most, so more of them are kept."""
    previews = [event for event in events if event["kind"] == "Preview"]
    steps = [event for event in events if event["kind"] == "StepDone"]
    last = len(previews) - 1
    few = [previews[round(last * (k / (num_previews - 1)) ** 2)] for k in range(num_previews) if previews]
    few += sorted(previews, key=lambda event: event["psnr"])[-1:]  # the best
    every = max(1, len(steps) // KEPT_STEPS)
    dropped = {id(event) for event in previews} - {id(event) for event in few}
    dropped |= {id(event) for index, event in enumerate(reversed(steps)) if index % every}
    dropped |= {id(event) for event in events if event["kind"] == "CheckpointDue"}  # there is no state
    return [event for event in events if id(event) not in dropped]
