"""What a model sees of a picture to edit: a square or a strip of it, after what goes before the model."""

from __future__ import annotations

import copy
import hashlib
import math
from typing import NamedTuple

from PIL import Image
from torch import Tensor

from editor.editing.filtered_photo import Filtered
from editor.images import Fit, box_in_square, fit_to_square, fit_to_strip, square_of, to_tensor
from editor.models.autoencoder import MOVE_POOL
from editor.models.color_map import places_in
from editor.models.editing_model import EditingModel
from editor.training.mapping import ends_in_photo


class Seen(NamedTuple):
    """A picture as a model sees it.

    Attributes:
        x_j: (1, 3, h, w) in [-1, 1]; the shorter side is the model's.
        fit: Where the picture lies in that square or strip.
        filtered: What the detail filter changes in the picture, before all else; None where there is none.
        ends: Black and white points of the picture, see `ColorMap.ends_in`; None where its levels do not matter.
    """

    x_j: Tensor
    fit: Fit
    filtered: Filtered | None
    ends: Tensor | None


class Sight:
    """Brings pictures into the form that a model was trained on.

    Attributes:
        color_map: What every pixel of a picture goes through, on the CPU: before the model where it depends on the
            photo, else before its answer is applied. None where there is none, or where it is a part of the detail
            filter.
    """

    def __init__(self, model: EditingModel) -> None:
        """Look for what goes before a model in evaluation mode."""
        self._model = model
        self._last_filtered: tuple[bytes, Filtered | None] = b"", None  # with a digest of the picture
        has_map = model.color_map is not None and not model.color_map.is_identity and not model.has_detail
        self.color_map = copy.deepcopy(model.color_map).cpu() if has_map else None

    def of(self, image: Image.Image) -> Seen:
        """Return what the model sees of a picture to edit: all of it, as a square or as a strip."""
        filtered = self.filtered(image)
        source, size = filtered.after if filtered else image, self._model.config.image_size
        is_strip = self._model.config.fit == "crop"
        picture, fit = fit_to_strip(source, size, self.window_grid) if is_strip else fit_to_square(source, size)
        ends = self._ends(image)
        return Seen(self._mapped(picture, fit.box, ends), fit._replace(size=image.size), filtered, ends)

    def square(self, image: Image.Image) -> Tensor:
        """Return what the model would have seen of a picture in training, (3, s, s) in [-1, 1]."""
        filtered, config = self.filtered(image), self._model.config
        square = square_of(filtered.after if filtered else image, config.image_size, config.fit)
        box = box_in_square(image.size, config.image_size, config.fit)
        return self._mapped(square, box, self._ends(image))[0]

    def filtered(self, image: Image.Image) -> Filtered | None:
        """Return what the detail filter makes of a picture; None where there is no such filter.

        That of the last picture is kept, since another reference or seed does not change it.
        """
        if not self._model.has_detail:
            return None
        digest = hashlib.blake2b(image.tobytes() + repr(image.size).encode()).digest()
        known, filtered = self._last_filtered
        if known != digest:
            filtered = Filtered.of(self._model, image, self._model.config.detail)
            self._last_filtered = digest, filtered
        return filtered

    @property
    def window_grid(self) -> int:
        """Pixels of which each window's start is a multiple, so that neighbors divide what they share alike.

        What must not be divided is a token of the embedding and a cell of the decoder's flow.
        """
        return math.lcm(self._model.config.token_size, MOVE_POOL)

    def _ends(self, image: Image.Image) -> Tensor | None:
        return None if self.color_map is None else ends_in_photo(self.color_map, image)

    def _mapped(self, picture: Image.Image, box: tuple[float, float, float, float], ends: Tensor | None) -> Tensor:
        """Return a square or strip, in which the whole picture fills a box, after a map that depends on the photo."""
        x_j = to_tensor(picture)[None]
        if self.color_map is None or not self.color_map.needs_photo:
            return x_j
        return self.color_map(x_j, places=places_in(box, picture.size), ends=ends).clamp(-1, 1)
