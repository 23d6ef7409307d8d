"""A clip that shows an edit: the picture before, a line that wipes over to the picture after, and back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw, ImageFilter

from editor.views.animation import save_frames

ClipShape = Literal["square", "portrait"]
SIZES: dict[ClipShape, tuple[int, int]] = {"square": (640, 640), "portrait": (540, 960)}  # pixels, even for an MP4
NUM_WIPED = 14  # frames of one way of the line
WIPE_MS, BEFORE_MS, AFTER_MS = 60, 900, 1600
LINE_WIDTH = 4  # pixels
DIM = 0.45  # brightness of what fills the frame around a picture of another shape


def save_clip(before: Image.Image, after: Image.Image, path: Path, shape: ClipShape = "square") -> None:
    """Write a clip. GIF and WebP repeat without end.

    Args:
        before: The picture.
        after: Its edit, of the same size.
        path: The file; ends in .gif, .webp or .mp4.
        shape: Of the clip.

    Raises:
        AnimationError, OSError: As for `animation.save_animation`.
    """
    frames, times = zip(*_frames(*(framed(picture, SIZES[shape]) for picture in (before, after))))
    save_frames(frames, times, path)


def framed(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return a picture in the middle of a frame of another shape, which a blurred copy of it fills."""
    whole = _scaled(picture, min(side / own for side, own in zip(size, picture.size)))
    frame = _scaled(picture, max(side / own for side, own in zip(size, picture.size)))
    left, top = ((own - side) // 2 for side, own in zip(size, frame.size))
    frame = frame.crop((left, top, left + size[0], top + size[1])).filter(ImageFilter.GaussianBlur(max(size) / 24))
    frame = frame.point(lambda level: level * DIM)
    frame.paste(whole, tuple((side - own) // 2 for side, own in zip(size, whole.size)))
    return frame


def _scaled(picture: Image.Image, factor: float) -> Image.Image:
    size = tuple(max(1, round(side * factor)) for side in picture.size)
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _frames(before: Image.Image, after: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    """Yield the frames, and for how many milliseconds each is shown."""
    yield before, BEFORE_MS
    shares = [(1 - math.cos(math.pi * (k + 1) / (NUM_WIPED + 1))) / 2 for k in range(NUM_WIPED)]  # slow at both ends
    for share in shares:
        yield _wiped(before, after, share), WIPE_MS
    yield after, AFTER_MS
    for share in reversed(shares):
        yield _wiped(before, after, share), WIPE_MS


def _wiped(before: Image.Image, after: Image.Image, share: float) -> Image.Image:
    """Return a frame whose left part, that share of it, shows the picture after."""
    width, height = before.size
    line = round(share * width)
    frame = before.copy()
    frame.paste(after.crop((0, 0, line, height)), (0, 0))
    ImageDraw.Draw(frame).rectangle((line - LINE_WIDTH // 2, 0, line + LINE_WIDTH // 2, height), fill="white")
    return frame
