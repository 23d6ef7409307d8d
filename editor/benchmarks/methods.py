"""The methods that are compared: ours, its ablations, its rivals, and baselines without training (Tab. 1, Tab. 2)."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from editor.benchmarks.pix2pix import Pix2Pix, Pix2PixConfig, improved, published
from editor.benchmarks.prompted import PROMPTED, Prompted, PromptedConfig
from editor.config import PRESETS, Budget, RunConfig
from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.errors import UserError
from editor.images import to_image, to_tensor
from editor.models.editing_model import EditingModel
from editor.pairs.store import PairStore
from editor.training.events import Preview, Started, StepDone, TrainEvent
from editor.training.history import WeightSelection
from editor.training.recording import prepare
from editor.training.run_folder import RunFolder
from editor.training.trainer import Trainer

JPEG_QUALITY = 95


class Learner(Protocol):
    """One model in training.

    Attributes:
        settings: A frozen dataclass with all settings; None if there are none.
        step: Number of training steps so far.
        num_parameters: Number of parameters of the network that edits.
    """

    settings: Any

    @property
    def step(self) -> int: ...  # noqa: D102

    @property
    def num_parameters(self) -> int: ...  # noqa: D102

    def training_step(self, seconds: float) -> object:
        """Train a little. `seconds` is the training time so far."""

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1], same shape, on the CPU."""


# Ablations: our network with one setting changed, the rows of Tab. 2 and a few more.
VARIANTS: Mapping[str, Callable[[RunConfig], RunConfig]] = MappingProxyType(
    {
        "ours": lambda config: config,
        "one-to-one": lambda config: replace(config, one_to_one=True),
        "without-x_j": lambda config: replace(config, use_x_j=False, output="direct"),
        "without-transform": lambda config: replace(config, use_transform=False),
        "without-skips": lambda config: replace(config, use_skips=False),
        "with-noise": lambda config: replace(config, use_noise=True),
        "without-frequency": lambda config: replace(config, loss_weights=replace(config.loss_weights, frequency=0.0)),
        "without-edges": lambda config: replace(config, loss_weights=replace(config.loss_weights, edges=0.0)),
        "direct": lambda config: replace(config, output="direct"),
        "blend": lambda config: replace(config, output="blend"),
        "canvas": lambda config: replace(config, output="canvas"),
        "without-color-map": lambda config: replace(config, color_map="off"),
        "without-crispness": lambda config: replace(config, crispen=False),
        "without-registration": lambda config: replace(config, registration="off"),
        "n-3": lambda config: replace(config, group_size=3),
    }
)
RIVALS: Mapping[str, Callable[[int], Pix2PixConfig]] = MappingProxyType(
    {"pix2pix": published, "pix2pix-star": improved}
)
UNTRAINED = ("do-nothing", "jpeg-95")
METHODS = (*VARIANTS, *RIVALS, *PROMPTED, *UNTRAINED)


