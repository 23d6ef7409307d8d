"""Video clips: every frame edited by one reference and with one noise, so that edits do not flicker; sound is kept."""

from __future__ import annotations

import errno
import importlib.util
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from editor.editing.errors import EditorError
from editor.image_files import animation_frames

if TYPE_CHECKING:
    import av

CONTAINERS = {".mp4": ".mp4", ".m4v": ".mp4", ".mov": ".mov", ".mkv": ".mkv", ".webm": ".mkv", ".avi": ".mkv"}
UNSPECIFIED, BT709, BT601 = 2, 1, 5  # how YUV is made of RGB, as FFmpeg counts
HDR = {16, 18}  # transfer functions PQ and HLG
LIMITED_RANGE = 1
HD_HEIGHT = 720  # from which on clips that do not say are taken for BT.709
QUALITY, SOURCE_QUALITY = "16", "4"  # x264's constant rate factors: nobody sees a difference, hardly any difference
# What FFmpeg may take a file for, whatever it is called: playlists and lists of files would make it open others.
SAFE = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi", "protocol_whitelist": "file"}
MILLISECOND = Fraction(1, 1000)

Edit = Callable[[Image.Image], Image.Image]
OnFrame = Callable[[int, int], None]  # with the number of frames so far and of all, 0 where the clip does not say


class ClipSize(NamedTuple):
    """What a clip says of itself: width and height in pixels, and the number of its frames, 0 if it does not say."""

    width: int
    height: int
    num_frames: int


def can_edit_clips() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def clip_size(source: Path, name: str | None = None) -> ClipSize:
    """Return how large a clip is, without decoding its frames.

    Raises:
        EditorError: As `edit_clip`.
    """
    av = _library(name or str(source))
    with _in_words(av, name or str(source)), av.open(source, options=SAFE) as film:
        if not film.streams.video:
            raise EditorError(f"{name or source} holds no moving pictures.")
        video = film.streams.video[0]
        estimated = (film.duration or 0) / av.time_base * (video.average_rate or 0)
        return ClipSize(video.width, video.height, video.frames or round(estimated))


def clip_of_animation(source: Path, target: Path, name: str, max_frames: int) -> None:
    """Write a clip of an animated picture (GIF, WebP, PNG), with its times, for FFmpeg does not read all of them.

    Args:
        source: The animation.
        target: An MP4 file.
        name: What the person calls the animation.
        max_frames: The most.

    Raises:
        EditorError: PyAV is not installed, or there are more frames.
        ImageError: It is damaged.
    """
    av = _library(name)
    with _in_words(av, name), av.open(target, "w") as copy:
        encoder, milliseconds = None, 0
        for number, (image, duration) in enumerate(animation_frames(source, name)):
            if number == max_frames:
                raise EditorError(f"{name} has more than {max_frames:,} frames. Cut it into shorter parts.")
            encoder = encoder or _encoder(copy, image.size, 25, MILLISECOND, None, SOURCE_QUALITY)
            copy.mux(encoder.encode(_frame(av, image, encoder, milliseconds, MILLISECOND)))
            milliseconds += duration
        copy.mux(encoder.encode())


def edit_clip(
    source: Path, target: Path, edit: Edit, on_frame: OnFrame = lambda *_: None, name: str | None = None
) -> None:
    """Edit the frames of a clip, one after the other, and write a clip with the same times and sound.

    Args:
        source: A clip that FFmpeg reads.
        target: Appears when it is whole. Its ending says the container, see `CONTAINERS`.
        edit: What becomes of a frame, upright; a picture of the same size.
        on_frame: Called after each frame.
        name: What the person calls the clip; its path by default.

    Raises:
        EditorError: PyAV is not installed, or the file is no clip, damaged, or of high dynamic range.
        OSError: The target cannot be written.
    """
    av = _library(name or str(source))
    beside = target.with_name(f".{uuid.uuid4().hex}{target.suffix}")
    try:
        with _in_words(av, name or str(source)):
            size = _first_frame(av, source, name).size
            with av.open(source, options=SAFE) as film, av.open(beside, "w") as copy:
                _copy(av, film, copy, size, edit, on_frame)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def first_frame(source: Path, name: str | None = None) -> Image.Image:
    """Return the first frame of a clip, upright.

    Raises:
        EditorError: As `edit_clip`.
    """
    av = _library(name or str(source))
    with _in_words(av, name or str(source)):
        return _first_frame(av, source, name)


