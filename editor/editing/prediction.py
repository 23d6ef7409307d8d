"""The network's output for one picture, kept so that another strength or size does not run the network again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from torch import Tensor

from editor.config import OutputKind
from editor.editing.copying import Copy
from editor.editing.filtered_photo import Filtered
from editor.editing.masks import mask_for
from editor.editing.transfer import transfer
from editor.grain import Grain, seed_of, with_grain
from editor.images import Fit
from editor.models.color_map import ColorMap
from editor.pasting.paste import Paste
from editor.training.mapping import map_photo


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The decoder's answer for one picture. It can be applied to the picture at any size.

    Attributes:
        kind: What the channels of the answer mean, see `models.autoencoder.blend`.
        answer: (1, c, h, w) float32 on the CPU, for the square or strip whose shorter side is the model's; the mean
            over the references where there are several.
        copies: What is copied from the references, for the same square or strip; the answer has the rest, a "warp".
        color_map: What the picture's pixels go through before the answer is applied to them, on the CPU; None if there
            is none.
        ends: Black and white points of the picture at the size at which it was predicted, see `ColorMap.ends_in`.
        grain: What is laid over the edit, last of all; None where nothing is.
        filtered: What the detail filter changes in the picture, before all else; None where there is none.
        fit: Where the picture lies in that square or strip.
        paste: What a reference adds, laid over all that; None where the effect adds nothing.
        region: Where the edit changes the picture, (1, 1, h, w) in [0, 1], see `masks.learned_region`;
            all of it where there is a detail filter, a map that depends on the photo, or grain.
        disagreement: Standard deviation of the edit over the references, (h, w) in 8-bit levels; None for one.
        references: Names of the pairs that served as references, the most important one first.
        seed: Of all noise.
    """

    kind: OutputKind
    answer: Tensor
    copies: tuple[Copy, ...]
    color_map: ColorMap | None
    ends: Tensor | None
    grain: Grain | None
    filtered: Filtered | None
    fit: Fit
    paste: Paste | None
    region: Tensor
    disagreement: Tensor | None
    references: tuple[str, ...]
    seed: int

    def apply(self, image: Image.Image, *, strength: float = 1.0) -> Image.Image:
        """Return the edit of `image`, the same picture at any size, see `transfer`."""
        edit = self._without_grain(image, strength)
        if self.grain is None or strength == 0:
            return edit
        seed, share = seed_of(np.asarray(image.convert("RGB"))), self.grain.in_copy(image.width / self.fit.size[0])
        return Image.fromarray(with_grain(np.asarray(edit), self.grain, seed, share * strength))

    def _without_grain(self, image: Image.Image, strength: float) -> Image.Image:
        color_map = self.color_map
        if self.filtered is not None and strength:
            image = self.filtered.apply(image, strength)
        if color_map is not None and color_map.needs_photo:  # what M moves has gone through it, as in training
            image, color_map = map_photo(color_map, image, strength, self.ends), None
        return transfer(
            self.kind,
            self.answer,
            image,
            self.fit,
            copies=self._laid_over(),
            color_map=color_map,
            strength=strength,
        )

    def mask(self, size: tuple[int, int]) -> Image.Image:
        """Return `region` as a mask for the picture at `size` (width, height), mode L."""
        return mask_for(self.region, self.fit.box, size)

    @property
    def pasted(self) -> tuple[str, ...]:
        """Name of the pair from which something is pasted, if there is one."""
        return () if self.paste is None else (self.paste.reference,)

    def disagreement_in_content(self) -> np.ndarray | None:
        """Return `disagreement` without the margins around the picture, (h, w)."""
        left, top, right, bottom = self.fit.box
        return None if self.disagreement is None else self.disagreement[top:bottom, left:right].numpy()

    @property
    def num_bytes(self) -> int:
        """Memory of the tensors and of the pictures that are copied from."""
        tensors = (self.answer, self.region, self.disagreement)
        own = sum(tensor.numel() * tensor.element_size() for tensor in tensors if tensor is not None)
        filtered = 0 if self.filtered is None else self.filtered.num_bytes
        return own + filtered + sum(copy.num_bytes for copy in self._laid_over())

    def _laid_over(self) -> tuple[Copy | Paste, ...]:
        return self.copies if self.paste is None else (*self.copies, self.paste)
