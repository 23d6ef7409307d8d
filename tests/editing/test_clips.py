import sys
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from editor.editing.batch import Manner, Task, carry_out
from editor.editing.clips import edit_clip, first_frame
from editor.editing.editor import Editor
from editor.editing.errors import EditorError
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


@pytest.fixture
def clip(tmp_path):
    return film(tmp_path / "clip.mp4")


def decoded(path):
    """Return times in seconds, frames as arrays, and the packets of the sound."""
    with av.open(path) as container:
        frames = list(container.decode(video=0))
    with av.open(path) as container:
        packets = [bytes(p) for p in container.demux(audio=0) if p.size] if container.streams.audio else []
    pictures = [np.asarray(frame.reformat(format="rgb24", src_colorspace=1).to_image(), int) for frame in frames]
    return [frame.time for frame in frames], pictures, packets


def test_times_sound_and_colors_are_kept(clip, tmp_path):
    counted = []
    edit_clip(clip, tmp_path / "edit.mp4", lambda frame: frame, lambda *numbers: counted.append(numbers))
    (times, before, sound), (new_times, after, new_sound) = decoded(clip), decoded(tmp_path / "edit.mp4")
    assert new_times == pytest.approx(times) and len(sound) > 4 and sound == new_sound
    assert max(np.abs(a - b).mean() for a, b in zip(before, after)) < 3
    assert counted == [(number + 1, len(TIMES)) for number in range(len(TIMES))]
    assert np.abs(np.asarray(first_frame(clip), int) - np.asarray(draw(0), int)).mean() < 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "edit.mp4"]


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_other_containers_and_silence(tmp_path, suffix):
    silent = film(tmp_path / f"silent{suffix}", with_sound=False)
    edit_clip(silent, tmp_path / f"edit{suffix}", lambda frame: frame)
    assert len(decoded(tmp_path / f"edit{suffix}")[1]) == len(TIMES)


def flicker(edits, sources):
    """Mean absolute difference of neighboring frames of the edit, above that of the source."""
    return np.mean([np.abs(a - b).mean() for a, b in pairwise(edits)]) - np.mean(
        [np.abs(a - b).mean() for a, b in pairwise(sources)]
    )


def test_an_edited_clip_has_the_effect_and_flickers_no_more_than_one_that_is_drawn_anew(trained_run, clip, tmp_path):
    editor = Editor.load(trained_run.path, "cpu")
    used = carry_out(editor, Task(clip, tmp_path / "edit.mp4"), Manner())
    sources, edits = decoded(clip)[1], decoded(tmp_path / "edit.mp4")[1]
    assert used in editor.references and np.abs(edits[3] - sources[3]).mean() > 5
    anew = [
        np.asarray(editor.edit(Image.fromarray(frame.astype(np.uint8)), seed=seed).image, int)
        for seed, frame in enumerate(sources)
    ]
    assert flicker(edits, sources) <= flicker(anew, sources) + 0.5


def test_all_frames_go_by_the_reference_of_the_first(trained_run, clip, tmp_path, monkeypatch):
    editor, asked = Editor.load(trained_run.path, "cpu"), []
    edit = Editor.edit
    monkeypatch.setattr(Editor, "edit", lambda self, *given, **how: asked.append(how) or edit(self, *given, **how))
    used = carry_out(editor, Task(clip, tmp_path / "edit.mp4"), Manner(seed=3))
    assert [how["reference"] for how in asked] == [None] + [used] * len(TIMES)
    assert {how["seed"] for how in asked} == {3}


@pytest.mark.parametrize("content", [b"", b"no clip", None])
def test_what_is_no_clip_is_told_and_leaves_nothing(tmp_path, clip, content):
    data = clip.read_bytes()
    (tmp_path / "bad.mp4").write_bytes(data[: len(data) // 3] if content is None else content)
    with pytest.raises(EditorError, match="bad.mp4 is no clip, or is damaged"):
        edit_clip(tmp_path / "bad.mp4", tmp_path / "edit.mp4", lambda frame: frame)
    with pytest.raises(EditorError, match="There is no file"):
        edit_clip(tmp_path / "missing.mp4", tmp_path / "edit.mp4", lambda frame: frame)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.mp4", "clip.mp4"]


def test_an_edit_that_fails_leaves_no_half_clip(clip, tmp_path):
    def fail(frame):
        raise EditorError("no more")

    with pytest.raises(EditorError, match="no more"):
        edit_clip(clip, tmp_path / "edit.mp4", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_high_dynamic_range_and_a_missing_library_are_told(tmp_path, clip, monkeypatch):
    with pytest.raises(EditorError, match="HDR"):
        first_frame(film(tmp_path / "hdr.mp4", trc=16))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(EditorError, match="pip install av"):
        first_frame(clip)
