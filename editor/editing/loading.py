"""Reading what an editor needs from the folder of a run: weights and pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

import torch

from editor.data.dataset import PairDataset
from editor.editing.errors import EditorError
from editor.hub import HubError, HubId
from editor.models.editing_model import EditingModel
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair
from editor.pasting.cutout import Cutouts
from editor.training.checkpoint import CheckpointError, load_model
from editor.training.effect_file import EffectFileError, unpack
from editor.training.effect_repo import fetch_effect
from editor.training.filtered_pairs import with_sources
from editor.training.manifest import DamagedError, intact_version
from editor.training.received import ReceivedEffect
from editor.training.run_folder import CutoutFiles, RunError, RunFolder

Weights = Literal["chosen", "newest"]
PairFiles = tuple[tuple[Path, int, int], ...]  # path, time of the last change in ns and size in bytes of each file


class RunPairs(NamedTuple):
    """The pairs of a run in memory.

    Attributes:
        dataset: All of them, at the model's size.
        references: Names of those that may serve as (x_i, y_i): those that were trained on.
        files: What identifies the files that they were read from.
        large: Pairs that there are at more than the model's size, too, by their names.
        cutouts: What each of them adds.
        received: What it says if it came as an effect file, which has no pairs that could tell `Editor.adds`.
        cutout_files: What its pairs add, by the names of those that stand in for them, if that is pasted.
        scratch: Temporary folder in which `large` lies, for as long as this object lives; None if it is the run's.
    """

    dataset: PairDataset
    references: tuple[str, ...]
    files: PairFiles
    large: Mapping[str, Pair]
    cutouts: Cutouts
    received: ReceivedEffect | None
    cutout_files: Mapping[str, CutoutFiles]
    scratch: TemporaryDirectory | None = None


class Loaded(NamedTuple):
    """All that an editor needs of a run.

    Attributes:
        model: With averaged weights, in evaluation mode, on the wanted device.
        step: Training step of the weights.
        pairs: The pairs of the run.
        dataset: The same pairs as the model sees them: their sources after its detail filter or a color map with
            gains, if it has either.
    """

    model: EditingModel
    step: int
    pairs: RunPairs
    dataset: PairDataset


def load_run(run_dir: Path, device: torch.device, weights: Weights, earlier: RunPairs | None = None) -> Loaded:
    """Read weights and pairs of a run, also while it is still being trained.

    Args:
        run_dir: The run's folder, an effect file, or where there is neither, "user/effect" on the Hub.
        device: Where the model is to compute.
        weights: See `Editor.load`.
        earlier: Pairs in memory. They are shared instead of read again where their files are the same, so that new
            weights of a run with 1,000 pairs do not cost 2,000 decoded pictures.

    Raises:
        EditorError: There is no run there, or nothing was learned yet.
        ImageError: A picture of a pair cannot be read.
    """
    if not run_dir.exists() and (wanted := HubId.parse(run_dir.as_posix())):
        with TemporaryDirectory(prefix="pairbrush-") as folder:
            try:
                return load_run(fetch_effect(wanted, Path(folder)), device, weights)
            except HubError as error:
                raise EditorError(f"There is no {run_dir} here. {error}") from error
    if run_dir.is_file():
        scratch = TemporaryDirectory(prefix="pairbrush-")
        try:
            folder = unpack(run_dir, Path(scratch.name, "run")).path
        except EffectFileError as error:
            raise EditorError(str(error)) from error
        loaded = load_run(folder, device, weights)
        return loaded._replace(pairs=loaded.pairs._replace(scratch=scratch))
    try:
        run = RunFolder.open(run_dir)
        use_chosen = weights == "chosen" and run.chosen_weights_path.is_file()
        path = intact_version(run.chosen_weights_path if use_chosen else run.weights_path)
        model, step = load_model(path, run.config)
    except (RunError, CheckpointError, DamagedError) as error:
        raise EditorError(str(error)) from error
    model = model.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
    pairs = _load_pairs(run, earlier)
    # While the filter is still being learned there is no file, and M, which would look at the sources, knows nothing.
    is_prepared = model.has_detail or model.needs_photo
    filtered = with_sources(run.filtered_path, pairs.dataset) if is_prepared else None
    return Loaded(model, step, pairs, filtered or pairs.dataset)


def _load_pairs(run: RunFolder, earlier: RunPairs | None) -> RunPairs:
    pairs = run.store.pairs()
    references = tuple(pair.name for pair in pairs if not pair.is_held_out)
    if not references:
        raise EditorError(f"The run in {run.path} has lost its pairs, and an edit goes by one. Train another run.")
    try:
        files = _files_of(pairs)
    except OSError as error:
        raise EditorError(f"A pair of the run in {run.path} cannot be read ({error.strerror}).") from error
    large = run.large_files()
    if earlier is not None and earlier.files == files:  # their size and fit are settings of the run, which never change
        return earlier._replace(references=references, large=large)
    try:
        dataset = PairDataset.load(pairs, run.config.image_size, run.config.fit)
    except PairError as error:
        raise EditorError(str(error)) from error
    files_of_cutouts = run.cutout_files()
    cutouts = Cutouts(dataset, {name: file.small for name, file in files_of_cutouts.items()})
    return RunPairs(dataset, references, files, large, cutouts, run.received, files_of_cutouts)


def _files_of(pairs: Sequence[Pair]) -> PairFiles:
    """Return what identifies the files of pairs: as long as it is the same, so are their pixels."""
    states = [(path, path.stat()) for pair in pairs for path in (pair.source, pair.target)]
    return tuple((path, state.st_mtime_ns, state.st_size) for path, state in states)
