"""One run on disk. It is self-contained: at test time the paper still needs reference pairs, so they are kept here.

```
RUN/config.json                  RunConfig, and the format of the file
RUN/run.json                     {"format": 2, "name": ..., "effect": ..., "effect_slug": ..., "created": ...}
RUN/pairs/                       a PairStore: the pairs at the model's size, the held-out ones marked
RUN/large_pairs/                 the same pairs at up to 1024 pixels, where edits paste from them or detail is learned
RUN/filtered.safetensors         their sources as M sees them after the detail filter, see `training.filtered_pairs`, or
                                 after a color map that depends on the photo, see `training.mapping`
RUN/colors.safetensors           colors of the pairs to learn from at their full size, and sizes and histograms of the
                                 sources of all pairs, see `data.colors`
RUN/grain.safetensors            what the grain of the targets is like, if they have any, see `training.grain_fit`
RUN/events.jsonl                 what happened, one event a line
RUN/weights.safetensors          averaged weights, rewritten at every preview
RUN/chosen_weights.safetensors   the averaged weights that edit, see `history.WeightSelection`
RUN/training_state.safetensors   all that continuing needs
RUN/*.previous.safetensors       the version of each before the newest, in case that one is damaged
RUN/registration.json            by how much targets are moved onto their sources, see `training.registration_file`
RUN/manifest.json                SHA-256 of the saved files, see `training.manifest`
RUN/shared.json                  only of a received effect file: how it edits without its pairs, see `training.received`
RUN/cutouts/                     only of a received effect file: what its edits paste, RGBA
RUN/previews/0000120/NAME.png    y_j_hat of a previewed pair after 120 steps
RUN/.lock                        held by the process that trains the run
```
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from PIL import Image
from pydantic import BaseModel

from editor.config import RunConfig
from editor.data.colors import ColorDraw, Source
from editor.errors import UserError
from editor.files import temporary_name
from editor.image_files import load_image
from editor.images import square_of, to_tensor
from editor.json_files import JsonFileError, JsonFormat, Values
from editor.models.canvas import MOST_CHANGED, Fetched
from editor.pairs.folder import Pair, PairFolder
from editor.pairs.store import PairStore
from editor.training.detail_probe import DetailProbe
from editor.training.grain_fit import CALM, GrainProbe, save_grain
from editor.training.large_pairs import LargePairs
from editor.training.received import RECEIVED, RECEIVED_NAME, ReceivedEffect
from editor.validation import Moment, Text


def _without_loss(name: str, config: Values) -> Values:
    """Runs that were trained before there was a loss go on without it."""
    weights = config.get("loss_weights")
    return {**config, "loss_weights": {name: 0.0, **weights}} if isinstance(weights, dict) else config


def _without_color_map(config: Values) -> Values:
    """Runs of format 2 have no color map in their weights."""
    return {"color_map": "off", **config}


def _without_grain(config: Values) -> Values:
    """Runs of format 5 have no grain in their weights."""
    return {"grain": "off", **config}


def _without_detail(config: Values) -> Values:
    """Runs of format 3 have no detail filter in their weights."""
    return {"detail": {"mode": "off"}, **config}


CONFIG = JsonFormat(
    upgrades=(
        partial(_without_loss, "edges"),
        _without_color_map,
        _without_detail,
        partial(_without_loss, "unchanged"),
        _without_grain,
    )
)
ABOUT = JsonFormat(upgrades=(lambda about: {**about, "name": None, "effect_slug": None},))
LARGE_PAIRS = "large_pairs"
CUTOUTS = "cutouts"
EVENTS_NAME = "events.jsonl"
GRAIN_NAME = "grain.safetensors"
MOST_COMPARED = 32  # pairs that are looked at to tell whether the effect is a local one
LOCK_SECONDS = 2.0  # how long to wait for somebody who only asks whether the run is locked


class RunError(UserError):
    """A run that cannot be made or read. The message is for a person."""


class _About(BaseModel):
    """What `run.json` says."""

    name: Text | None
    effect: Text
    effect_slug: Text | None
    created: Moment


class CutoutFiles(NamedTuple):
    """What a shared effect adds, see `pasting.cutout.CutoutPicture`: as it is placed, and as it is pasted."""

    small: Path
    large: Path


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths and settings of one run; see the module's docstring for the layout.

    Attributes:
        path: The folder.
        config: All settings.
        name: What a person calls the run; any text, and never part of a path.
        effect: Name of what it learns, at the time when it was made.
        effect_slug: Folder of the effect in the workspace, if it is from there.
        created: When it was made.
        received: What is known of it if it came as an effect file; None if it was trained here.
    """

    path: Path
    config: RunConfig
    name: str
    effect: str
    effect_slug: str | None
    created: datetime
    received: ReceivedEffect | None = None

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        config: RunConfig,
        store: PairStore,
        effect: str,
        effect_slug: str | None = None,
        name: str | None = None,
        learned: Collection[str] = (),
    ) -> RunFolder:
        """Make a new run and copy the pairs into it, fitted to the model's size.

        Args:
            path: Where; the folder must be empty or not there.
            config: Settings of the run.
            store: The pairs to learn from.
            effect: Name of what is learned.
            effect_slug: Folder of the effect in the workspace.
            name: What a person calls the run; the name of the folder by default.
            learned: Names of pairs that its first weights know: they are not held out.

        Raises:
            RunError: There is something at `path` already.
            PairError, ImageError: The pairs are not enough to train on, or one cannot be read. Nothing is left behind.
        """
        store.require()
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError(f"{path} is there already. Choose another folder for the run, or remove this one.")
        beside = path.with_name(temporary_name())  # becomes `path` only when it is whole
        beside.mkdir(parents=True)
        try:
            with _lock(beside):  # an app that starts now does not take it for what a crash left
                copy, pairs = PairStore(beside / "pairs"), store.pairs()
                is_kept = {pair.name: pair.is_held_out and pair.name not in learned for pair in pairs}
                large = LargePairs(beside / LARGE_PAIRS, config, len(pairs))
                probe = DetailProbe(config)
                num_colors = len(pairs) - sum(is_kept.values())
                colors = ColorDraw(num_pairs=num_colors, seed=config.seed)
                calm_colors = ColorDraw(num_pairs=num_colors, seed=config.seed, reduced=CALM)
                grain_probe = GrainProbe(config.seed)
                changed: list[float] = []
                sources: list[Source] = []

                def fitted(pair: Pair) -> tuple[str, Image.Image, Image.Image]:
                    source, target = (load_image(path) for path in (pair.source, pair.target))
                    has_map = config.color_map != "off"
                    sources.append(Source.of(source) if has_map else Source(source.size))
                    if config.output == "canvas" or config.detail.mode != "off":
                        kept = large.add(source, target)
                        if kept is not None and not is_kept[pair.name]:
                            probe.add(*kept, sources[-1])
                    if not is_kept[pair.name]:
                        colors.add(source, target)
                        if config.grain == "auto":
                            calm_colors.add(source, target)
                            grain_probe.add(source, target)
                    squares = [square_of(image, config.image_size, config.fit) for image in (source, target)]
                    if len(changed) < MOST_COMPARED:
                        changed.append(Fetched.of(*(to_tensor(square)[None] for square in squares)).mask.mean().item())
                    return pair.name, *squares

                names = copy.add_all(map(fitted, pairs))
                grain = grain_probe.found()
                if grain is not None:
                    colors = calm_colors
                    save_grain(grain, beside / GRAIN_NAME)
                config = replace(config, detail=probe.decide(large, has_grain=grain is not None))
                is_local = 0 < statistics.median(changed) <= MOST_CHANGED
                if config.output == "canvas" or config.detail.mode == "on" or is_local:
                    large.name(names)
                else:
                    large.remove()
                copy.set_held_out(compress(names, is_kept.values()))
                if config.color_map != "off":
                    drawn = [name for name, kept in zip(names, is_kept.values()) if not kept]
                    order = [drawn.index(pair.name) for pair in copy.training()]  # new names may sort otherwise
                    colors.drawn()[order].save(beside / "colors.safetensors", dict(zip(names, sources)))
                created = datetime.now(timezone.utc).replace(microsecond=0)
                cls(beside, config, name or path.name, effect, effect_slug, created).write()
            if path.exists():
                path.rmdir()  # it is empty
            beside.rename(path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Read a run.

        Raises:
            RunError: There is no run at `path`, or it was written by another version.
        """
        try:
            about = ABOUT.read_as(_About, path / "run.json")
            config = RunConfig.from_dict(CONFIG.read(path / "config.json"))
            received = (
                RECEIVED.read_as(ReceivedEffect, path / RECEIVED_NAME) if (path / RECEIVED_NAME).is_file() else None
            )
            return cls(path, config, about.name or path.name, about.effect, about.effect_slug, about.created, received)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise RunError(f"There is no run in {path}. Train one first, or give another folder.") from error
        except JsonFileError as error:
            raise RunError(str(error)) from error
        except (OSError, ValueError) as error:
            raise RunError(f"The run in {path} cannot be read: {error}") from error

    def write(self) -> None:
        """Write down what the folder says of itself: its settings, its names, and whether it was shared.

        Raises:
            OSError: The folder cannot be written.
        """
        CONFIG.write(self.path / "config.json", self.config.to_dict())
        self._write_about()
        if self.received is not None:
            facts = self.received.model_dump(include=set(ReceivedEffect.model_fields))
            RECEIVED.write(self.path / RECEIVED_NAME, facts)

    def renamed(self, name: str) -> RunFolder:
        """Write down another name for the run; the folder stays where it is.

        Raises:
            OSError: The folder cannot be written.
        """
        run = replace(self, name=name)
        run._write_about()
        return run

    def lock(self) -> FileLock:
        """Keep other processes, and other threads, from training the run until the lock is released or this one ends.

        Raises:
            RunError: It is being trained already.
        """
        lock = _lock(self.path)
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise RunError(f"{self.name} is being trained already. Wait until it is done.") from error
        return lock

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def store(self) -> PairStore:
        """The run's own copy of its pairs."""
        return PairStore(self.path / "pairs")

    @property
    def large_pairs(self) -> PairFolder:
        """The pairs that are larger than the model's size, at more than that; see `training.large_pairs`."""
        return PairFolder(self.path / LARGE_PAIRS)

    def large_files(self) -> dict[str, Pair]:
        """Return `large_pairs` by their names; empty where no pair is larger than the model's size."""
        return {pair.name: pair for pair in self.large_pairs.pairs()}

    def cutout_files(self) -> dict[str, CutoutFiles]:
        """Return what is pasted in edits of a shared effect, by the names of the pairs that stand in for its own."""
        small, large = (self.path / CUTOUTS / size for size in CutoutFiles._fields)
        return {path.stem: CutoutFiles(path, large / path.name) for path in sorted(small.glob("*.png"))}

    @property
    def events_path(self) -> Path:
        """Where the events are, one line of JSON each."""
        return self.path / EVENTS_NAME

    @property
    def colors_path(self) -> Path:
        """Where the colors of the pairs to learn from are; old runs have none."""
        return self.path / "colors.safetensors"

    @property
    def grain_path(self) -> Path:
        """Where it is kept what the grain of the pairs is like, if they have any."""
        return self.path / GRAIN_NAME

    @property
    def filtered_path(self) -> Path:
        """Where the sources are after the detail filter, once that has been learned."""
        return self.path / "filtered.safetensors"

    @property
    def weights_path(self) -> Path:
        """Where the newest averaged weights are."""
        return self.path / "weights.safetensors"

    @property
    def chosen_weights_path(self) -> Path:
        """Where the averaged weights that edit are (see `history.WeightSelection`), if there are held-out pairs."""
        return self.path / "chosen_weights.safetensors"

    @property
    def editing_weights_path(self) -> Path:
        """Where the weights that edit are: the chosen ones, or else the newest."""
        return self.chosen_weights_path if self.chosen_weights_path.is_file() else self.weights_path

    @property
    def state_path(self) -> Path:
        """Where all that continuing needs is."""
        return self.path / "training_state.safetensors"

    @property
    def registration_path(self) -> Path:
        """Where it is kept by how much targets were moved onto their sources."""
        return self.path / "registration.json"

    @property
    def has_weights(self) -> bool:
        """Whether there is something to edit with yet."""
        return self.weights_path.is_file()

    def require_weights(self) -> None:
        """Make sure that something was learned.

        Raises:
            RunError: Nothing was.
        """
        if not self.has_weights:
            raise RunError(f"The run in {self.path} has learned nothing yet. Train it first.")

    def _write_about(self) -> None:
        about = {
            "name": self.name,
            "effect": self.effect,
            "effect_slug": self.effect_slug,
            "created": self.created.isoformat(),
        }
        ABOUT.write(self.path / "run.json", about)

    def preview_path(self, step: int, name: str) -> Path:
        """Return where the prediction for the pair `name` after `step` steps is kept."""
        return self.path / "previews" / f"{step:07d}" / f"{name}.png"


def is_locked(path: Path) -> bool:
    """Say whether somebody trains the run in the folder `path`."""
    if not (path / ".lock").is_file():
        return False
    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _lock(path: Path) -> FileLock:
    # It is acquired in one thread and released in the one that trains.
    return FileLock(path / ".lock", thread_local=False)
