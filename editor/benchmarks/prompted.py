"""Rivals that follow a sentence instead of pairs: SDEdit (2108.01073) and InstructPix2Pix (2211.09800).

Their weights are those that others trained on millions of pictures, and the library diffusers runs them, which need not
be there. What they shall do is in a JSON file: for each method a prompt for each task and, where wanted, other settings
than `PromptedConfig` has, among them another model of the Hub or a folder.

    {"sdedit": {"prompts": {"hats": "a cat with a hat"}, "strength": 0.6},
     "instruct-pix2pix": {"prompts": {"hats": "put a hat on the cat"}, "model": "path/of/a/folder"}}

SDEdit needs a sentence about the picture that shall come out, InstructPix2Pix one about what to do.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import torch
from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled
from PIL import Image
from pydantic import Field
from torch import Tensor, nn

from editor.device import autocast
from editor.errors import UserError
from editor.files import read_json
from editor.hub import HubId, in_words
from editor.images import to_image, to_tensor
from editor.validation import FilePath, Text, between, settings

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

LIBRARIES = ("diffusers", "transformers")
MISSING = (
    "sdedit and instruct-pix2pix need two libraries more. Install them with: "
    ".venv/bin/pip install 'diffusers>=0.42,<1' 'transformers>=5.18,<6'"
)
FORM = 'a JSON file such as {"sdedit": {"prompts": {"TASK": "a cat with a hat"}}}'

Steps = Annotated[int, between(1, 1000)]
Guidance = Annotated[float, between(1, 100)]  # 1 is none


@settings
class PromptedConfig:
    """How one of these methods edits the pictures of one task."""

    prompt: Annotated[Text, Field(min_length=1)]
    model: FilePath  # "user/model" on the Hub, or a folder that diffusers has written
    revision: Text | None = None  # branch, tag or commit of that on the Hub; None for the newest
    size: Annotated[int, between(64, 1024), Field(multiple_of=64)] = 512  # pixels, what the model was trained on
    steps: Steps = 50
    guidance: Guidance = 7.5  # by the prompt

    pipeline: ClassVar[str]  # class of diffusers
    unet_channels: ClassVar[int]  # of the noise, and of whatever else its network sees
    own: ClassVar[Mapping[str, str]]  # what only this pipeline is told: its name there, by the name here


@settings
class SDEditConfig(PromptedConfig):
    """Settings of SDEdit, which covers a picture with noise and lets a diffusion model remove that by the prompt."""

    model: FilePath = "stable-diffusion-v1-5/stable-diffusion-v1-5"
    strength: Annotated[float, between(0.02, 1)] = 0.5  # of the noise; as many of the steps are carried out

    pipeline: ClassVar[str] = "StableDiffusionImg2ImgPipeline"
    unet_channels: ClassVar[int] = 4
    own: ClassVar[Mapping[str, str]] = MappingProxyType({"strength": "strength"})

    def __post_init__(self) -> None:
        if self.steps * self.strength < 1:
            raise UserError(f"steps={self.steps} times strength={self.strength:g} leaves SDEdit no step.")


@settings
class InstructPix2PixConfig(PromptedConfig):
    """Settings of InstructPix2Pix, a diffusion model that sees the picture and was trained on instructions."""

    model: FilePath = "timbrooks/instruct-pix2pix"
    steps: Steps = 100
    image_guidance: Guidance = 1.5  # by the picture

    pipeline: ClassVar[str] = "StableDiffusionInstructPix2PixPipeline"
    unet_channels: ClassVar[int] = 8
    own: ClassVar[Mapping[str, str]] = MappingProxyType({"image_guidance": "image_guidance_scale"})


PROMPTED: Mapping[str, type[PromptedConfig]] = MappingProxyType(
    {"sdedit": SDEditConfig, "instruct-pix2pix": InstructPix2PixConfig}
)
Prompts = Mapping[tuple[str, str], PromptedConfig]  # by method and task


def read_prompts(path: Path) -> Prompts:
    """Return what a file of prompts says.

    Raises:
        UserError: It is not written so, or a setting is unknown or impossible.
        OSError: It cannot be read.
    """
    try:
        values = read_json(path)
    except ValueError as error:
        raise UserError(f"{path} cannot be used ({error}). Write {FORM}.") from error
    if not isinstance(values, dict):
        raise UserError(f"{path} cannot be used. Write {FORM}.")
    found: dict[tuple[str, str], PromptedConfig] = {}
    for method, entry in values.items():
        if method not in PROMPTED:
            raise UserError(f"{path}: no method {method[:60]!r} takes prompts. Choose from {', '.join(PROMPTED)}.")
        if not isinstance(entry, dict) or not isinstance(prompts := entry.pop("prompts", None), dict):
            raise UserError(f"{path}: {method} has no prompts. Write {FORM}.")
        for task, prompt in prompts.items():
            try:
                found[method, task] = PROMPTED[method](**{**entry, "prompt": prompt})
            except UserError as error:
                raise UserError(f"{path}, {method}, {task[:60]}: {error}") from error
    return found


class Prompted:
    """One of these methods at work. Nothing is learned, and the pairs are not looked at.

    A picture is enlarged to the side that the model was trained on, edited, and made small again. Its pixels decide its
    noise, so that its edit is the same again, whatever else is edited. The safety checker, which makes pictures black,
    is not loaded: what is judged must be what the method has made.
    """

    step = 0

    def __init__(self, config: PromptedConfig, device: torch.device) -> None:
        """Load the weights: from a folder, or from the Hub, which downloads some 5 GB once.

        Args:
            config: Settings.
            device: Where to compute.

        Raises:
            UserError: A library is missing, or the weights cannot be had or are of another kind.
        """
        require_libraries()
        self.settings = config
        self._device = device
        self._pipeline = _load(config).to(device)
        self._pipeline.set_progress_bar_config(disable=True)

    @property
    def num_parameters(self) -> int:
        """Number of parameters of all networks: of the text, of the pictures and of the noise."""
        networks = [part for part in self._pipeline.components.values() if isinstance(part, nn.Module)]
        return sum(parameter.numel() for network in networks for parameter in network.parameters())

    def training_step(self, seconds: float) -> None:
        """Do nothing."""

    def edit(self, x: Tensor) -> Tensor:
        """Return the edits of pictures (b, 3, h, w) in [-1, 1], same shape, on the CPU."""
        return torch.stack([to_tensor(self._edit(to_image(picture))) for picture in x])

    def _edit(self, image: Image.Image) -> Image.Image:
        config = self.settings
        with autocast(self._device):
            edited = self._pipeline(
                prompt=config.prompt,
                image=image.resize((config.size, config.size), Image.Resampling.LANCZOS),
                num_inference_steps=config.steps,
                guidance_scale=config.guidance,
                generator=torch.Generator().manual_seed(zlib.crc32(image.tobytes())),
                **{there: getattr(config, here) for here, there in config.own.items()},
            ).images[0]
        return edited.resize(image.size, Image.Resampling.LANCZOS)


def require_libraries() -> None:
    """Make sure that the libraries are there.

    Raises:
        UserError: One is missing; the message says how to install both.
    """
    if not all(map(find_spec, LIBRARIES)):
        raise UserError(MISSING)


def require_same(config: PromptedConfig, recorded: Mapping[str, Any], where: str) -> None:
    """Make sure that a result which is there already was made as it is wanted now.

    Args:
        config: What is wanted.
        recorded: The settings of the result.
        where: The file that it is in, for the message.

    Raises:
        UserError: Another prompt or another setting is wanted now.
    """
    changed = [name for name, value in asdict(config).items() if recorded.get(name) != value]
    if changed:
        raise UserError(
            f"{where} these edits were made with another {changed[0]}: {recorded.get(changed[0])!r:.80}. Give another "
            "--output, or remove that line."
        )


def _load(config: PromptedConfig) -> DiffusionPipeline:
    import diffusers

    place = config.model if Path(config.model).is_dir() else HubId.parse(config.model)
    if place is None:
        raise UserError(f"{config.model} is no folder, and no user/model on the Hub.")
    with in_words(str(place)):
        try:
            pipeline = getattr(diffusers, config.pipeline).from_pretrained(
                str(place),
                revision=config.revision,
                use_safetensors=True,
                safety_checker=None,
                requires_safety_checker=False,
                feature_extractor=None,  # of the safety checker
                low_cpu_mem_usage=False,  # which would need another library
            )
        except HTTPError:
            raise
        except OSError as error:  # what diffusers says to anything, after it has asked the Hub and the cache
            if isinstance(error.__cause__, (HTTPError, OfflineModeIsEnabled)):
                raise error.__cause__ from error
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
            raise UserError(f"The weights of {place} cannot be had: {reason}") from error
    if pipeline.unet.config.in_channels != config.unet_channels:
        raise UserError(f"{place} holds another kind of model than {config.pipeline} works with.")
    return pipeline
