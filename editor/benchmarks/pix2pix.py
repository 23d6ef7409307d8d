"""pix2pix (arXiv 1611.07004), to which the paper compares: as published, and improved for few pairs ("pix2pix*")."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from editor.benchmarks.pix2pix_networks import PatchDiscriminator, UNet, adversarial_loss
from editor.config import AugmentConfig, Budget
from editor.data.augment import augment
from editor.data.dataset import PairDataset
from editor.device import autocast
from editor.errors import UserError
from editor.training.optimizers import PowerAverage
from editor.training.progress import Progress
from editor.training.setbacks import TrainingError

JITTER = 286 / 256  # the published random jitter: enlarge by this much, then crop


@dataclass(frozen=True, kw_only=True)
class Pix2PixConfig:
    """Settings of one training. The defaults are the published ones."""

    image_size: int  # pixels, square
    width: int = 64  # channels of the first layer of both networks
    dropout: float = 0.5  # the noise z, in training and at test time
    output: Literal["direct", "residual"] = "direct"
    adversarial: Literal["vanilla", "lsgan"] = "vanilla"
    l1_weight: float = 100.0  # beside the adversarial loss
    batch_size: int = 1
    learning_rate: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    decay: Literal["linear", "cosine"] = "linear"  # "linear": constant for half the time, then straight to zero
    ema_exponent: float | None = None  # edit with a running mean of the weights, see training.optimizers.PowerAverage
    augment: AugmentConfig | None = None  # None is the published jitter: enlarge, crop, mirror

    def __post_init__(self) -> None:
        if self.image_size % 16 or not 32 <= self.image_size <= 1024:
            raise UserError(f"pix2pix needs a size between 32 and 1024 in steps of 16 pixels, not {self.image_size}.")


def published(size: int) -> Pix2PixConfig:
    """Return the settings of the paper that introduced pix2pix."""
    return Pix2PixConfig(image_size=size)


def improved(size: int) -> Pix2PixConfig:
    """Return the best settings that we found for few pairs and little time. A narrower network makes more steps."""
    return Pix2PixConfig(
        image_size=size,
        width=24,
        dropout=0.0,
        output="residual",
        adversarial="lsgan",
        batch_size=4,
        learning_rate=1e-3,
        decay="cosine",
        ema_exponent=16.0,
        augment=AugmentConfig(),
    )


class Pix2PixLosses(NamedTuple):
    """Unweighted losses of one step.

    Attributes:
        l1: Mean absolute distance of edit and truth.
        generator: Adversarial loss of the generator: low where the discriminator takes the edit for real.
        discriminator: Adversarial loss of the discriminator: low where it separates edits from true targets.
    """

    l1: float
    generator: float
    discriminator: float


class Pix2Pix:
    """A generator and a discriminator in training. Dropout draws from torch's global generator."""

    def __init__(
        self, config: Pix2PixConfig, training: PairDataset, *, budget: Budget, seed: int, device: torch.device
    ) -> None:
        """Prepare fresh networks.

        Args:
            config: Settings.
            training: Pairs to learn from, at `config.image_size`.
            budget: Length of the training, on which the schedule of the learning rate depends.
            seed: Of the initial weights and all draws except dropout's.
            device: Where to compute.
        """
        self.settings = config
        self.step = 0
        self._budget = budget
        self._device = device
        self._images = (training.images if config.augment else _enlarge(training.images)).to(device)
        self._draws = torch.Generator().manual_seed(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            generator = UNet(config.image_size, width=config.width, dropout=config.dropout, output=config.output)
            discriminator = PatchDiscriminator(width=config.width)
        self.generator = generator.to(device, memory_format=torch.channels_last)
        self.discriminator = discriminator.to(device, memory_format=torch.channels_last)
        self._averaged = None
        if config.ema_exponent is not None:
            self._averaged = PowerAverage(self.generator, config.ema_exponent)
        self._optimizers = tuple(
            torch.optim.Adam(network.parameters(), lr=config.learning_rate, betas=config.betas, fused=True)
            for network in (self.generator, self.discriminator)
        )

    @property
    def num_parameters(self) -> int:
        """Number of parameters of the generator; the discriminator is not needed to edit."""
        return sum(parameter.numel() for parameter in self.generator.parameters())

    def training_step(self, seconds: float) -> Pix2PixLosses:
        """Update the discriminator, then the generator.

        Args:
            seconds: Training time so far.

        Raises:
            TrainingError: A loss is NaN or infinite.
        """
        config = self.settings
        x, y = (side.contiguous(memory_format=torch.channels_last) for side in self._sample())
        for optimizer in self._optimizers:
            optimizer.param_groups[0]["lr"] = self._learning_rate(seconds)
        of_generator, of_discriminator = self._optimizers

        with autocast(self._device, fp16=False):
            y_hat = self.generator(x)
            on_fake, on_real = self.discriminator(x, y_hat.detach()), self.discriminator(x, y)
        discriminator_loss = (
            adversarial_loss(on_fake, False, config.adversarial) + adversarial_loss(on_real, True, config.adversarial)
        ) / 2
        of_discriminator.zero_grad(set_to_none=True)
        discriminator_loss.backward()
        of_discriminator.step()

        self.discriminator.requires_grad_(False)
        with autocast(self._device, fp16=False):
            on_fake = self.discriminator(x, y_hat)
        generator_loss = adversarial_loss(on_fake, True, config.adversarial)
        l1 = functional.l1_loss(y_hat, y)
        of_generator.zero_grad(set_to_none=True)
        (generator_loss + config.l1_weight * l1).backward()
        of_generator.step()
        self.discriminator.requires_grad_(True)

        if self._averaged is not None:
            self._averaged.update_parameters(self.generator)
        self.step += 1
        losses = Pix2PixLosses(l1.item(), generator_loss.item(), discriminator_loss.item())
        if not all(map(math.isfinite, losses)):
            raise TrainingError(f"The loss of pix2pix stopped being a number at step {self.step}.")
        return losses

    @torch.no_grad()
    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1]; dropout stays on, as published."""
        generator = self.generator if self._averaged is None else self._averaged.module
        x = x.to(self._device, memory_format=torch.channels_last)
        with autocast(self._device, fp16=False):
            return generator(x).clamp(-1, 1).cpu()

    def _sample(self) -> tuple[Tensor, Tensor]:
        """Draw sources and targets, (b, 3, h, w) each."""
        config = self.settings
        chosen = torch.randint(len(self._images), (config.batch_size,), generator=self._draws)
        if config.augment:
            batch = augment(self._images[chosen], config.augment, self._draws)  # (b, 2, 3, h, w)
        else:
            batch = torch.stack([_crop(self._images[index], config.image_size, self._draws) for index in chosen])
        return batch[:, 0], batch[:, 1]

    def _learning_rate(self, seconds: float) -> float:
        share = Progress(step=self.step, seconds=seconds, budget=self._budget).share
        linear = min(1.0, 2 * (1 - share))
        cosine = 0.5 * (1 + math.cos(math.pi * share))
        return self.settings.learning_rate * (linear if self.settings.decay == "linear" else cosine)


def _enlarge(images: Tensor) -> Tensor:
    """Return (m, 2, 3, h, w) enlarged for the jitter."""
    side = round(images.shape[-1] * JITTER)
    flat = functional.interpolate(images.flatten(0, 1), size=(side, side), mode="bicubic", align_corners=False)
    return flat.clamp(-1, 1).unflatten(0, images.shape[:2])


def _crop(pair: Tensor, size: int, draws: torch.Generator) -> Tensor:
    """Cut a random square out of (2, 3, h, w), and mirror it half of the time."""
    room = pair.shape[-1] - size + 1
    top, left, mirror = (int(torch.randint(limit, (), generator=draws)) for limit in (room, room, 2))
    cut = pair[..., top : top + size, left : left + size]
    return cut.flip(-1) if mirror else cut
