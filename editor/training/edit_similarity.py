"""Which pairs were edited alike, so that a model learns to follow the reference.

A reference that is drawn at random may show another kind of edit than y_j has: round glasses where square ones are the
truth. A model that is trained so paints the mean of all kinds, whatever the reference. So a few references are drawn,
and the one whose edit resembles that of j most is used. If all pairs show one kind of edit, this is as good as a random
choice.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from editor.data.dataset import PairDataset
from editor.models.canvas import Fetched

SIDE = 16  # pixels of the thumbnails on which edits are compared
OUTLINE = 0.5  # weight of a difference in where the edits lie; a difference in their colors has 1
AT_ONCE = 256  # pairs that are made thumbnails of in one batch, which bounds the memory


class EditSimilarity:
    """Thumbnails of what each pair adds, and a distance between them."""

    def __init__(self, pairs: PairDataset) -> None:
        """Make the thumbnails."""
        parts = []
        for start in range(0, len(pairs), AT_ONCE):
            part = pairs[start : start + AT_ONCE]
            parts.append(functional.adaptive_avg_pool2d(torch.cat(Fetched.of(part.x, part.y), dim=1), SIDE))
        self._targets, self._masks = torch.cat(parts).split([3, 1], dim=1)

    def nearest(self, j: Tensor, drawn: Tensor) -> Tensor:
        """Return for each pair the one of some others that was edited most like it.

        Args:
            j: Indices of pairs, (b,).
            drawn: Indices of those to choose from, (b, r, k).

        Returns:
            Indices, (b, r).
        """
        mask, masks = self._masks[j][:, None, None], self._masks[drawn]  # (b, 1, 1, 1, s, s), (b, r, k, 1, s, s)
        differences = (self._targets[j][:, None, None] - self._targets[drawn]).abs().mean(dim=3, keepdim=True)
        distances = mask * masks * differences + OUTLINE * (mask - masks).abs()
        distances = distances.sum((3, 4, 5)) / torch.maximum(mask, masks).sum((3, 4, 5)).clamp(min=1e-6)
        return drawn.gather(2, distances.argmin(dim=2, keepdim=True))[..., 0]
