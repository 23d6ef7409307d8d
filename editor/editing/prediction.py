"""What the network has to say about one picture, kept, so that it can be applied again without running it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from torch import Tensor

from editor.config import OutputKind
from editor.editing.region import mask_for
from editor.editing.transfer import transfer
from editor.images import Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The decoder's answer for one picture. A copy of the picture at any other size can be edited with it too.

    Attributes:
        kind: How the answer is meant.
        answer: (1, c, h, w), float32 on the CPU, for a square or a strip, whose shorter side is the model's; the mean
            of several where several references were asked.
        fit: Where the picture lies in there.
        region: What the answer means to change, (1, 1, h, w) in [0, 1], see `region.learned_region`.
        disagreement: Standard deviation over the edits by each reference, (h, w) in 8-bit levels; None for one.
        references: Names of the pairs that it goes by, the first first.
        seed: What the noise was drawn from.
    """

    kind: OutputKind
    answer: Tensor
    fit: Fit
    region: Tensor
    disagreement: Tensor | None
    references: tuple[str, ...]
    seed: int

    def apply(self, image: Image.Image, *, strength: float = 1.0) -> Image.Image:
        """Return the edit of `image`, which is the picture at any size; see `transfer`."""
        return transfer(self.kind, self.answer, image, self.fit, strength=strength)

    def mask(self, size: tuple[int, int]) -> Image.Image:
        """Return `region` as a mask of the picture at a size, mode L."""
        return mask_for(self.region, self.fit.box, size)

    def disagreement_in_content(self) -> np.ndarray | None:
        """Return `disagreement` without the margins around the picture, (h, w)."""
        left, top, right, bottom = self.fit.box
        return None if self.disagreement is None else self.disagreement[top:bottom, left:right].numpy()

    @property
    def num_bytes(self) -> int:
        """How much memory it takes, about."""
        tensors = (self.answer, self.region, self.disagreement)
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors if tensor is not None)
