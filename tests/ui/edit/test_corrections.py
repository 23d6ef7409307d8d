"""Strokes, corrected edits, undo and redo, and pairs that they become."""

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from editor.ui.components.html import address
from editor.ui.tabs.edit import choices, corrections, settings
from editor.workspace import WorkspaceError
from tests.conftest import draw_toy_pair
from tests.services import give_effect
from tests.ui.edit.events import about, dropped, event, path_of, upload


def test_strokes_are_undone_and_done_again(services, trained, state):
    drawings = [Image.new("RGB", (48, 64)) for _ in range(3)]
    seen = [(state.brush, state.settings.mask, None)]
    for number, drawing in enumerate(drawings):
        drawing.paste("white", (0, 0, 48, 16 * (number + 1)))
        drawn = about(state, path=upload(services, drawing, f"drawing {number}.png"))
        state, view, *_ = (settings.brush if number < 2 else corrections.retouch)(services, state, trained, drawn)
        seen.append((state.brush, state.settings.mask, state.corrected))
    assert len(set(seen)) == 4 and (view["canUndo"], view["canRedo"]) == (True, False)
    for expected in reversed(seen[:-1]):
        state, view, *_ = corrections.undo(services, state, trained, about(state))
        assert (state.brush, state.settings.mask, state.corrected) == expected
        assert view["canRedo"]
    assert not view["canUndo"]
    for expected in seen[1:]:
        state, view, *_ = corrections.redo(services, state, trained, about(state))
        assert (state.brush, state.settings.mask, state.corrected) == expected
    assert not view["canRedo"]
    assert corrections.redo(services, state, trained, about(state))[0] == state
    state = corrections.undo(services, state, trained, about(state)).state
    again = upload(services, drawings[0].transpose(Image.Transpose.ROTATE_180), "drawing 3.png")
    state, view, *_ = settings.brush(services, state, trained, about(state, path=again))
    assert not view["canRedo"]  # what was undone is forgotten once something else is done


def test_a_corrected_edit_becomes_a_pair(services, trained, state):
    painted = draw_toy_pair(0, 64)[1].resize((48, 64))
    state, view, _, note = corrections.retouch(services, state, trained, about(state, path=upload(services, painted)))
    assert np.array_equal(np.asarray(Image.open(path_of(view["after"]))), np.asarray(painted))
    assert "Corrected by you" in note
    assert "The effect has 9 pairs now" in corrections.add_pair(services, state, trained)
    added = services.workspace.store("toy").pairs()[-1]
    assert np.array_equal(np.asarray(Image.open(added.target).convert("RGB")), np.asarray(painted))
    with pytest.raises(WorkspaceError, match="already"):
        corrections.add_pair(services, state, trained)
    other = upload(services, painted.resize((64, 48)), "wide.png")
    with pytest.raises(WorkspaceError, match="64 x 48 pixels and photo 0.jpg is 48 x 64"):
        corrections.correct(services, state, trained, other)


def test_corrections_are_kept_for_each_photo_until_they_are_undone(services, trained, state, files):
    paintings = [draw_toy_pair(seed, 64)[1].resize((48, 64)) for seed in (1, 2)]
    for painting in paintings:
        state, view, *_ = corrections.retouch(services, state, trained, about(state, path=upload(services, painting)))
    first = state.corrected
    state, other, strip, _ = dropped(services, state, trained, [files[1]])
    assert not other["canUndo"]
    assert address(services.workspace.thumbnail(first)) in strip
    state, view, *_ = choices.choose(services, state, trained, event(kind="photo", value="0"))
    assert (state.corrected, view["after"], view["canUndo"]) == (first, address(first), True)

    state, view, *_ = settings.set_strength(services, state, trained, event(value=50))
    assert state.corrected is None  # it belongs to one edit
    assert view["canUndo"]
    state, view, *_ = corrections.undo(services, state, trained, about(state))
    assert view["after"] == address(first)
    state, view, *_ = corrections.undo(services, state, trained, about(state))
    assert np.array_equal(np.asarray(Image.open(path_of(view["after"]))), np.asarray(paintings[0]))
    state, view, *_ = corrections.undo(services, state, trained, about(state))
    assert (state.corrected, view["canUndo"]) == (None, False)
    assert corrections.undo(services, state, trained, about(state))[0].corrected is None


def test_a_stroke_changes_the_photo_that_it_was_made_on(services, trained, state, files):
    painting = draw_toy_pair(1, 64)[1].resize((48, 64))
    two, seen, *_ = dropped(services, state, trained, [files[1]])
    path = upload(services, painting)
    painted, view, strip, _ = corrections.retouch(services, two, trained, about(two, 0, path=path))
    assert (view["after"], view["canUndo"]) == (seen["after"], False)
    corrected = painted.correction(two.photos[0])
    assert np.array_equal(np.asarray(Image.open(corrected)), np.asarray(painting))
    assert address(services.workspace.thumbnail(corrected)) in strip
    brushed, view, *_ = settings.brush(services, painted, trained, about(two, 0, path=path))
    assert list(brushed.brushes) == [two.photos[0].path]
    assert (brushed.correction(two.photos[0]), view["name"], view["scope"]) == (None, "photo 1.jpg", "brushed")
    undone = corrections.undo(services, brushed, trained, about(two, 0))[0]
    assert (undone.correction(two.photos[0]), undone.photo) == (corrected, two.photo)
    for data in ({"photo": "elsewhere", "path": path}, {"path": path}):
        for stroke in (corrections.retouch, settings.brush, corrections.undo):
            with pytest.raises(gr.Error, match="no longer here|does not fit"):
                stroke(services, two, trained, event(**data))
    with pytest.raises(WorkspaceError, match="only a quick look"):
        small = upload(services, painting.resize((24, 32)), "small.png")
        corrections.retouch(services, two, trained, about(two, path=small))


def test_training_goes_on_from_the_weights_of_the_run(services, state, monkeypatch):
    give_effect(services, state.settings.run, None)
    with pytest.raises(gr.Error, match="no longer there"):
        corrections.continue_warm(services, state.settings.run, 3)
    asked = []
    monkeypatch.setattr(services.training, "start", lambda *args, **more: asked.append((args, more)))
    corrections.continue_warm(services, give_effect(services, state.settings.run, "toy"), 3)
    config = services.training.open(state.settings.run).config
    assert asked == [(("toy", config, 3), {"warm_from": state.settings.run})]
