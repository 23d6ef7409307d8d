"""Frames: squares of a large photo that look like the pictures that were learned, each edited as a picture of its own.

A face in a group photo, for instance. A frame goes through the model at the model's size, as a photo of its own would,
and fades into the photo at its edges. Outside of all frames, every pixel is that of the photo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops

from editor.editing.errors import EditorError
from editor.editing.prediction import Prediction

FADE = 1 / 10  # of a frame's side, at each edge: what lies further inside is the edit alone
SMALLEST = 32  # pixels of the photo
MAX_FRAMES = 12
HEAT_SIDE = 512  # pixels of the map of disagreements


class Frame(NamedTuple):
    """A square in a photo, in the photo's pixels.

    Attributes:
        left: Its left edge.
        top: Its upper edge.
        side: Its side.
    """

    left: int
    top: int
    side: int

    def within(self, size: tuple[int, int]) -> Frame:
        """Return the frame, moved and shrunk until it lies in a photo of this width and height."""
        side = max(1, min(self.side, *size))
        left, top = (min(max(0, start), length - side) for start, length in zip(self[:2], size))
        return Frame(left, top, side)

    def box(self, scale: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in a copy of the photo, `scale` times as large and of this size."""
        side = max(1, min(round(self.side * scale), *size))
        scaled = Frame(round(self.left * scale), round(self.top * scale), side).within(size)
        return (*scaled[:2], scaled.left + side, scaled.top + side)


@dataclass(frozen=True, slots=True)
class FramedPrediction:
    """The answers for the frames of one photo. It can be applied as a `Prediction` can.

    Attributes:
        size: Width and height of the photo.
        frames: Its frames. Where two overlap, the later one lies over the earlier one.
        parts: What the model says of each.
    """

    size: tuple[int, int]
    frames: tuple[Frame, ...]
    parts: tuple[Prediction, ...]

    @classmethod
    def of(
        cls, image: Image.Image, frames: Sequence[Frame], predict: Callable[[Image.Image], Prediction]
    ) -> FramedPrediction:
        """Ask a model about each frame of a photo.

        Args:
            image: The photo at the size in which the frames are given.
            frames: One or more.
            predict: Asks it about a picture, for instance `Editor.predict`.

        Raises:
            EditorError: There are too many frames, or one does not lie in the photo.
        """
        require_frames(frames, image.size)
        parts = tuple(predict(image.crop(frame.box(1.0, image.size))) for frame in frames)
        return cls(image.size, tuple(frames), parts)

    def apply(self, image: Image.Image, *, strength: float = 1.0) -> Image.Image:
        """Return the edit of `image`, the same photo at any size. Each frame is edited from the photo itself."""
        image = image.convert("RGB")
        result = image.copy()
        for box, part in self._boxes(image.size):
            edit = part.apply(image.crop(box), strength=strength)
            result.paste(edit, box, _fade(box, image.size))
        return result

    def mask(self, size: tuple[int, int]) -> Image.Image:
        """Return where the edit changes the photo as a mask at `size`, mode L; 0 outside of all frames."""
        mask = Image.new("L", size)
        for box, part in self._boxes(size):
            inside = part.mask((box[2] - box[0], box[3] - box[1]))
            mask.paste(ImageChops.lighter(mask.crop(box), inside), box)
        return mask

    def disagreement_in_content(self) -> np.ndarray | None:
        """Return the standard deviation over the references, (h, w) in 8-bit levels, 0 outside; None for one."""
        maps = [part.disagreement_in_content() for part in self.parts]
        if any(of_part is None for of_part in maps):
            return None
        scale = min(1.0, HEAT_SIDE / max(self.size))
        size = tuple(max(1, round(side * scale)) for side in self.size)
        heat = np.zeros(size[::-1], dtype=np.float32)
        for (box, _), of_part in zip(self._boxes(size), maps):
            left, top, right, bottom = box
            resized = Image.fromarray(of_part).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
            heat[top:bottom, left:right] = np.maximum(heat[top:bottom, left:right], np.asarray(resized))
        return heat

    @property
    def references(self) -> tuple[str, ...]:
        """Names of the pairs that served as references."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.references))

    @property
    def pasted(self) -> tuple[str, ...]:
        """Names of the pairs from which something is pasted."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.pasted))

    @property
    def num_bytes(self) -> int:
        """Memory of all parts."""
        return sum(part.num_bytes for part in self.parts)

    def _boxes(self, size: tuple[int, int]) -> list[tuple[tuple[int, int, int, int], Prediction]]:
        scale = size[0] / self.size[0]
        return [(frame.box(scale, size), part) for frame, part in zip(self.frames, self.parts)]


def require_frames(frames: Sequence[Frame], size: tuple[int, int]) -> None:
    """Make sure that a photo of this width and height can have these frames.

    Raises:
        EditorError: There are too many, or one does not lie in the photo.
    """
    if len(frames) > MAX_FRAMES:
        raise EditorError(f"A photo can have at most {MAX_FRAMES} frames.")
    for frame in frames:
        if frame != frame.within(size) or frame.side < min(SMALLEST, *size):
            raise EditorError(
                f"The frame {frame.left},{frame.top},{frame.side} does not fit: it must lie in the photo, which is "
                f"{size[0]} x {size[1]} pixels, and be at least {SMALLEST} pixels large."
            )


def _fade(box: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
    """Return the weight of a frame's edit, mode L: 255 inside, falling to 0 at those edges that lie in the photo."""
    left, top, right, bottom = box
    across = _ramp(right - left, at_start=left > 0, at_end=right < size[0])
    down = _ramp(bottom - top, at_start=top > 0, at_end=bottom < size[1])
    return Image.fromarray(np.rint(255 * down[:, None] * across).astype(np.uint8))


def _ramp(length: int, *, at_start: bool, at_end: bool) -> np.ndarray:
    """Return weights along one side: a raised cosine from 0 at an edge to 1 at `FADE` of the side."""
    distance = np.arange(length) / max(FADE * length, 1)
    weight = 0.5 - 0.5 * np.cos(np.pi * distance.clip(0, 1))
    return np.where(at_start, weight, 1.0) * np.where(at_end, weight[::-1], 1.0)
