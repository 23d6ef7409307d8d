"""Editing with what a run has learned. Imports no training loop and no screen.

```
editor = Editor.load(Path("workspace/runs/my-run"))
editor.edit(Path("me.jpg")).image.save("me-edited.png")
```
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from einops import rearrange
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.config import MAX_SEED, OutputKind
from editor.device import autocast, pick_device
from editor.errors import UserError
from editor.images import Fit, fit_to_square, load_image, to_image, to_tensor
from editor.models.autoencoder import blend, split_move
from editor.models.editing_model import EditingModel
from editor.models.sampling import sample
from editor.pairs.dataset import PairDataset
from editor.pairs.store import PairError
from editor.training.checkpoint import CheckpointError, load_model
from editor.training.manifest import DamagedError, intact_version
from editor.training.run_folder import RunError, RunFolder

# Pixels of the model. What moves less is meant to stay: in a large original it would be blurred for nothing.
STILL, MOVING = 0.15, 0.4


class EditorError(UserError):
    """A run that cannot edit, or an edit that cannot be made. The message is for a person."""


@dataclass(frozen=True, slots=True)
class EditResult:
    """One edited picture.

    Attributes:
        image: The edit at the size of the picture that was put in.
        reference: Name of the pair that served as (x_i, y_i).
        seed: What the noise was drawn from.
        seconds: How long it took.
    """

    image: Image.Image
    reference: str
    seed: int
    seconds: float


def transfer(kind: OutputKind, answer: Tensor, image: Image.Image, fit: Fit, rows: int = 256) -> Image.Image:
    """Apply the decoder's answer to the original pixels, so that what is not edited stays as sharp as it was.

    Args:
        kind: How answers are meant.
        answer: (1, c, s, s), for the square that `fit_to_square` made of `image`.
        image: The original, any size.
        fit: Where the content lies in the square.
        rows: Height of the strips in which this is done; it bounds the memory and changes nothing else.

    Returns:
        The edit at the size of `image`.
    """
    left, top, right, bottom = fit.box
    (width, height), size = image.size, answer.shape[-1]
    answer = answer.cpu()
    is_moved = kind == "warp"
    if is_moved:
        offset, rest = split_move(kind, answer)
        pixels = offset.norm(dim=1, keepdim=True) * (size - 1) / 2
        offset = offset * ((pixels - STILL) / (MOVING - STILL)).clamp(0, 1)
        to_original = torch.tensor([(size - 1) / (right - left), (size - 1) / (bottom - top)]).view(1, 2, 1, 1)
        answer = torch.cat([offset * to_original, rest], dim=1)
    result = Image.new("RGB", image.size)
    xs = (torch.arange(width) + 0.5) / width  # of pixel centres, as shares of the original
    for row in range(0, height, rows):
        bottom_row = min(row + rows, height)
        ys = (torch.arange(row, bottom_row) + 0.5) / height
        positions = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), dim=-1)[None]  # (1, rows, width, 2)
        in_square = torch.tensor([left, top]) + positions * torch.tensor([right - left, bottom - top])
        part = functional.grid_sample(answer, in_square * 2 / size - 1, padding_mode="border", align_corners=False)
        if is_moved:
            moved = positions + rearrange(part[:, :2], "b xy h w -> b h w xy") / 2
            strip, part = _sampled(image, moved), part[:, 2:]
        else:
            strip = to_tensor(image.crop((0, row, width, bottom_row)))[None]
        result.paste(to_image(blend(kind, part, strip)[0]), (0, row))
    return result


def _sampled(image: Image.Image, positions: Tensor) -> Tensor:
    """Sample a picture, sharply, at positions (1, h, w, 2), shares of it. Only the rows in reach become a tensor."""
    xs, ys = positions.unbind(-1)
    rows = ys * image.height - 0.5
    top = min(max(int(rows.min()) - 2, 0), image.height - 1)
    bottom = max(min(int(rows.max()) + 4, image.height), top + 1)  # a cubic reaches two rows further
    band = to_tensor(image.crop((0, top, image.width, bottom)))[None]
    grid = torch.stack([xs, (rows + 0.5 - top) / (bottom - top)], dim=-1) * 2 - 1
    return functional.grid_sample(band, grid, "bicubic", padding_mode="border", align_corners=False)


class Editor:
    """A trained model with its reference pairs, ready to edit any number of pictures."""

    def __init__(self, model: EditingModel, pairs: PairDataset, references: tuple[str, ...], step: int) -> None:
        """Use `Editor.load` instead.

        Args:
            model: With trained weights, in evaluation mode.
            pairs: All pairs of the run.
            references: Names of the pairs that may serve as (x_i, y_i): those that were trained on.
            step: Training step of the weights.
        """
        self.model = model
        self.pairs = pairs
        self.references = references
        self.step = step
        self.device = next(model.parameters()).device

    @classmethod
    def load(
        cls, run_dir: Path, device: str | torch.device = "auto", *, weights: Literal["chosen", "newest"] = "chosen"
    ) -> Editor:
        """Load averaged weights of a run, also while it is still being trained.

        Args:
            run_dir: The run's folder.
            device: "auto", "cpu", "cuda", "mps" or a torch device.
            weights: Those that `training.history.Choice` took, so that training for too long spoils nothing, or the
                newest. Without held-out pairs both are the newest.

        Raises:
            EditorError: There is no run there, or nothing was learned yet.
            DeviceError: This machine has no such device.
        """
        device = pick_device(device) if isinstance(device, str) else device
        try:
            run = RunFolder.open(Path(run_dir))
            use_chosen = weights == "chosen" and run.chosen_weights_path.is_file()
            path = intact_version(run.chosen_weights_path if use_chosen else run.weights_path)
            model, step = load_model(path, run.config)
        except (RunError, CheckpointError, DamagedError) as error:
            raise EditorError(str(error)) from error
        model = model.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
        pairs = run.store.pairs()
        references = tuple(pair.name for pair in pairs if not pair.is_held_out)
        if not references:
            raise EditorError(f"The run in {run.path} has lost its pairs, and an edit goes by one. Train another run.")
        try:
            return cls(model, PairDataset.load(pairs, run.config.image_size), references, step)
        except PairError as error:
            raise EditorError(str(error)) from error

    @property
    def image_size(self) -> int:
        """Side of the square in which the model works, in pixels."""
        return self.model.config.image_size

    @torch.inference_mode()
    def edit(
        self,
        image: Image.Image | Path,
        *,
        seed: int = 0,
        reference: str | None = None,
        num_steps: int = 1,
    ) -> EditResult:
        """Edit one picture of any size. The same arguments give the same result, whatever was edited before.

        Args:
            image: The picture, or the path of one.
            seed: Source of all noise and, where no `reference` is given, of the choice of one.
            reference: Name of a pair to go by.
            num_steps: Number of calls of the network, see `models.sampling`.

        Raises:
            EditorError: There is no such reference, or a number makes no sense.
            ImageError: The file is not a usable picture.
        """
        start = time.perf_counter()
        if not 0 <= seed <= MAX_SEED:
            raise EditorError(f"The seed must be a whole number from 0 to {MAX_SEED}.")
        if not 1 <= num_steps <= self.model.num_timesteps:
            raise EditorError(f"The number of steps must be from 1 to {self.model.num_timesteps}.")
        if isinstance(image, Path):
            image = load_image(image)
        square, fit = fit_to_square(image, self.image_size)
        x_j = to_tensor(square)[None].to(self.device)
        names = self._choose(reference, seed)
        pairs = torch.stack([self._images(name) for name in names])[None].to(self.device)  # (1, r, 2, 3, h, w)
        with autocast(self.device):
            output = sample(
                self.model,
                x_i=pairs[:, :, 0],
                y_i=pairs[:, :, 1],
                x_j=x_j,
                num_steps=num_steps,
                generator=torch.Generator().manual_seed(seed),
            )
        result = transfer(self.model.config.output, output.answer, image, fit)
        return EditResult(result, names[0], seed, time.perf_counter() - start)

    def _choose(self, reference: str | None, seed: int) -> list[str]:
        """Return the n - 1 references of an edit: "random training samples" (Sec. 3.2), decided by the seed."""
        count = self.model.config.group_size - 1
        order = torch.randperm(len(self.references), generator=torch.Generator().manual_seed(seed))
        names = [self.references[index] for index in order]
        if reference is not None:
            self._images(reference)  # raises if there is none
            names = [reference, *(name for name in names if name != reference)]
        return [names[index % len(names)] for index in range(count)]

    def _images(self, name: str) -> Tensor:
        """Return source and target of a pair, (2, 3, h, w)."""
        if name not in self.pairs.names:
            raise EditorError(f"This run has no pair named {name!r}. It has: {', '.join(self.pairs.names)}.")
        return self.pairs.images[self.pairs.names.index(name)]
