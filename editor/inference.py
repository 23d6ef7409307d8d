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
from einops import repeat
from PIL import Image
from torch import Tensor

from editor.config import MAX_SEED
from editor.device import autocast, pick_device
from editor.editing.prediction import Prediction
from editor.editing.region import learned_region
from editor.errors import UserError
from editor.images import fit_to_square, load_image, to_tensor
from editor.models.editing_model import EditingModel
from editor.models.sampling import sample
from editor.models.transform import Transform, apply_transform
from editor.pairs.dataset import PairDataset
from editor.pairs.store import PairError
from editor.training.checkpoint import CheckpointError, load_model
from editor.training.manifest import DamagedError, intact_version
from editor.training.run_folder import RunError, RunFolder

MAX_STRENGTH = 1.5
NUM_AVERAGED = 5  # references of the choice "average"
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
            return cls(model, PairDataset.load(pairs, run.config.image_size), references, step)
        except PairError as error:
            raise EditorError(str(error)) from error

    @property
    def image_size(self) -> int:
        """Side of the square in which the model works, in pixels."""
        return self.model.config.image_size

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
        """Ask the network once how to edit a picture; the answer can be applied at any strength and size.

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
        square, fit = fit_to_square(image, self.image_size)
        x_j = to_tensor(square)[None].to(self.device)
        groups = self._choose(x_j, reference, choice, seed)
        pairs = torch.stack([torch.stack([self._images(name) for name in group]) for group in groups])
        pairs = pairs.to(self.device)  # (b, r, 2, 3, h, w)
        with autocast(self.device):
            output = sample(
                self.model,
                x_i=pairs[:, :, 0],
                y_i=pairs[:, :, 1],
                x_j=repeat(x_j, "1 c h w -> b c h w", b=len(groups)),
                num_steps=num_steps,
                generator=torch.Generator().manual_seed(seed),
            )
        require_numbers(output.answer)
        edits = output.y_j_hat.float().clamp(-1, 1)
        spread = edits.std(dim=0).mean(dim=0).mul(127.5).cpu() if len(groups) > 1 else None
        return Prediction(
            kind=self.model.config.output,
            answer=output.answer.float().mean(dim=0, keepdim=True).cpu(),
            fit=fit,
            region=learned_region(x_j, edits.mean(dim=0, keepdim=True)).cpu(),
            disagreement=spread,
            references=tuple(dict.fromkeys(name for group in groups for name in group)),
            seed=seed,
        )

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
