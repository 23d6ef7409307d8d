"""The first part of a training: a detail filter, learned from crops of the pairs at their full size.

Where an effect changes what is finer than the model's pixels all over a picture, `models.detail_filter` learns that
first. Then sources are replaced by what the filter makes of them (`training.filtered_pairs`), and M learns what is
left. Continue gives both another turn.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from editor.data.large_dataset import LargeDataset
from editor.device import autocast, sent
from editor.models.detail_filter import MULTIPLE
from editor.models.editing_model import EditingModel
from editor.training.crispness import fitting_crispness
from editor.training.objective import edge_loss

SHARE = 0.5  # of the budget
UPDATES = 3  # of the filter in one training step, which then takes about as long as a step of M
CROP = 96  # pixels
BATCH_SIZE = 8
MOST_CRISP = 2.5  # of a comic, 2 costs nothing, 3 costs 0.4 dB and has all of the detail
EDGES = 3.0  # weight of the edge loss
MAX_PREVIEWED = 2 * 2**20  # pixels of the pairs that previews filter: some two seconds of one core


class DetailStage:
    """The pairs from which a detail filter learns, and its loss.

    Attributes:
        training: Pairs to learn from, at the size at which detail is learned.
        held_out: Pairs to look at, likewise.
    """

    def __init__(self, training: LargeDataset, held_out: LargeDataset) -> None:
        self.training, self.held_out = training, held_out
        self._crop = 0

    def gradients(
        self, model: EditingModel, generator: torch.Generator, scale: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Leave the gradient of one batch of crops in the parameters of a model, and return its unweighted losses.

        Args:
            model: In training mode.
            generator: Source of all draws.
            scale: By what the gradient is multiplied, see `gradients.StepBatch`.
        """
        device = next(model.parameters()).device
        model.zero_grad(set_to_none=True)
        x, y = sent(self.training.crops(BATCH_SIZE, self._crop_side(), generator), device).unbind(1)
        with autocast(device):
            edit = model.filtered(x.contiguous(memory_format=torch.channels_last))
        losses = {"target": functional.l1_loss(edit, y), "edges": edge_loss(edit, y)}
        loss = losses["target"] + EDGES * losses["edges"]
        (loss if scale is None else scale * loss).backward()
        return {name: loss.detach() for name, loss in losses.items()}

    @torch.inference_mode()
    def fit_crispness(self, model: EditingModel) -> None:
        """Set the crispness of a model's detail filter, in evaluation mode, by some of the pairs to learn from."""
        detail_filter, device = model.detail_filter, next(model.parameters()).device
        generator = torch.Generator().manual_seed(0)
        x, y = self.training.crops(BATCH_SIZE, self._crop_side(), generator).to(device).unbind(1)
        edits = []
        for amount in (0.0, 1.0):  # an edit is linear in it
            detail_filter.crispness.fill_(amount)
            with autocast(device):
                edits.append(model.filtered(x.contiguous(memory_format=torch.channels_last)).float())
        plain, crisp = edits
        detail_filter.crispness.fill_(fitting_crispness(plain=plain, crisp=crisp, y=y, most=MOST_CRISP))

    def num_previewed(self) -> int:
        """Return how many of `shown` previews filter: at least one."""
        room = MAX_PREVIEWED
        for index in range(len(self.shown)):
            room -= self.shown[index][0, 0].numel()
            if room < 0:
                return max(1, index)
        return len(self.shown)

    def forget(self) -> None:
        """Free the memory of the large pictures until they are needed again."""
        for pairs in (self.training, self.held_out):
            pairs.forget()

    @property
    def shown(self) -> LargeDataset:
        """The pairs whose first ones previews show."""
        return self.held_out if len(self.held_out) else self.training

    def _crop_side(self) -> int:
        if not self._crop:
            smallest = min(min(self.training[index].shape[-2:]) for index in range(len(self.training)))
            self._crop = min(CROP, smallest // MULTIPLE * MULTIPLE)
        return self._crop
