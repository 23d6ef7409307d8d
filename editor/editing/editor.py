"""The `Editor`: a trained model with the pairs of its run, which edits pictures of any size.

```
editor = Editor.load(Path("workspace/runs/my-run"))
editor.edit(Path("me.jpg")).image.save("me-edited.png")
```
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import torch
from einops import rearrange, repeat
from PIL import Image
from torch import Tensor

from editor.config import MAX_SEED, FitMode
from editor.data.dataset import PairDataset
from editor.device import autocast, pick_device
from editor.editing.copying import Copy
from editor.editing.errors import EditorError, require_usable
from editor.editing.frames import Frame, FramedPrediction
from editor.editing.loading import RunPairs, Weights, load_run
from editor.editing.masks import learned_region
from editor.editing.prediction import Prediction
from editor.editing.references import ReferenceChoice, choose, rank
from editor.editing.sight import Sight
from editor.editing.windows import CrossFade, Windows
from editor.image_files import load_image, load_layers
from editor.images import to_image
from editor.models.autoencoder import COPIED_CHANNELS, OUTPUT_CHANNELS, Copied, split_copied
from editor.models.editing_model import EditingModel
from editor.models.sampling import sample
from editor.pasting.cutout import CutoutPicture, Cutouts, PairCutout
from editor.pasting.paste import NUM_CANDIDATES, NUM_JUDGED, Candidate, Paste, Trial, find_paste, is_worth_pasting
from editor.transparency import Layers, as_transparent

MAX_STRENGTH = 1.5
WINDOW_PIXELS = 8 * 128**2  # of the windows that go through the network at once; it bounds the memory of a long picture


@dataclass(frozen=True, slots=True)
class EditResult:
    """One edited picture.

    Attributes:
        image: The edit, as large as the original; as transparent as that where it was given as a file.
        reference: Name of the pair that served as (x_i, y_i).
        seed: Of all random numbers.
        seconds: How long the edit took.
    """

    image: Image.Image
    reference: str
    seed: int
    seconds: float


def require_strength(strength: float) -> None:
    """Raise an EditorError if an edit cannot be that strong."""
    if not 0 <= strength <= MAX_STRENGTH:
        raise EditorError(f"The strength must be a number from 0 to {MAX_STRENGTH}.")


class Editor:
    """A trained model with its reference pairs, ready to edit any number of pictures.

    Attributes:
        model: In evaluation mode.
        pairs: All pairs of the run, as the model sees them.
        references: Names of those that may serve as (x_i, y_i).
        step: Training step of the weights.
        sight: What the model sees of a picture.
        device: Where the model is.
    """

    def __init__(
        self,
        model: EditingModel,
        pairs: PairDataset,
        references: tuple[str, ...],
        step: int,
        loaded: RunPairs | None = None,
    ) -> None:
        """Use `Editor.load` instead, where the model is that of a run.

        Args:
            model: With trained weights, in evaluation mode.
            pairs: All pairs of the run.
            references: Names of the pairs that may serve as (x_i, y_i): those that were trained on.
            step: Training step of the weights.
            loaded: The pairs as they were read; None where they are not from files.
        """
        self.model = model
        self.pairs = pairs
        self.references = references
        self.step = step
        self._loaded = loaded
        self._cutouts = loaded.cutouts if loaded else Cutouts(pairs)
        self._has_stand_ins = bool(loaded and loaded.received and not loaded.received.needs_pairs)
        self.sight = Sight(model)
        self.device = next(model.parameters()).device

    @classmethod
    def load(
        cls,
        run_dir: Path | str,
        device: str | torch.device = "auto",
        *,
        weights: Weights = "chosen",
        earlier: Editor | None = None,
    ) -> Editor:
        """Load averaged weights of a run, also while it is still being trained.

        Args:
            run_dir: The run's folder, or an effect file. Where there is neither, an effect on the Hugging Face Hub,
                "user/effect" or "user/effect@revision", which is downloaded.
            device: "auto", "cpu", "cuda", "mps" or a torch device.
            weights: The "chosen" ones (see `training.history.WeightSelection`), so that training for too long spoils
                nothing, or the newest. Without held-out pairs both are the newest.
            earlier: An editor of perhaps the same run. Its pairs are shared where they are, instead of read again.

        Raises:
            EditorError: There is no run there, or nothing was learned yet.
            ImageError: A picture of a pair cannot be read.
            DeviceError: This machine has no such device.
        """
        device = pick_device(device) if isinstance(device, str) else device
        model, step, pairs, dataset = load_run(Path(run_dir), device, weights, earlier._loaded if earlier else None)
        return cls(model, dataset, pairs.references, step, pairs)

    @property
    def image_size(self) -> int:
        """Side of the square in which the model works, in pixels."""
        return self.model.config.image_size

    @property
    def fit(self) -> FitMode:
        """How a picture becomes a square, see `images`."""
        return self.model.config.fit

    def index(self, name: str) -> int:
        """Return the place of a pair in `pairs`.

        Raises:
            EditorError: There is no such pair.
        """
        if name not in self.pairs.names:
            raise EditorError(f"This run has no pair named {name!r}. It has: {', '.join(self.pairs.names)}.")
        return self.pairs.names.index(name)

    def pair(self, name: str) -> Tensor:
        """Return source and target of a pair, (2, 3, s, s) in [-1, 1].

        Raises:
            EditorError: There is no such pair.
        """
        return self.pairs[[self.index(name)]].images[0]

    def edit(
        self,
        image: Image.Image | Path,
        *,
        seed: int = 0,
        reference: str | None = None,
        choice: ReferenceChoice = "random",
        num_steps: int = 1,
        strength: float = 1.0,
        frames: Sequence[Frame] = (),
    ) -> EditResult:
        """Edit one picture of any size. The same arguments give the same result, whatever was edited before.

        Args:
            image: The picture, or the path of one.
            seed: See `predict`, and so are the next three.
            reference: Name of the pair that serves as (x_i, y_i).
            choice: How to choose one where none is named.
            num_steps: Number of sampling steps.
            strength: Factor of the edit, 0 to `MAX_STRENGTH`; 0 leaves the picture as it is.
            frames: Squares of the picture that are edited instead of all of it.

        Raises:
            EditorError: There is no such reference, a number or a frame makes no sense, or the weights produce no
                picture.
            ImageError: The file is not a usable picture.
        """
        start = time.perf_counter()
        require_strength(strength)
        layers = load_layers(image) if isinstance(image, Path) else Layers(image)
        shown = layers.shown()
        predict = partial(self.predict, seed=seed, reference=reference, choice=choice, num_steps=num_steps)
        prediction = FramedPrediction.of(shown, frames, predict) if frames else predict(shown)
        result = as_transparent(prediction.apply(shown, strength=strength), layers)
        return EditResult(result, prediction.references[0], seed, time.perf_counter() - start)

    @torch.inference_mode()
    def predict(
        self,
        image: Image.Image,
        *,
        seed: int = 0,
        reference: str | None = None,
        choice: ReferenceChoice = "random",
        num_steps: int = 1,
    ) -> Prediction:
        """Run the network on a picture. The prediction can then be applied at any strength and size.

        Args:
            image: The picture, any size.
            seed: Of all noise and, for the choice "random", of the references.
            reference: Name of the pair that serves as (x_i, y_i).
            choice: How to choose one where none is named: the "best" match (see `match`), a "random" one as in
                Sec. 3.2, or the "average" of the edits by the `references.NUM_AVERAGED` best.
            num_steps: Number of sampling steps, see `models.sampling`.

        Raises:
            EditorError: There is no such reference, a number is out of range, or the weights produce no picture.
        """
        if not 0 <= seed <= MAX_SEED:
            raise EditorError(f"The seed must be a whole number from 0 to {MAX_SEED}.")
        if not 1 <= num_steps <= self.model.num_timesteps:
            raise EditorError(f"The number of steps must be from 1 to {self.model.num_timesteps}.")
        x_j, fit, filtered, ends = self.sight.of(image)
        windows = Windows.over(tuple(x_j.shape[-2:]), self.sight.window_grid)
        middle = len(windows) // 2
        groups = self._choose(windows.cut(x_j, range(middle, middle + 1)), reference, choice, seed)
        kind = self.model.config.output
        plain = "warp" if kind == "canvas" else kind
        copied = [COPIED_CHANNELS] * len(groups) if kind == "canvas" else []
        channels = [OUTPUT_CHANNELS[plain], *copied, 3, 1]
        faded = CrossFade(windows, sum(channels))
        for which in windows.parts(max(1, WINDOW_PIXELS // (len(groups) * self.image_size**2))):
            faded.add(which, self._predict_windows(windows, which, x_j, groups, num_steps=num_steps, seed=seed))
        answer, *copied, edit, disagreement = faded.strip.split(channels, dim=1)
        paste = self._paste(edit, x_j, [reference] if reference else self._candidates(x_j)) if self.adds else None
        is_everywhere = filtered is not None or self.model.needs_photo or self.model.grain is not None
        region = torch.ones_like(x_j[:, :1]) if is_everywhere else learned_region(x_j, edit)
        used = [name for group in groups for name in group]
        if paste:  # what a single other reference has painted gives way to it
            used = [paste.reference, *(used if len(groups) > 1 else [])]
        return Prediction(
            kind=plain,
            answer=answer.clone(),
            copies=tuple(
                Copy(Copied(*maps.clone().split([1, 1, 2], dim=1)), *self._large_pair(group[0]), weight=1 / len(groups))
                for maps, group in zip(copied, groups)
            ),
            color_map=self.sight.color_map,
            ends=ends,
            grain=self.model.grain,
            filtered=filtered,
            fit=fit,
            paste=paste,
            region=region if paste is None else torch.maximum(region, paste.region()),
            disagreement=disagreement[0, 0].clone() if len(groups) > 1 else None,
            references=tuple(dict.fromkeys(used)),
            seed=seed,
        )

    @cached_property
    @torch.inference_mode()
    def adds(self) -> bool:
        """Whether the effect adds something that edits had better paste from a reference, see `pasting`.

        Judged on pairs that were not trained on, as far as there are any.
        """
        if self._loaded and self._loaded.received:
            return bool(self._loaded.cutout_files)
        if not self.model.may_add:
            return False
        others = [name for name in self.pairs.names if name not in self.references] or self.references[-NUM_JUDGED:]
        return is_worth_pasting(map(self._trial, others[:NUM_JUDGED]))

    def _trial(self, name: str) -> Trial:
        """Edit a pair with others as references."""
        x_j, y_j = self.pair(name).split(1)
        references = [other for other in self.match(x_j) if other != name]
        group = references[: self.model.config.group_size - 1] or [name]
        windows = Windows.over(tuple(x_j.shape[-2:]), self.sight.window_grid)
        edit = self._predict_windows(windows, range(1), x_j, [group], num_steps=1, seed=0)[:, -4:-1]
        return Trial(self._paste(edit, x_j, references[:NUM_CANDIDATES]), edit, x_j, y_j)

    def _candidates(self, x_j: Tensor) -> Sequence[str]:
        return self.references if len(self.references) <= NUM_CANDIDATES else self.match(x_j)[:NUM_CANDIDATES]

    def _paste(self, edit: Tensor, x_j: Tensor, names: Sequence[str]) -> Paste | None:
        candidates = [Candidate(name, self._cutouts[name], partial(self._large_cutout, name)) for name in names]
        return find_paste(edit, x_j, candidates)

    def _predict_windows(
        self, windows: Windows, which: range, x_j: Tensor, groups: Sequence[Sequence[str]], *, num_steps: int, seed: int
    ) -> Tensor:
        """Run the network on some windows of a picture.

        Args:
            windows: All windows of the picture.
            which: Indices of those to compute.
            x_j: The picture, (1, 3, h, w) in [-1, 1].
            groups: Names of the references of each edit, see `references.choose`.
            num_steps: Number of sampling steps.
            seed: Of all noise.

        Returns:
            (n, c, s, s) float32 on the CPU, for each window: what is done with x_j, a mean over the groups; what each
            group copies; the edit in [-1, 1], a mean; and its standard deviation over the groups in 8-bit levels.

        Raises:
            EditorError: The weights produce no picture.
        """
        n, g = len(which), len(groups)
        x_j = repeat(windows.cut(x_j, which).to(self.device), "n c h w -> (n g) c h w", g=g)
        if self._has_stand_ins and groups[0][0] in self.references:  # each picture is its own pair
            pairs = repeat(x_j, "b c h w -> b r side c h w", r=len(groups[0]), side=2)
        else:
            pairs = torch.stack([torch.stack([self.pair(name) for name in group]) for group in groups])
            pairs = repeat(pairs.to(self.device), "g r side c h w -> (n g) r side c h w", n=n)
        with autocast(self.device):
            noise = windows.noise(which, seed)
            x_i, y_i = pairs.unbind(dim=2)
            output = sample(self.model, x_i=x_i, y_i=y_i, x_j=x_j, num_steps=num_steps, noise=noise)
        require_usable(output.answer)
        answers = rearrange(output.answer.float(), "(n g) c h w -> g n c h w", n=n)
        edits = rearrange(output.y_j_hat.float().clamp(-1, 1), "(n g) c h w -> g n c h w", n=n)
        deviation = edits.std(dim=0).mean(dim=1, keepdim=True) * 127.5 if g > 1 else torch.zeros_like(edits[0, :, :1])
        parts = [split_copied(self.model.config.output, answer) for answer in answers]
        plain = torch.stack([part for _, part, _ in parts]).mean(dim=0)
        copied = [torch.cat(part, dim=1) for *_, part in parts if part is not None]
        return torch.cat([plain, *copied, edits.mean(dim=0), deviation], dim=1).cpu()

    def _large_pair(self, name: str) -> tuple[Image.Image, Image.Image]:
        """Return x_i and y_i of a pair as squares, at the model's size or larger."""
        large = self._loaded.large.get(name) if self._loaded else None
        if large is None:
            x_i, y_i = (to_image(image) for image in self.pair(name))
            return x_i, y_i
        return load_image(large.source), load_image(large.target)

    def cutouts(self, name: str) -> tuple[CutoutPicture, CutoutPicture]:
        """Return what a pair adds, at the size at which it is placed, and at its own."""
        large = self._large_cutout(name)
        if isinstance(large, PairCutout):
            large = CutoutPicture.of(large.at(large.x_i.width))
        return CutoutPicture.of(self._cutouts[name]), large

    def _large_cutout(self, name: str) -> PairCutout | CutoutPicture:
        file = self._loaded.cutout_files.get(name) if self._loaded else None
        return CutoutPicture.load(file.large) if file else PairCutout(*self._large_pair(name))

    def match(self, x_j: Tensor) -> list[str]:
        """Return the names of all references, the one that fits x_j best first, see `references.rank`.

        Args:
            x_j: The picture to edit, (1, 3, s, s) in [-1, 1].
        """
        return rank(self.model, self.pairs, self.references, x_j.to(self.device))

    def _choose(self, x_j: Tensor, named: str | None, choice: ReferenceChoice, seed: int) -> list[list[str]]:
        if named is not None:
            self.index(named)  # raises if there is none
        return choose(
            self.references,
            lambda: self.match(x_j),
            count=self.model.config.group_size - 1,
            choice=choice,
            named=named,
            seed=seed,
        )