def _first_frame(av: ModuleType, source: Path, name: str | None) -> Image.Image:
    with av.open(source, options=SAFE) as film:
        frame = next(film.decode(video=0), None) if film.streams.video else None
        if frame is None:
            raise EditorError(f"{name or source} holds no moving pictures.")
        if frame.color_trc in HDR:
            raise EditorError(
                f"{name or source} is HDR video, whose colors an edit would get wrong. Export it as SDR (BT.709) first."
            )
        return _upright(frame)


def _copy(
    av: ModuleType,
    film: av.container.InputContainer,
    copy: av.container.OutputContainer,
    size: tuple[int, int],
    edit: Edit,
    on_frame: OnFrame,
) -> None:
    video, sound = film.streams.video[0], film.streams.audio[:1]
    video.thread_type = "AUTO"
    encoder = _encoder(
        copy, size, video.average_rate, video.time_base, video.sample_aspect_ratio
    )  # all streams before the first packet, which is preceded by their list
    heard = [copy.add_stream_from_template(stream) for stream in sound]
    num_frames = 0
    for packet in film.demux(video, *sound):
        if packet.stream is not video:
            if packet.dts is not None:  # the last one is empty
                packet.stream = heard[0]
                copy.mux(packet)
            continue
        for frame in packet.decode():
            edited = edit(_upright(frame))
            copy.mux(encoder.encode(_frame(av, edited, encoder, frame.pts, frame.time_base)))
            num_frames += 1
            on_frame(num_frames, video.frames)
    copy.mux(encoder.encode())


def _upright(frame: av.VideoFrame) -> Image.Image:
    space = frame.colorspace
    if space == UNSPECIFIED:
        space = BT709 if frame.height >= HD_HEIGHT else BT601
    image = frame.reformat(format="rgb24", src_colorspace=space).to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _frame(
    av: ModuleType, image: Image.Image, encoder: av.VideoStream, time: int | None, unit: Fraction
) -> av.VideoFrame:
    """Return a picture as a frame of the clip that an encoder writes."""
    frame = av.VideoFrame.from_image(image.crop((0, 0, encoder.width, encoder.height)))
    frame = frame.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED_RANGE)
    frame.pts, frame.time_base = time, unit
    return frame


def _encoder(
    copy: av.container.OutputContainer,
    size: tuple[int, int],
    rate: Fraction | int | None,
    unit: Fraction,
    aspect: Fraction | None,
    quality: str = QUALITY,
) -> av.VideoStream:
    """Add the pictures to a clip that is being written: frames a second, unit of their times, shape of a pixel."""
    stream = copy.add_stream("libx264", rate=rate, options={"crf": quality})
    stream.pix_fmt = "yuv420p"  # the only pixel format that every player supports
    stream.width, stream.height = (side - side % 2 for side in size)  # 4:2:0 halves the resolution of the colors
    context = stream.codec_context
    stream.time_base = context.time_base = unit  # times are kept, also where they are not even
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED_RANGE
    if aspect:
        context.sample_aspect_ratio = aspect
    return stream


def _library(name: str) -> ModuleType:
    """Return PyAV, also where it was installed a moment ago.

    Raises:
        EditorError: It is not installed, so the file called `name` cannot be read.
    """
    try:
        import av
    except ImportError as error:
        raise EditorError(
            f"{name} is a clip, and the package that reads clips is not installed. Install it with "
            ".venv/bin/pip install av and try again."
        ) from error
    return av


@contextmanager
def _in_words(av: ModuleType, source: str) -> Iterator[None]:
    try:
        yield
    except av.error.FileNotFoundError as error:
        raise EditorError(f"There is no file {source}.") from error
    except (av.error.InvalidDataError, av.error.DecoderNotFoundError, av.error.EOFError) as error:
        raise EditorError(f"{source} is no clip, or is damaged ({error.strerror}).") from error
    except av.error.FFmpegError as error:
        if error.errno in (errno.ENOSPC, errno.EROFS):  # not the clip's fault: no other could be written
            raise
        raise EditorError(f"{source} cannot be edited as a clip ({error.strerror}).") from error
