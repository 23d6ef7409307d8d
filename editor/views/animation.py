"""The training as an animation (GIF, WebP or MP4): rows of previews with a label and a progress bar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from editor.errors import UserError
from editor.views.card import INK, LINE, MUTED, Card

AnimationFormat = Literal["gif", "webp", "mp4"]
MARGIN, GAP, LABEL = 14, 8, 34  # pixels
GROWTH_MS, SHORTEST_MS, LONGEST_MS = 4000, 100, 400  # duration of all frames together, and limits for one
FIRST_MS, DONE_MS, LAST_MS = 900, 1500, 2500  # the first frame, the result and the truth are shown longer
COLORS = 256  # of a GIF
RATE = 20  # frames a second of an MP4; a picture is repeated for as many frames as its duration needs


class AnimationError(UserError):
    """A format that cannot be written on this machine. The message is for a person."""


class Frame(NamedTuple):
    """One frame of the animation.

    Attributes:
        label: Below the pictures.
        images: Side by side; the same number in every frame.
        progress: Share of the training time, 0 to 1, for the progress bar.
    """

    label: str
    images: Sequence[Image.Image]
    progress: float


def save_animation(frames: Sequence[Frame], path: Path, side: int = 160) -> None:
    """Write an animation. GIF and WebP repeat without end.

    Args:
        frames: From first to last.
        path: The file; ends in .gif, .webp or .mp4.
        side: Every picture is scaled to a square of this many pixels.

    Raises:
        ValueError: There is no frame, or frames differ in their number of pictures.
        AnimationError: An MP4 without PyAV, whose wheels bundle x264 under the GPL, so that it is left to each person.
        OSError: The file cannot be written.
    """
    if not frames or len({len(frame.images) for frame in frames}) != 1 or not frames[0].images:
        raise ValueError("an animation needs frames, each with the same number of pictures")
    save_frames([_draw(frame, side) for frame in frames], durations(len(frames)), path)


def save_frames(images: Sequence[Image.Image], times: Sequence[int], path: Path) -> None:
    """Write pictures of one size one after the other, each shown for so many milliseconds; see `save_animation`."""
    if path.suffix == ".mp4":
        _save_film(images, times, path)
        return
    if path.suffix == ".gif":
        images = _in_few_colors(images)
    images[0].save(path, save_all=True, append_images=images[1:], duration=list(times), loop=0, quality=85, method=3)


def durations(count: int) -> list[int]:
    """Return how long each of `count` frames is shown, in milliseconds."""
    times = [min(max(GROWTH_MS // count, SHORTEST_MS), LONGEST_MS)] * count
    times[0] = FIRST_MS
    times[-2:-1] = [DONE_MS] if count > 2 else times[-2:-1]
    times[-1] = LAST_MS
    return times


def _save_film(images: Sequence[Image.Image], times: Sequence[int], path: Path) -> None:
    try:
        import av
    except ImportError as error:
        raise AnimationError(
            "An MP4 needs the package PyAV. Install it with .venv/bin/pip install av and try again, or choose "
            "another format."
        ) from error
    with av.open(path, "w", options={"movflags": "faststart"}) as film:
        stream = film.add_stream("libx264", rate=RATE, options={"crf": "16"})
        stream.pix_fmt = "yuv420p"  # the only pixel format that every player supports
        # Even, because 4:2:0 halves the resolution of the colors.
        stream.width, stream.height = (side - side % 2 for side in images[0].size)
        for image, milliseconds in zip(images, times):
            pixels = np.asarray(image.convert("RGB"))[: stream.height, : stream.width]
            for _ in range(round(milliseconds * RATE / 1000)):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        film.mux(stream.encode())


def _in_few_colors(images: Sequence[Image.Image]) -> list[Image.Image]:
    """Quantize all pictures to one palette, so that colors do not flicker; it also takes a tenth of the time."""
    width, height = images[0].size
    sheet = Image.new("RGB", (width, 3 * height))
    for row, image in enumerate((images[0], images[len(images) // 2], images[-1])):
        sheet.paste(image, (0, row * height))
    palette = sheet.quantize(COLORS)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def _draw(frame: Frame, side: int) -> Image.Image:
    width = 2 * MARGIN + len(frame.images) * (side + GAP) - GAP
    card = Card(max(width, 2 * MARGIN + 260), MARGIN + side + LABEL + MARGIN)
    for number, image in enumerate(frame.images):
        card.picture(image.convert("RGB"), (MARGIN + number * (side + GAP), MARGIN), (side, side))
    card.text((MARGIN, MARGIN + side + LABEL / 2), frame.label, 16, "lm", INK)
    y, end = MARGIN + side + LABEL + 4, width - MARGIN
    card.line([(MARGIN, y), (end, y)], LINE, 3)
    if frame.progress > 0:
        card.line([(MARGIN, y), (MARGIN + (end - MARGIN) * frame.progress, y)], MUTED, 3)
    return card.finish()
