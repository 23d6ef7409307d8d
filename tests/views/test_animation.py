import sys

import av
import numpy as np
import pytest
from PIL import Image

from editor.views.animation import (
    DONE_MS,
    FIRST_MS,
    LAST_MS,
    LONGEST_MS,
    RATE,
    AnimationError,
    Frame,
    durations,
    save_animation,
)


def frames(count=5, pictures=2):
    """Pictures that turn from black to white."""
    return [
        Frame(
            f"step {i}", [Image.new("RGB", (32, 32), (round(255 * i / (count - 1)),) * 3)] * pictures, i / (count - 1)
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_the_file_plays_what_was_given(tmp_path, format):
    path = tmp_path / f"run.{format}"
    save_animation(frames(), path, side=64)
    with Image.open(path) as film:
        assert (film.format.lower(), film.n_frames, film.info.get("loop")) == (format, 5, 0)
        shown, times = [], []
        for index in range(film.n_frames):
            film.seek(index)
            film.load()
            times.append(film.info["duration"])
            shown.append(np.asarray(film.convert("L"), dtype=float)[40, 40])  # inside the first picture
    assert np.allclose(shown, [255 * i / 4 for i in range(5)], atol=6)
    if format == "gif":
        assert times == [FIRST_MS, LONGEST_MS, LONGEST_MS, DONE_MS, LAST_MS]


@pytest.mark.parametrize("side", [64, 65])
def test_a_film_shows_every_frame_for_its_time(tmp_path, side):
    path = tmp_path / "run.mp4"
    save_animation(frames(), path, side)
    with av.open(path) as film:
        video = film.streams.video[0]
        shown = [float(frame.to_ndarray(format="rgb24")[40, 40].mean()) for frame in film.decode(video)]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert float(video.duration * video.time_base) == pytest.approx(sum(durations(5)) / 1000)
    wanted = np.repeat([255 * i / 4 for i in range(5)], [time * RATE // 1000 for time in durations(5)])
    assert np.allclose(shown, wanted, atol=6)


def test_a_film_without_its_package_is_refused_in_words(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)  # as if it was not installed
    with pytest.raises(AnimationError, match="pip install av"):
        save_animation(frames(), tmp_path / "run.mp4")
    assert not (tmp_path / "run.mp4").exists()


def test_the_bar_of_time_grows(tmp_path):
    save_animation(frames(3), tmp_path / "run.gif", side=64)
    lengths = []
    with Image.open(tmp_path / "run.gif") as film:
        for index in range(3):
            film.seek(index)
            row = np.asarray(film.convert("L"), dtype=float)[-10]
            lengths.append((row < 130).sum())
    assert lengths[0] < 5 < lengths[1] < lengths[2]


def test_one_frame_is_a_picture(tmp_path):
    save_animation(frames(2)[:1], tmp_path / "run.gif")
    assert Image.open(tmp_path / "run.gif").n_frames == 1
    assert durations(1) == [LAST_MS]
    assert durations(2) == [FIRST_MS, LAST_MS]


@pytest.mark.parametrize("odd", [[], [Frame("", [], 0.0)], [*frames(2), frames(2, pictures=1)[0]]])
def test_frames_must_fit_together(tmp_path, odd):
    with pytest.raises(ValueError, match="same number of pictures"):
        save_animation(odd, tmp_path / "run.gif")
