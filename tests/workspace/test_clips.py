import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from editor.workspace import EditState, NamePattern, PublicLimits, WorkspaceError
from editor.workspace.clips import Clips
from tests.films import TIMES, decoded, draw, film
from tests.waiting import wait_until

NAMES = NamePattern("{name} {number}")


@pytest.fixture
def clip(services, tmp_path):
    return services.clips.open(film(tmp_path / "upload.mp4"), "My film.mp4")


@pytest.fixture
def turn():
    return threading.Lock()


@pytest.fixture
def clips(services, turn):
    clips = Clips(services.workspace, services.editing, services.downloads, turn)
    yield clips
    clips.close()


def test_a_clip_is_edited_in_the_background_as_its_first_frame_is_shown(services, settings, clip):
    assert clip.name == "My film.mp4" and Image.open(clip.path).size == draw(0).size
    assert services.clips.status(clip, settings).state == "idle"
    with pytest.raises(WorkspaceError, match="not edited yet"):
        services.clips.saved(clip, 2, settings, None, NAMES)
    services.clips.start(clip, settings)
    wait_until(
        lambda: services.clips.status(clip, settings).state == "done", lambda: services.clips.status(clip, settings)
    )
    saved = services.clips.saved(clip, 2, settings, None, NAMES)
    assert saved.name == "My-film-002.mp4"
    (times, _, sound), (new_times, edits, new_sound) = decoded(clip.clip), decoded(saved)
    assert new_times == pytest.approx(times) and sound == new_sound
    shown = np.asarray(Image.open(services.editing.edit(clip, settings).after), int)
    assert np.abs(edits[0] - shown).mean() < 4 < np.abs(edits[0] - np.asarray(draw(0), int)).mean()
    assert services.clips.status(clip, replace(settings, strength=0.5)).state == "idle"


def test_it_waits_for_its_turn_says_how_far_it_is_and_stops(services, settings, clip, clips, turn, monkeypatch):
    went_on = threading.Semaphore(0)
    monkeypatch.setattr(services.editing, "frame_editor", lambda *_: lambda frame: went_on.acquire() and frame)
    with turn:
        clips.start(clip, settings)
        assert clips.status(clip, settings) == ("waiting", 0, len(TIMES), None, "")
        with pytest.raises(WorkspaceError, match="already"):
            clips.start(clip, settings)
    went_on.release(3)
    wait_until(lambda: clips.status(clip, settings).num_done == 3)
    state, _, total, seconds, _ = clips.status(clip, settings)
    assert (state, total) == ("running", len(TIMES)) and seconds >= 0 and clips.is_busy
    clips.keep({clip.path})
    assert clips.is_busy
    went_on.release()
    clips.keep(set())  # its photo was removed
    assert clips.status(clip, settings).state == "idle" and not clips.is_busy
    assert [path.name for path in clip.clip.parent.iterdir()] == ["source.mp4"]


def test_what_goes_wrong_is_told_and_the_next_one_is_edited(services, settings, clip, clips, monkeypatch):
    def fails(*_):
        raise WorkspaceError("The run is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(services.editing, "frame_editor", fails)
        clips.start(clip, settings)
        wait_until(lambda: not clips.is_busy)
    assert clips.status(clip, settings)[::4] == ("failed", "The run is gone.")
    monkeypatch.setattr(services.editing, "frame_editor", lambda *_: lambda frame: frame)
    clips.start(clip, settings)
    wait_until(lambda: not clips.is_busy)
    assert clips.status(clip, settings).state == "done"


def test_a_clip_stays_on_the_desk(services, settings, clip):
    services.desk.save(EditState((clip,)))
    assert services.desk.load().photos == (clip,)


def test_an_area_that_was_brushed_on_the_first_frame_holds_for_all(services, settings, clip, tmp_path):
    drawing = Image.new("L", draw(0).size)
    drawing.paste(255, (48, 0, 96, 96))  # the right half
    drawing.save(tmp_path / "brush.png")
    brush = services.editing.save_brush(clip, tmp_path / "brush.png")
    settings = replace(settings, mask="brushed")
    services.clips.start(clip, settings, brush)
    wait_until(lambda: services.clips.status(clip, settings, brush).state == "done")
    assert services.clips.status(clip, settings).state == "idle", "without that area it is another edit"
    saved = services.clips.saved(clip, 1, settings, brush, NAMES)
    for frame, edit in zip(decoded(clip.clip)[1], decoded(saved)[1], strict=True):
        change = np.abs(edit - frame).mean(axis=(0, 2))
        assert change[:40].mean() < 2 < change[56:].mean()


def test_what_is_a_clip(services, tmp_path):
    frames = [draw(0), draw(20)]
    frames[0].save(tmp_path / "moves.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "still.gif")
    found = [services.clips.is_clip(tmp_path / "moves.gif", name) for name in ("moves.gif", "a.MOV", "a.webm")]
    assert found == [True] * 3 and not services.clips.is_clip(tmp_path / "still.gif", "still.gif")
    photo = services.clips.open(tmp_path / "moves.gif", "moves.gif")
    assert photo.clip.name == "source.mp4" and len(decoded(photo.clip)[0]) == 2
    (tmp_path / "bad.mp4").write_bytes(b"no")
    state, problems = services.filmstrip.opened(EditState(), [(tmp_path / "bad.mp4", "bad.mp4")])
    assert state.photos == () and problems == list(map(str, problems)) and "bad.mp4 is no clip" in problems[0]


@pytest.mark.parametrize(
    ("limit", "said"),
    [({"clip_frames": 3}, "3 frames"), ({"clip_pixels": 50}, "96 x 96 pixels"), ({"clip_megabytes": 0}, "0 MB")],
)
def test_limits_of_a_public_app(services, tmp_path, monkeypatch, limit, said):
    monkeypatch.setattr(services.workspace, "limits", PublicLimits(**limit))
    with pytest.raises(WorkspaceError, match=said):
        services.clips.open(film(tmp_path / "upload.mp4"), "film.mp4")


def test_without_pyav_it_is_said_how_to_get_it(services, tmp_path, monkeypatch):
    path = film(tmp_path / "upload.mp4")
    monkeypatch.setitem(sys.modules, "av", None)
    opened, problems = services.filmstrip.opened(EditState(), [(path, "film.mp4")])
    assert opened.photos == () and ".venv/bin/pip install av" in problems[0] and problems[0].startswith("film.mp4 ")
    monkeypatch.setattr(services.workspace, "limits", PublicLimits())
    with pytest.raises(WorkspaceError, match="film.mp4 is a clip, and this app edits pictures only"):
        services.clips.open(path, "film.mp4")  # a visitor cannot install anything
    monkeypatch.undo()  # it is installed: to try again is enough
    again = services.filmstrip.open_again(opened, path)
    assert [photo.name for photo in again.photos] == ["film.mp4"] and again.progress.failed == {}
