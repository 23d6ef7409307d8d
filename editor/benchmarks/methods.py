"""The rows of the tables: our method, its ablations, its rivals and what takes no training (Tab. 1, Tab. 2)."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from types import MappingProxyType
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from editor.benchmarks.pix2pix import Pix2Pix, Pix2PixConfig, improved, published
from editor.config import PRESETS, Budget, RunConfig
from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.errors import UserError
from editor.images import to_image, to_tensor
from editor.models.editing_model import EditingModel
from editor.pairs.store import default_held_out
from editor.training.events import Preview, StepDone, TrainEvent
from editor.training.history import Choice
from editor.training.registration import register
from editor.training.trainer import Trainer

JPEG_QUALITY = 95


class Learner(Protocol):
    """One model in training.

    Attributes:
        settings: A frozen dataclass with all settings; None if there are none.
        step: Updates so far.
        num_parameters: Numbers in the network that edits.
    """

    settings: Any

    @property
    def step(self) -> int: ...  # noqa: D102

    @property
    def num_parameters(self) -> int: ...  # noqa: D102

    def training_step(self, seconds: float) -> object:
        """Do one update after `seconds` of training."""

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1], same shape, on the CPU."""


# Our network with one thing changed at a time: the rows of Tab. 2, and a few more.
VARIANTS: Mapping[str, Callable[[RunConfig], RunConfig]] = MappingProxyType(
    {
        "ours": lambda config: config,
        "one-to-one": lambda config: replace(config, one_to_one=True),
        "without-x_j": lambda config: replace(config, use_x_j=False, output="direct"),
        "without-transform": lambda config: replace(config, use_transform=False),
        "without-skips": lambda config: replace(config, use_skips=False),
        "without-noise": lambda config: replace(config, use_noise=False),
        "without-frequency": lambda config: replace(config, loss_weights=replace(config.loss_weights, frequency=0.0)),
        "without-edges": lambda config: replace(config, loss_weights=replace(config.loss_weights, edges=0.0)),
        "direct": lambda config: replace(config, output="direct"),
        "blend": lambda config: replace(config, output="blend"),
        "without-crispness": lambda config: replace(config, crispen=False),
        "without-registration": lambda config: replace(config, registration="off"),
        "n-3": lambda config: replace(config, group_size=3),
    }
)
RIVALS: Mapping[str, Callable[[int], Pix2PixConfig]] = MappingProxyType(
    {"pix2pix": published, "pix2pix-star": improved}
)
UNTRAINED = ("do-nothing", "jpeg-95")
METHODS = (*VARIANTS, *RIVALS, *UNTRAINED)


class Ours:
    """Our method as a person gets it: some pairs are held out, and `Choice` decides which weights edit, in one call."""

    def __init__(self, config: RunConfig, training: PairDataset, *, budget: Budget, device: torch.device) -> None:
        """Prepare a fresh model.

        Args:
            config: Settings.
            training: All pairs that may be used; some of them are held out, the others are learned from.
            budget: How long it will be trained, which the learning rate is fitted to.
            device: Where to compute.
        """
        self.settings = config
        self._pairs = training
        self._budget = budget
        self._device = device
        self._called_at = (0.0, 0.0)  # training seconds and clock when `training_step` was called
        self._trainer: Trainer | None = None
        self._choice = Choice()
        self._chosen: EditingModel | None = None
        self._events = self._train()

    @property
    def step(self) -> int:
        """Updates so far."""
        return self._trainer.progress.step if self._trainer else 0

    @property
    def num_parameters(self) -> int:
        """Numbers in the model."""
        return sum(parameter.numel() for parameter in self._model.parameters())

    def training_step(self, seconds: float) -> None:
        """Train until there is something to report, about half a second, or to the end of the time.

        Args:
            seconds: Training time so far.
        """
        self._called_at = seconds, time.perf_counter()
        for event in self._events:
            if isinstance(event, Preview) and self._choice.takes(event):
                self._chosen = copy.deepcopy(self._trainer.averaged.module)
            elif isinstance(event, StepDone) and event.progress < 1:
                return

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1]."""
        pairs = self._trainer.training
        editor = Editor(self._model, pairs, pairs.names, self.step)
        return torch.stack([to_tensor(editor.edit(to_image(picture)).image) for picture in x])

    @property
    def _model(self) -> EditingModel:
        return self._chosen or self._trainer.averaged.module

    def _train(self) -> Iterator[TrainEvent]:
        names = self._pairs.names
        is_held_out = torch.tensor([name in default_held_out(names) for name in names])
        training, held_out = (
            PairDataset(tuple(name for name, take in zip(names, which) if take), self._pairs.images[which])
            for which in (~is_held_out, is_held_out)
        )
        self._trainer = Trainer(self.settings, register(training, held_out, self.settings.registration), self._device)
        budget = self._budget
        if budget.minutes is not None:  # registering took its share
            budget = Budget(minutes=max(budget.minutes - self._clock() / 60, 1e-3))
        yield from self._trainer.run(budget, clock=self._clock)

    def _clock(self) -> float:
        seconds, called_at = self._called_at
        return seconds + time.perf_counter() - called_at


class Untrained:
    """Something that needs no training."""

    settings = None
    step = 0
    num_parameters = 0

    def __init__(self, edit: Callable[[Image.Image], Image.Image]) -> None:
        """Take the function that edits a picture."""
        self._edit = edit

    def training_step(self, seconds: float) -> None:
        """There is nothing to learn."""

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1]."""
        return torch.stack([to_tensor(self._edit(to_image(picture))) for picture in x])


def build(
    method: str, training: PairDataset, *, size: int, budget: Budget | None, seed: int, device: torch.device
) -> Learner:
    """Prepare a model that has not been trained.

    Args:
        method: One of `METHODS`.
        training: Pairs to learn from, at `size`.
        size: Side of the pictures in pixels.
        budget: How long it will be trained, which the learning rate is fitted to; None for what is not trained.
        seed: Decides first weights and draws.
        device: Where to compute.

    Raises:
        UserError: There is no such method, or it cannot work at that size.
    """
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
    """Return the picture as a good JPEG shows it: what nobody minds in places that should not change."""
    data = BytesIO()
    image.save(data, format="JPEG", quality=JPEG_QUALITY)
    return Image.open(data).convert("RGB")
