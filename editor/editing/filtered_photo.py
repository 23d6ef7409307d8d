"""What the detail filter changes in a photo, at the scale that the filter knows."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from editor.config import DetailConfig
from editor.models.editing_model import EditingModel
from editor.training.filtered_pairs import filter_pixels
from editor.training.mapping import ends_in_photo, map_photo

# A photo may be that much larger than the pictures that were learned from; beyond, it is filtered at a smaller size, or
# lines learned at 256 pixels would be hairs in 12 megapixels. It bounds the time, too.
MOST_ENLARGED = 4
ROWS = 512  # of a photo that are computed at once, which bounds the memory


@dataclass(frozen=True, slots=True)
class Filtered:
    """A photo before and after the detail filter, at the size at which it was filtered.

    Attributes:
        before: The photo.
        after: The photo after the filter, same size.
    """

    before: Image.Image
    after: Image.Image

    @classmethod
    def of(cls, model: EditingModel, photo: Image.Image, config: DetailConfig) -> Filtered:
        """Filter a photo of any size: about a second a megapixel on two cores."""
        scale = min(config.scale, MOST_ENLARGED * config.size / max(photo.size))
        size = tuple(max(1, round(side * scale)) for side in photo.size)
        before = photo.convert("RGB")
        if before.size != size:
            before = before.resize(size, Image.Resampling.LANCZOS)
        source = before
        if model.needs_photo:
            color_map = copy.deepcopy(model.color_map).cpu()
            source = map_photo(color_map, before, ends=ends_in_photo(color_map, photo))
        pixels = torch.from_numpy(np.array(source)).permute(2, 0, 1)
        after = filter_pixels(model, pixels).permute(1, 2, 0).contiguous().numpy()
        return cls(before, Image.fromarray(after))

    def apply(self, photo: Image.Image, strength: float) -> Image.Image:
        """Return the photo, which may have another size, with `strength` times the change."""
        photo = photo.convert("RGB")
        if strength == 1 and photo.size == self.after.size:
            return self.after
        sides = (self.before, self.after)
        if photo.size != self.before.size:
            sides = tuple(side.resize(photo.size, Image.Resampling.BICUBIC) for side in sides)
        result = np.array(photo)
        before, after = map(np.asarray, sides)
        for top in range(0, len(result), ROWS):
            rows = slice(top, top + ROWS)
            change = after[rows].astype(np.float32) - before[rows]
            result[rows] = np.rint(result[rows] + strength * change).clip(0, 255)
        return Image.fromarray(result)

    @property
    def num_bytes(self) -> int:
        """Memory of both pictures."""
        return 2 * 3 * self.before.width * self.before.height
