"""Strength, scope, area, frames and weights of an edit."""

import shutil
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from editor.ui.tabs.edit import choices, corrections, layout, settings
from editor.ui.tabs.edit.state import preview
from editor.workspace import EditState
from tests.conftest import draw_toy_pair
from tests.ui.edit.events import about, dropped, event, path_of, upload


def test_strength_and_scope(services, trained, state):
    none, view, *_ = settings.set_strength(services, state, trained, event(value=0))
    assert np.array_equal(*(np.asarray(Image.open(path_of(view[side]))) for side in ("before", "after")))
    assert none.settings.strength == 0
    assert preview(services, state)["preview"].startswith("data:image/jpeg;base64,")
    note = settings.set_scope(services, state, trained, event(value="everywhere"))[3]
    assert "Outside the area, the edit changes" in note
    for bad in (-1, 151, 0.5, "x", None):
        with pytest.raises(gr.Error):
            settings.set_strength(services, state, trained, event(value=bad))
    with pytest.raises(gr.Error):
        settings.set_scope(services, state, trained, event(value="nowhere"))


def test_only_what_was_brushed_changes(services, trained, state):
    drawing = Image.new("RGB", (48, 64))
    drawing.paste("white", (0, 0, 48, 32))
    state, view, *_ = settings.brush(services, state, trained, about(state, path=upload(services, drawing)))
    assert (state.settings.mask, view["scope"]) == ("brushed", "brushed")
    before, after = (np.asarray(Image.open(path_of(view[side]))) for side in ("before", "after"))
    assert np.array_equal(before[36:], after[36:])
    with pytest.raises(gr.Error):
        settings.brush(services, state, trained, about(state, path="/etc/hostname"))

    # So do the small pictures.
    thumbnail = services.editing.thumbnail(state.photo, state.settings, state.brush, is_wanted=True)
    variant = services.editing.variants(state.photo, [state.settings], state.brush)[0].picture
    for path in (thumbnail, variant):
        assert np.array_equal(before[36:], np.asarray(Image.open(path))[36:])
    free = services.editing.thumbnail(state.photo, state.settings, is_wanted=True)
    assert not np.array_equal(before[36:], np.asarray(Image.open(free))[36:])


def test_only_what_is_framed_changes_and_that_can_be_undone(services, trained, files):
    big = Path(files[0]).with_name("big.png")
    photo = Image.effect_noise((200, 150), 60).convert("RGB")
    photo.paste(draw_toy_pair(3, 80)[0], (100, 30))
    photo.save(big)
    state = dropped(services, EditState(), trained, [str(big), files[1]]).state
    state, view, strip, _ = settings.set_frames(services, state, trained, about(state, frames=[[100, 30, 80]]))
    assert (view["frames"], state.photo.frames) == (((100, 30, 80),), ((100, 30, 80),))
    assert (view["canUndo"], 'data-pending="1"' in strip) == (True, True)
    before, after = (np.asarray(Image.open(path_of(view[side]))).astype(int) for side in ("before", "after"))
    assert np.abs(after - before)[30:110, 100:180].max() > 20
    after[30:110, 100:180] = before[30:110, 100:180]
    assert np.array_equal(after, before)

    other = choices.choose(services, state, trained, event(kind="photo", value="1"))[0]
    moved = settings.set_frames(services, other, trained, about(other, 0, frames=[[90, 30, 80], [0, 0, 40]])).state
    assert (moved.photos[0].frames[1], moved.shown, moved.photo.frames) == ((0, 0, 40), 1, ())
    state, view, *_ = corrections.undo(services, replace(moved, shown=0), trained, about(moved, 0))
    assert state.photo.frames == ((100, 30, 80),)
    state, view, *_ = corrections.undo(services, state, trained, about(state))
    assert (state.photo.frames, view["frames"], view["canUndo"]) == ((), (), False)
    state = corrections.redo(services, state, trained, about(state)).state
    assert state.photo.frames == ((100, 30, 80),)

    painted = corrections.retouch(services, state, trained, about(state, path=upload(services, photo))).state
    assert painted.corrected and painted.photo.frames
    assert not settings.set_frames(services, painted, trained, about(painted, frames=[])).state.corrected
    for bad in ([[0, 0]], [[0, 0, 40.5]], [["0", 0, 40]], [0], "x", None, [[True, 0, 40]]):
        with pytest.raises(gr.Error, match="does not fit"):
            settings.set_frames(services, state, trained, about(state, frames=bad))
    for outside in ([[150, 0, 80]], [[0, 0, 5]], [[-1, 0, 40]], [[0, 0, 40]] * 13):
        with pytest.raises(Exception, match="does not fit|at most 12"):
            settings.set_frames(services, state, trained, about(state, frames=outside))


def test_newest_weights_are_followed_only_after_a_change(services, trained, state):
    state, *_, timer = settings.set_newest(services, state, trained, is_on=True)
    assert timer.active
    assert settings.watch(services, state, trained)[0] == gr.skip()
    weights = services.training.open(trained).weights_path
    weights.touch()
    assert settings.watch(services, state, trained)[0].settings.version == services.editing.version(trained)
    shutil.rmtree(services.workspace.run_dir(trained))
    *_, note, is_followed, timer = settings.watch(services, state, trained)
    assert "no longer there" in note
    assert (is_followed, timer.active) == (False, False)
    for index, is_active in ((3, True), (1, False)):
        assert layout.watching(services, True, event(index=index)).active == is_active
