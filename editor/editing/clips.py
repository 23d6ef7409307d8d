"""Video clips: every frame edited by one reference and with one noise, so that edits do not flicker; sound is kept."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from PIL import Image

from editor.editing.errors import EditorError

if TYPE_CHECKING:
    import av

CONTAINERS = {".mp4": ".mp4", ".m4v": ".mp4", ".mov": ".mov", ".mkv": ".mkv", ".webm": ".mkv", ".avi": ".mkv"}
UNSPECIFIED, BT709, BT601 = 2, 1, 5  # how YUV is made of RGB, as FFmpeg counts
HDR = {16, 18}  # transfer functions PQ and HLG
LIMITED_RANGE = 1
HD_HEIGHT = 720  # from which on clips that do not say are taken for BT.709
QUALITY = "16"  # x264's constant rate factor, at which nobody sees a difference

Edit = Callable[[Image.Image], Image.Image]
OnFrame = Callable[[int, int], None]  # with the number of frames so far and of all, 0 where the clip does not say


def edit_clip(source: Path, target: Path, edit: Edit, on_frame: OnFrame = lambda *_: None) -> None:
    """Edit the frames of a clip, one after the other, and write a clip with the same times and sound.

    Args:
        source: A clip that FFmpeg reads.
        target: Appears when it is whole. Its ending says the container, see `CONTAINERS`.
        edit: What becomes of a frame, upright; a picture of the same size.
        on_frame: Called after each frame.

    Raises:
        EditorError: PyAV is not installed, or the file is no clip, damaged, or of high dynamic range.
        OSError: The target cannot be written.
    """
    av = _library()
    beside = target.with_name(f".{uuid.uuid4().hex}{target.suffix}")
    try:
        with _in_words(av, source):
            size = _first_frame(av, source).size
            with av.open(source) as film, av.open(beside, "w") as copy:
                _copy(av, film, copy, size, edit, on_frame)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def first_frame(source: Path) -> Image.Image:
    """Return the first frame of a clip, upright.

    Raises:
        EditorError: As `edit_clip`.
    """
    av = _library()
    with _in_words(av, source):
        return _first_frame(av, source)


def _first_frame(av: ModuleType, source: Path) -> Image.Image:
    with av.open(source) as film:
        frame = next(film.decode(video=0), None) if film.streams.video else None
        if frame is None:
            raise EditorError(f"{source} holds no moving pictures.")
        if frame.color_trc in HDR:
            raise EditorError(
                f"{source} is HDR video, whose colors an edit would get wrong. Export it as SDR (BT.709) first."
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
    encoder = _encoder(copy, video, size)  # all streams before the first packet, which is preceded by their list
    heard = [copy.add_stream_from_template(stream) for stream in sound]
    num_frames = 0
    for packet in film.demux(video, *sound):
        if packet.stream is not video:
            if packet.dts is not None:  # the last one is empty
                packet.stream = heard[0]
                copy.mux(packet)
            continue
        for frame in packet.decode():
            edited = edit(_upright(frame)).crop((0, 0, encoder.width, encoder.height))
            result = av.VideoFrame.from_image(edited)
            result = result.reformat(format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED_RANGE)
            result.pts, result.time_base = frame.pts, frame.time_base
            copy.mux(encoder.encode(result))
            num_frames += 1
            on_frame(num_frames, video.frames)
    copy.mux(encoder.encode())


def _upright(frame: av.VideoFrame) -> Image.Image:
    space = frame.colorspace
    if space == UNSPECIFIED:
        space = BT709 if frame.height >= HD_HEIGHT else BT601
    image = frame.reformat(format="rgb24", src_colorspace=space).to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _encoder(copy: av.container.OutputContainer, video: av.VideoStream, size: tuple[int, int]) -> av.VideoStream:
    """Add the pictures to a clip that is being written."""
    stream = copy.add_stream("libx264", rate=video.average_rate, options={"crf": QUALITY})
    stream.pix_fmt = "yuv420p"  # the only pixel format that every player supports
    stream.width, stream.height = (side - side % 2 for side in size)  # 4:2:0 halves the resolution of the colors
    context = stream.codec_context
    stream.time_base = context.time_base = video.time_base  # times are kept, also where they are not even
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED_RANGE
    if video.sample_aspect_ratio:
        context.sample_aspect_ratio = video.sample_aspect_ratio
    return stream


def _library() -> ModuleType:
    try:
        import av
    except ImportError as error:
        raise EditorError("A clip needs the package PyAV. Install it with: pip install av") from error
    return av


@contextmanager
def _in_words(av: ModuleType, source: Path) -> Iterator[None]:
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