class Ours:
    """Our method as the app runs it: learned from a run's folder, some of whose pairs are held out.

    The weights that edit are those that `WeightSelection` selects.
    """

    def __init__(self, config: RunConfig, training: PairDataset, *, budget: Budget, device: torch.device) -> None:
        """Prepare a fresh model.

        Args:
            config: Settings.
            training: All pairs that may be used; some of them are held out of the training. The run learns from files
                of their size.
            budget: Length of the training, on which the schedule of the learning rate depends.
            device: Where to compute.
        """
        self.settings = config
        self._pairs = training
        self._budget = budget
        self._device = device
        self._folder = TemporaryDirectory()
        self._called_at = (0.0, 0.0)  # training seconds and wall clock at the last call of `training_step`
        self._trainer: Trainer | None = None
        self._selection = WeightSelection()
        self._chosen: EditingModel | None = None
        self._editor: Editor | None = None  # of what was learned so far
        self._events = self._train()

    @property
    def step(self) -> int:
        """Number of training steps so far."""
        return self._trainer.progress.step if self._trainer else 0

    @property
    def num_parameters(self) -> int:
        """Number of parameters."""
        return sum(parameter.numel() for parameter in self._model.parameters())

    def training_step(self, seconds: float) -> None:
        """Train until the next report, about half a second, or to the end of the budget.

        Args:
            seconds: Training time so far.
        """
        self._called_at = seconds, time.perf_counter()
        self._editor = None
        for event in self._events:
            if isinstance(event, Started):
                self._selection = WeightSelection(event.color_map)
            elif isinstance(event, Preview) and self._selection.accepts(event):
                self._chosen = copy.deepcopy(self._trainer.averaged.module)
            elif isinstance(event, StepDone) and event.progress < 1:
                return

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1]."""
        if self._editor is None:  # which takes seconds to find out whether it pastes
            training, held_out = self._trainer.training, self._trainer.held_out
            self._editor = Editor(self._model, training + held_out, training.names, self.step)
        return torch.stack([to_tensor(self._editor.edit(to_image(picture)).image) for picture in x])

    @property
    def _model(self) -> EditingModel:
        return self._chosen or self._trainer.averaged.module

    def _train(self) -> Iterator[TrainEvent]:
        folder = Path(self._folder.name)
        store = PairStore(folder / "pairs")
        store.add_all((name, *map(to_image, pair)) for name, pair in zip(self._pairs.names, self._pairs.images))
        run = RunFolder.create(folder / "run", config=self.settings, store=store, effect="benchmark")
        self.settings = run.config
        self._trainer = prepare(run, self._device)
        budget = self._budget
        if budget.minutes is not None:  # what was done so far is part of the training time
            budget = Budget(minutes=max(budget.minutes - self._clock() / 60, 1e-3))
        yield from self._trainer.run(budget, clock=self._clock)

    def _clock(self) -> float:
        seconds, called_at = self._called_at
        return seconds + time.perf_counter() - called_at


class Untrained:
    """A baseline without training."""

    settings = None
    step = 0
    num_parameters = 0

    def __init__(self, edit: Callable[[Image.Image], Image.Image]) -> None:
        """Take the function that edits a picture."""
        self._edit = edit

    def training_step(self, seconds: float) -> None:
        """Do nothing."""

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1]."""
        return torch.stack([to_tensor(self._edit(to_image(picture))) for picture in x])


def build(
    method: str,
    training: PairDataset,
    *,
    size: int,
    budget: Budget | None,
    seed: int,
    device: torch.device,
    prompted: PromptedConfig | None = None,
) -> Learner:
    """Prepare a model, untrained.

    Args:
        method: One of `METHODS`.
        training: Pairs to learn from, at `size`.
        size: Side of the pictures in pixels.
        budget: Length of the training, on which the schedule of the learning rate depends; None for a baseline.
        seed: Of the initial weights and all draws.
        device: Where to compute.
        prompted: Settings of one of `PROMPTED`; None for all others.

    Raises:
        UserError: There is no such method, it cannot work at that size, or weights of others cannot be had.
    """
    if prompted is not None:
        return Prompted(prompted, device)
    if method in VARIANTS:
        return Ours(configure(method, size, seed), training, budget=budget, device=device)
    if method in RIVALS:
        return Pix2Pix(RIVALS[method](size), training, budget=budget, seed=seed, device=device)
    if method == "jpeg-95":
        return Untrained(_through_jpeg)
    if method == "do-nothing":
        return Untrained(lambda image: image)
    raise UserError(f"There is no method {method!r}. Choose from {', '.join(METHODS)}.")


def configure(method: str, size: int, seed: int) -> RunConfig:
    """Return the settings of one of `VARIANTS`: the smallest preset made for that size, with its one change.

    Raises:
        UserError: It cannot work at that size.
    """
    presets = sorted(PRESETS.values(), key=lambda config: config.image_size)
    preset = next((config for config in presets if config.image_size >= size), presets[-1])
    return VARIANTS[method](replace(preset, image_size=size, seed=seed))


def _through_jpeg(image: Image.Image) -> Image.Image:
    """Return the picture after JPEG compression at high quality, whose errors are a yardstick for unedited regions."""
    data = BytesIO()
    image.save(data, format="JPEG", quality=JPEG_QUALITY)
    return Image.open(data).convert("RGB")
