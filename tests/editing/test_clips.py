import sys
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from editor.editing.batch import Manner, Task, carry_out
from editor.editing.clips import clip_of_animation, clip_size, edit_clip, first_frame
from editor.editing.editor import Editor
from editor.editing.errors import EditorError
from tests.films import SIZE, TIMES, decoded, draw, film


@pytest.fixture
def clip(tmp_path):
    return film(tmp_path / "clip.mp4")


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
    with pytest.raises(EditorError, match="clip.mp4 is a clip.*.venv/bin/pip install av"):
        first_frame(clip)


def test_what_only_names_other_files_is_no_clip(clip, tmp_path):
    """FFmpeg would open them: any file of this machine, and addresses on its network."""
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile {clip.name}\n")
    with av.open(playlist) as found:
        assert found.format.name == "concat"
    for use in (first_frame, clip_size):
        with pytest.raises(EditorError, match="mine cannot be edited as a clip"):
            use(playlist, "mine")


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_becomes_a_clip_with_its_times(tmp_path, suffix):
    frames, path = [draw(number) for number in range(0, 40, 10)], tmp_path / f"moves{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[200, 50, 100, 100])
    clip_of_animation(path, tmp_path / "clip.mp4", path.name, 4)
    times, pictures, _ = decoded(tmp_path / "clip.mp4")
    assert times == pytest.approx([0, 0.2, 0.25, 0.35])
    assert max(np.abs(np.asarray(a, int) - b).mean() for a, b in zip(frames, pictures)) < 6
    assert clip_size(tmp_path / "clip.mp4") == (SIZE, SIZE, 4)
    with pytest.raises(EditorError, match="more than 3 frames"):
        clip_of_animation(path, tmp_path / "clip.mp4", path.name, 3)
