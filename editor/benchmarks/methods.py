"""The rows of the tables: our method, its ablations, its rivals and what takes no training (Tab. 1, Tab. 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from types import MappingProxyType
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from editor.benchmarks.pix2pix import Pix2Pix, Pix2PixConfig, improved, published
from editor.config import PRESETS, Budget, RunConfig
from editor.errors import UserError
from editor.images import to_image, to_tensor
from editor.inference import Editor
from editor.pairs.dataset import PairDataset
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


# Our network with one thing changed at a time: the rows of Tab. 2, and two more.
VARIANTS: Mapping[str, Callable[[RunConfig], RunConfig]] = MappingProxyType(
    {
        "ours": lambda config: config,
        "one-to-one": lambda config: replace(config, one_to_one=True),
        "without-x_j": lambda config: replace(config, use_x_j=False, output="direct"),
        "without-transform": lambda config: replace(config, use_transform=False),
        "without-skips": lambda config: replace(config, use_skips=False),
        "without-noise": lambda config: replace(config, use_noise=False),
        "without-frequency": lambda config: replace(config, loss_weights=replace(config.loss_weights, frequency=0.0)),
        "direct": lambda config: replace(config, output="direct"),
        "n-3": lambda config: replace(config, group_size=3),
    }
)
RIVALS: Mapping[str, Callable[[int], Pix2PixConfig]] = MappingProxyType(
    {"pix2pix": published, "pix2pix-star": improved}
)
UNTRAINED = ("do-nothing", "jpeg-95")
METHODS = (*VARIANTS, *RIVALS, *UNTRAINED)


class Ours:
    """Our method, edited with exactly as a person would: averaged weights, one call, the editor's own reference."""

    def __init__(self, config: RunConfig, training: PairDataset, *, minutes: float, device: torch.device) -> None:
        """Prepare a fresh model.

        Args:
            config: Settings.
            training: Pairs to learn from; they are also the references.
            minutes: Training time that the learning rate is fitted to.
            device: Where to compute.
        """
        self.settings = config
        self._trainer = Trainer(config, training, PairDataset((), training.images[:0]), device)
        self._trainer.progress.begin(Budget(minutes=minutes))

    @property
    def step(self) -> int:
        """Updates so far."""
        return self._trainer.progress.step

    @property
    def num_parameters(self) -> int:
        """Numbers in the model."""
        return sum(parameter.numel() for parameter in self._trainer.model.parameters())

    def training_step(self, seconds: float) -> dict[str, float]:
        """Do one update and return the unweighted losses.

        Args:
            seconds: Training time so far.
        """
        self._trainer.progress.seconds = seconds
        return self._trainer.training_step()

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1]."""
        pairs = self._trainer.training
        editor = Editor(self._trainer.averaged.module, pairs, pairs.names, self.step)
        return torch.stack([to_tensor(editor.edit(to_image(picture)).image) for picture in x])


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


def build(method: str, training: PairDataset, *, size: int, minutes: float, seed: int, device: torch.device) -> Learner:
    """Prepare a model that has not been trained.

    Args:
        method: One of `METHODS`.
        training: Pairs to learn from, at `size`.
        size: Side of the pictures in pixels.
        minutes: Training time that the learning rate is fitted to.
        seed: Decides first weights and draws.
        device: Where to compute.

    Raises:
        UserError: There is no such method, or it cannot work at that size.
    """
    if method in VARIANTS:
        return Ours(configure(method, size, seed), training, minutes=minutes, device=device)
    if method in RIVALS:
        return Pix2Pix(RIVALS[method](size), training, budget_seconds=60 * minutes, seed=seed, device=device)
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
