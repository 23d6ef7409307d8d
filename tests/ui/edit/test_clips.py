"""The panel of a clip."""

import gradio as gr
import pytest
from PIL import Image

from editor.ui.tabs.edit import clips
from editor.workspace import EditState, WorkspaceError
from tests.films import decoded, film
from tests.ui.edit.events import about, dropped, event, path_of
from tests.waiting import wait_until


@pytest.fixture
def shown(services, trained, tmp_path):
    return dropped(services, EditState(), trained, [str(film(tmp_path / "me.mp4"))])


def test_a_clip_is_dropped_edited_and_saved(services, trained, shown):
    state = shown.state
    assert shown.viewer["isClip"] and "96 x 96 pixels" in shown.note
    assert "first frame of a clip" in clips.look(services, state, trained, about(state))
    with pytest.raises(gr.Error, match="no longer here"):
        clips.look(services, state, trained, event(photo="other.png"))
    assert "data-state" in clips.start(services, state, trained, about(state))
    wait_until(lambda: 'data-film="keep"' in clips.look(services, state, trained, about(state)))
    file = clips.save(services, state, trained, about(state))
    assert file["name"] == "me-toy.mp4" and len(decoded(path_of(file["url"]))[0]) == 8


def test_a_clip_that_is_edited_says_how_far_and_stops(services, trained, shown, monkeypatch):
    state = shown.state
    until_stopped = lambda frame: services.clips._job.stop.wait() and frame  # noqa: E731
    monkeypatch.setattr(services.editing, "frame_editor", lambda *_: until_stopped)
    assert 'data-film="halt"' in clips.start(services, state, trained, about(state))
    assert 'data-film="begin"' in clips.stop(services, state, trained, about(state))


def test_it_is_said_what_of_the_work_on_the_first_frame_reaches_the_others(services, trained, shown, tmp_path):
    """An area does, for it says where; what was painted over does not, for it is a picture of that frame."""
    state, panel = shown.state, lambda state: clips.look(services, state, trained, about(state))
    area, retouched = "holds for all frames", "stays on this frame"
    assert area not in panel(state) and retouched not in panel(state)
    Image.new("L", (96, 96), 255).save(tmp_path / "brush.png")
    brushed = state.with_brush(services.editing.save_brush(state.photo, tmp_path / "brush.png"))
    assert area in panel(brushed) and retouched not in panel(brushed)
    assert area not in panel(brushed.with_settings(mask="everywhere")), "it was brushed, and does not count now"
    corrected = services.editing.save_correction(state.photo, state.photo.path)
    assert retouched in panel(brushed.with_correction(corrected)) and area in panel(brushed.with_correction(corrected))


def test_a_photo_has_no_panel(services, trained, state):
    assert clips.look(services, state, trained, about(state)) == ""
    with pytest.raises(WorkspaceError, match="no clip"):
        clips.start(services, state, trained, about(state))


def test_clips_are_offered_only_where_something_reads_them(monkeypatch):
    assert "clip" in clips.drop_help()
    monkeypatch.setattr(clips, "can_edit_clips", lambda: False)
    assert "clip" not in clips.drop_help()
