"""Short clips, and what is in one."""

from fractions import Fraction

import av
import numpy as np
from PIL import Image

from tests.conftest import draw_toy_pair

SIZE = 96
TIMES = (0, 1, 2, 3, 5, 6, 7, 9)  # not even, as those of a phone


def draw(number):
    """A frame: the toy picture, which moves to the right."""
    picture = draw_toy_pair(99, SIZE)[0]
    frame = Image.new("RGB", (SIZE, SIZE), picture.getpixel((1, 1)))
    frame.paste(picture, (number, 0))
    return frame


def film(path, *, with_sound=True, trc=1):
    """Write a clip with a tone."""
    with av.open(path, "w") as container:
        video = container.add_stream("libx264", rate=24, options={"crf": "4"})
        video.width = video.height = SIZE
        video.pix_fmt, video.codec_context.colorspace, video.codec_context.color_trc = "yuv420p", 1, trc
        video.codec_context.time_base = Fraction(1, 24)
        sound = container.add_stream("aac", rate=44100) if with_sound else None
        for number, time in enumerate(TIMES):
            frame = av.VideoFrame.from_image(draw(number)).reformat(format="yuv420p", dst_colorspace=1)
            frame.pts, frame.time_base = time, Fraction(1, 24)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        for start in range(0, 8192 if sound else 0, 1024):
            tone = np.sin((np.arange(1024) + start) / 20)[None].astype("float32")
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44100, start
            container.mux(sound.encode(frame))
        if sound:
            container.mux(sound.encode())
    return path


def decoded(path):
    """Return times in seconds, frames as arrays, and the packets of the sound."""
    with av.open(path) as container:
        frames = list(container.decode(video=0))
    with av.open(path) as container:
        packets = [bytes(p) for p in container.demux(audio=0) if p.size] if container.streams.audio else []
    pictures = [np.asarray(frame.reformat(format="rgb24", src_colorspace=1).to_image(), int) for frame in frames]
    return [frame.time for frame in frames], pictures, packets
