"""Editing with what a run has learned. Imports no training loop and no screen.

```
editor = Editor.load(Path("workspace/runs/my-run"))
editor.edit(Path("me.jpg")).image.save("me-edited.png")
```
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from einops import rearrange, repeat
from PIL import Image
from torch import Tensor

from editor.config import MAX_SEED, FitMode
from editor.data.dataset import PairDataset
from editor.device import autocast, pick_device
from editor.editing.prediction import Prediction
from editor.editing.region import learned_region
from editor.editing.windows import Fade, Windows
from editor.errors import UserError
from editor.image_files import load_image
from editor.images import Fit, fit_to_square, fit_to_strip, to_tensor
from editor.models.autoencoder import MOVE_POOL, OUTPUT_CHANNELS
from editor.models.editing_model import EditingModel
from editor.models.layers import NoiseOfStrip
from editor.models.sampling import sample
from editor.models.transform import Transform, apply_transform
from editor.pairs.store import PairError
from editor.training.checkpoint import CheckpointError, load_model
from editor.training.manifest import DamagedError, intact_version
from editor.training.run_folder import RunError, RunFolder

MAX_STRENGTH = 1.5
NUM_AVERAGED = 5  # references of the choice "average"
WINDOW_PIXELS = 8 * 128**2  # at once, of a long picture: memory
MAX_ANSWER = 1e4  # what a trained network says stays within a few units

Choice = Literal["best", "random", "average"]


class EditorError(UserError):
    """A run that cannot edit, or an edit that cannot be made. The message is for a person."""


def require_numbers(*answers: Tensor) -> None:
    """Make sure that what a network said means something. Weights can be finite, and yet so large that it does not.

    Raises:
        EditorError: Something is no number, or beyond all measure.
    """
    for answer in answers:
        if not answer.abs().max().item() < MAX_ANSWER:  # so that NaN is caught too
            raise EditorError("The weights of this run produce no picture. Train another run.")


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
            return cls(model, PairDataset.load(pairs, run.config.image_size, run.config.fit), references, step)
        except PairError as error:
            raise EditorError(str(error)) from error

    @property
    def image_size(self) -> int:
        """Side of the square in which the model works, in pixels."""
        return self.model.config.image_size

    @property
    def fit(self) -> FitMode:
        """How a picture that is not square becomes one, see `images`."""
        return self.model.config.fit

    def edit(
        self,
        image: Image.Image | Path,
        *,
        seed: int = 0,
        reference: str | None = None,
        choice: Choice = "random",
        num_steps: int = 1,
        strength: float = 1.0,
    ) -> EditResult:
        """Edit one picture of any size. The same arguments give the same result, whatever was edited before.

        Args:
            image: The picture, or the path of one.
            seed: See `predict`, and so are the next three.
            reference: Name of a pair to go by.
            choice: How to choose one where none is named.
            num_steps: Number of calls of the network.
            strength: By what the edit is multiplied, 0 to `MAX_STRENGTH`; 0 leaves the picture as it is.

        Raises:
            EditorError: There is no such reference, a number makes no sense, or the weights produce no picture.
            ImageError: The file is not a usable picture.
        """
        start = time.perf_counter()
        if not 0 <= strength <= MAX_STRENGTH:
            raise EditorError(f"The strength must be a number from 0 to {MAX_STRENGTH}.")
        if isinstance(image, Path):
            image = load_image(image)
        prediction = self.predict(image, seed=seed, reference=reference, choice=choice, num_steps=num_steps)
        result = prediction.apply(image, strength=strength)
        return EditResult(result, prediction.references[0], seed, time.perf_counter() - start)

    @torch.inference_mode()
    def predict(
        self,
        image: Image.Image,
        *,
        seed: int = 0,
        reference: str | None = None,
        choice: Choice = "random",
        num_steps: int = 1,
    ) -> Prediction:
        """Ask the network how to edit a picture; the answer can be applied at any strength and size.

        Args:
            image: The picture, any size.
            seed: Source of all noise and, for the choice "random", of the references.
            reference: Name of a pair to go by.
            choice: How to choose one where none is named: the "best" match (see `match`), a "random" one as in
                Sec. 3.2, or the "average" of the answers by the `NUM_AVERAGED` best.
            num_steps: Number of calls of the network, see `models.sampling`.

        Raises:
            EditorError: There is no such reference, a number makes no sense, or the weights produce no picture.
        """
        if not 0 <= seed <= MAX_SEED:
            raise EditorError(f"The seed must be a whole number from 0 to {MAX_SEED}.")
        if not 1 <= num_steps <= self.model.num_timesteps:
            raise EditorError(f"The number of steps must be from 1 to {self.model.num_timesteps}.")
        picture, fit = self._fitted(image)
        x_j = to_tensor(picture)[None]
        windows = Windows.over(tuple(x_j.shape[-2:]), self._window_step)
        middle = len(windows) // 2
        groups = self._choose(windows.cut(x_j, range(middle, middle + 1)).to(self.device), reference, choice, seed)
        kind = self.model.config.output
        said = Fade(windows, OUTPUT_CHANNELS[kind] + 3 + 1)
        for which in windows.parts(max(1, WINDOW_PIXELS // (len(groups) * self.image_size**2))):
            said.add(which, self._ask(windows, which, x_j, groups, num_steps=num_steps, seed=seed))
        answer, edit, spread = said.strip.split([OUTPUT_CHANNELS[kind], 3, 1], dim=1)
        return Prediction(
            kind=kind,
            answer=answer.clone(),
            fit=fit,
            region=learned_region(x_j, edit),
            disagreement=spread[0, 0].clone() if len(groups) > 1 else None,
            references=tuple(dict.fromkeys(name for group in groups for name in group)),
            seed=seed,
        )

    def _fitted(self, image: Image.Image) -> tuple[Image.Image, Fit]:
        """Return what the model sees of a picture to edit: all of it, as a square or as a strip."""
        if self.fit == "crop":
            return fit_to_strip(image, self.image_size, self._window_step)
        return fit_to_square(image, self.image_size)

    @property
    def _window_step(self) -> int:
        """Windows begin at tokens, and at what moves as one, so that neighbours divide what they share alike."""
        return math.lcm(self.model.config.token_size, MOVE_POOL)

    def _ask(
        self, windows: Windows, which: range, x_j: Tensor, groups: Sequence[Sequence[str]], *, num_steps: int, seed: int
    ) -> Tensor:
        """Ask the network about some windows of a picture.

        Args:
            windows: All windows.
            which: Those that are meant.
            x_j: The picture, (1, 3, h, w) in [-1, 1].
            groups: Names of the references by which to go, in as many ways.
            num_steps: Number of calls of the network.
            seed: Source of all noise.

        Returns:
            For each window the decoder's answer, the edit, in [-1, 1], and by how much the groups disagree about it, in
            8-bit levels, (n, c + 3 + 1, s, s) on the CPU. The first two are means over the groups.

        Raises:
            EditorError: The weights produce no picture.
        """
        n, g = len(which), len(groups)
        pairs = torch.stack([torch.stack([self._images(name) for name in group]) for group in groups])
        pairs = repeat(pairs.to(self.device), "g r side c h w -> (n g) r side c h w", n=n)
        noise = torch.Generator().manual_seed(seed)
        with autocast(self.device):
            output = sample(
                self.model,
                x_i=pairs[:, :, 0],
                y_i=pairs[:, :, 1],
                x_j=repeat(windows.cut(x_j, which).to(self.device), "n c h w -> (n g) c h w", g=g),
                num_steps=num_steps,
                generator=NoiseOfStrip(noise, [windows.starts[k] for k in which], windows.side, windows.size),
            )
        require_numbers(output.answer)
        answers = rearrange(output.answer.float(), "(n g) c h w -> g n c h w", n=n)
        edits = rearrange(output.y_j_hat.float().clamp(-1, 1), "(n g) c h w -> g n c h w", n=n)
        spread = edits.std(dim=0).mean(dim=1, keepdim=True) * 127.5 if g > 1 else torch.zeros_like(edits[0, :, :1])
        return torch.cat([answers.mean(dim=0), edits.mean(dim=0), spread], dim=1).cpu()

    @torch.inference_mode()
    def match(self, x_j: Tensor) -> list[str]:
        """Return the names of the references, the best first: whose x_i M_x brings nearest to x_j (Eq. 3).

        Args:
            x_j: The picture to edit, (1, 3, h, w) in [-1, 1].
        """
        x_i = torch.stack([self._images(name)[0] for name in self.references]).to(self.device)
        with autocast(self.device):
            transform = self.model.m_x(x_i, x_j.expand(len(x_i), -1, -1, -1))
        x_j_hat = apply_transform(x_i, Transform(transform.flow.float(), transform.affine.float()))
        errors = (x_j_hat - x_j).abs().mean(dim=(1, 2, 3))
        return [self.references[index] for index in errors.argsort(stable=True)]

    def _choose(self, x_j: Tensor, reference: str | None, choice: Choice, seed: int) -> list[list[str]]:
        """Return groups of n - 1 references; the answers of several groups are averaged."""
        count = self.model.config.group_size - 1
        if reference is not None:
            self._images(reference)  # raises if there is none
        if choice == "random" or reference is not None:
            order = torch.randperm(len(self.references), generator=torch.Generator().manual_seed(seed))
            names = [self.references[index] for index in order]
        else:
            names = self.match(x_j)
        if reference is not None:
            names = [reference, *(name for name in names if name != reference)]
        num_groups = min(NUM_AVERAGED, len(names)) if choice == "average" and reference is None else 1
        return [[names[(start + index) % len(names)] for index in range(count)] for start in range(num_groups)]

    def _images(self, name: str) -> Tensor:
        """Return source and target of a pair, (2, 3, h, w)."""
        if name not in self.pairs.names:
            raise EditorError(f"This run has no pair named {name!r}. It has: {', '.join(self.pairs.names)}.")
        return self.pairs.images[self.pairs.names.index(name)]
