"""Edits of a few pairs with the averaged weights while a model trains: what the screen shows and what is scored.

They are what an `Editor` of these weights makes of the pairs: what the effect adds is pasted where that is better.
"""

from __future__ import annotations

from functools import partial
from itertools import islice

import torch
from torch import Tensor

from editor.config import RunConfig
from editor.data.dataset import PairDataset
from editor.data.large_dataset import LargeDataset
from editor.device import autocast
from editor.images import to_image
from editor.metrics.psnr import psnr, ssim
from editor.models.autoencoder import crispen
from editor.models.editing_model import EditingModel
from editor.models.sampling import sample
from editor.pasting.cutout import Cutouts, PairCutout
from editor.pasting.paste import NUM_CANDIDATES, NUM_JUDGED, Candidate, Trial, find_paste, is_worth_pasting
from editor.training.crispness import NUM_PAIRS, fitting_crispness
from editor.training.events import Preview
from editor.training.filtered_pairs import filter_pairs
from editor.training.micro_batch import MicroBatch, noise_for_rows
from editor.training.registration import Registered

MAX_SHOWN = 8  # pairs


class Previewer:
    """Edits the same pairs with the same references and noise each time, so previews differ by the weights only.

    Attributes:
        shown: The pairs that are edited: the first of those held out or, if there are none, of those trained on.
    """

    def __init__(
        self,
        averaged: EditingModel,
        pairs: Registered,
        config: RunConfig,
        device: torch.device,
        num_shown: int = MAX_SHOWN,
    ) -> None:
        """Prepare previews of one model.

        Args:
            averaged: Holds the averaged weights, which its owner goes on updating.
            pairs: References come from those trained on, and so do the pairs shown if none is held out.
            config: Settings of the run.
            device: Where the model is.
            num_shown: How many pairs to show, at most `MAX_SHOWN`.
        """
        self._model = averaged
        self._training = pairs.training
        self._is_held_out = len(pairs.held_out) > 0
        self.shown = (pairs.held_out if self._is_held_out else pairs.training)[: min(num_shown, MAX_SHOWN)]
        self._config = config
        self._device = device
        self._batch = MicroBatch(MAX_SHOWN, device)
        self._cutouts = Cutouts(self._training)

    def over(self, pairs: Registered) -> Previewer:
        """Return previews of the same model over the same pairs with other sources."""
        return Previewer(self._model, pairs, self._config, self._device, len(self.shown))

    @torch.no_grad()
    def filtered(self, large: LargeDataset, *, step: int, seconds: float, is_base: bool) -> Preview:
        """Filter the pairs shown with the averaged detail filter, and edit them where M has learned something.

        What it explains stays in the averaged model, so the caller saves its weights after this.

        Args:
            large: The pairs shown at the size at which detail is learned, and perhaps more.
            step: Of the training.
            seconds: Of the training.
            is_base: Whether M has not learned anything yet.
        """
        filtered, explained = filter_pairs(self._model, self.shown, large)
        self._model.detail_filter.explained.fill_(explained)
        edits = filtered.x if is_base else self._edits(filtered).cpu()
        return self._scored(edits, filtered.y, step=step, seconds=seconds, is_base=is_base)

    @torch.no_grad()
    def preview(self, *, step: int, seconds: float, is_base: bool = False) -> Preview:
        """Measure the crispness of the averaged model and edit the pairs shown.

        The measured crispness stays in the averaged model, so the caller saves its weights after this.

        Args:
            step: Of the training.
            seconds: Of the training.
            is_base: Whether M has not learned anything yet.

        Raises:
            TrainingError: Memory does not suffice for a single picture.
        """
        self._model.crispness = 0.0
        if self._model.is_crispened:
            self._model.crispness = self._fitting_crispness(self._training[:NUM_PAIRS])
        edits = self._edits(self.shown).cpu()
        if not is_base:
            edits = self._pasted(edits)
        return self._scored(edits, self.shown.y, step=step, seconds=seconds, is_base=is_base)

    def _edits(self, pairs: PairDataset) -> Tensor:
        x_j = pairs.x.to(self._device)
        return self._carry_out(self._predict(x_j), x_j).clamp(-1, 1)

    def _pasted(self, edits: Tensor) -> Tensor:
        """Return edits of the pairs shown, (b, 3, h, w), with what the effect adds laid over, if that is better."""
        if not self._model.may_add:
            return edits
        trials = (
            self._trial(*row)
            for row in zip(self.shown.names, edits.split(1), self.shown.x.split(1), self.shown.y.split(1))
        )
        judged = list(islice(trials, NUM_JUDGED))
        if not is_worth_pasting(judged):
            return edits
        return torch.cat([trial.edit() for trial in (*judged, *trials)])

    def _trial(self, name: str, edit: Tensor, x_j: Tensor, y_j: Tensor) -> Trial:
        others = [other for other in self._training.names[: NUM_CANDIDATES + 1] if other != name]
        candidates = [
            Candidate(other, self._cutouts[other], partial(self._pictures, other)) for other in others[:NUM_CANDIDATES]
        ]
        return Trial(find_paste(edit, x_j, candidates), edit, x_j, y_j)

    def _pictures(self, name: str) -> PairCutout:
        return PairCutout(*map(to_image, self._training[[self._training.names.index(name)]].images[0]))

    def _scored(self, y_j_hat: Tensor, y_j: Tensor, *, step: int, seconds: float, is_base: bool) -> Preview:
        return Preview(
            step=step,
            seconds=seconds,
            is_base=is_base,
            psnr=psnr(y_j_hat, y_j).mean().item(),
            ssim=ssim(y_j_hat, y_j).mean().item(),
            is_held_out=self._is_held_out,
            pictures=dict(zip(self.shown.names, y_j_hat.cpu())),
        )

    def _fitting_crispness(self, pairs: PairDataset) -> float:
        """Return how much detail the edits of the averaged weights lack on some pairs, see `training.crispness`.

        Training pairs come out crisper than unseen ones, so this errs towards too little.
        """
        x_j = pairs.x.to(self._device)
        answers = self._predict(x_j)
        plain, crisp = (
            self._carry_out(answer, x_j) for answer in (answers, crispen(self._config.output, answers, 1.0))
        )
        return fitting_crispness(plain=plain, crisp=crisp, y=pairs.y.to(self._device))

    def _carry_out(self, answers: Tensor, x_j: Tensor) -> Tensor:
        """Return the edits, (b, 3, h, w), that follow from `_predict`."""
        x_i, y_i = self._training[:1].images[0].to(self._device)[:, None].expand(2, *x_j.shape)
        return self._model.carry_out(answers, x_j, x_i, y_i)[1]

    def _predict(self, x_j: Tensor) -> Tensor:
        """Return the decoder's answers for x_j (b, 3, h, w), see `EditOutput.answer`."""
        references = self._training[: self._config.group_size - 1].images.to(self._device)
        references = references.expand(len(x_j), *references.shape)  # (b, r, 2, 3, h, w)

        def in_parts(size: int) -> Tensor:
            parts = []
            for start in range(0, len(x_j), size):
                rows = slice(start, min(start + size, len(x_j)))
                noise = noise_for_rows(torch.Generator().manual_seed(0), rows, len(x_j), self._device)
                with autocast(self._device):
                    output = sample(
                        self._model,
                        x_i=references[rows, :, 0],
                        y_i=references[rows, :, 1],
                        x_j=x_j[rows],
                        noise=noise,
                    )
                parts.append(output.answer)
            return torch.cat(parts).float()

        return self._batch.fit(in_parts)
