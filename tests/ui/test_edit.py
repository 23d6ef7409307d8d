import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from editor.ui.components.html import address
from editor.ui.tabs.edit import choices, corrections, downloads, layout, photos, settings
from editor.ui.tabs.edit.state import preview
from editor.ui.tabs.edit.viewer import viewer
from editor.workspace import EditState, WorkspaceError
from tests.conftest import draw_toy_pair


def event(**data):
    return SimpleNamespace(_data=data)


def about(state, index=None, **data):
    """An event of the viewer on the photo that is shown, or on another one."""
    return event(photo=str(state.photos[state.shown if index is None else index].path), **data)


def path_of(url):
    return url.removeprefix("gradio_api/file=")


@pytest.fixture
def files(tmp_path):
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"photo {seed}.jpg")
        draw_toy_pair(seed=seed, size=64)[0].resize((48, 64)).save(paths[-1])
    return [str(path) for path in paths]


def dropped(services, state, run, files):
    """Drop files, which a page uploads first."""
    named = [{"path": shutil.copy(file, services.workspace.cache_dir), "name": Path(file).name} for file in files]
    return photos.drop(services, state, run, event(files=named))


@pytest.fixture
def state(services, trained, files):
    return dropped(services, EditState(), trained, files[:1]).state


def upload(services, picture, name="drawing.png"):
    path = services.workspace.cache_dir / name
    picture.save(path)
    return str(path)


def test_what_becomes_of_transparency_is_said(services, trained, tmp_path, files):
    art = draw_toy_pair(seed=0, size=64)[0].convert("RGBA")
    art.putalpha(Image.linear_gradient("L").resize((64, 64)))
    art.save(tmp_path / "sticker.png")
    notes = [dropped(services, EditState(), trained, [file]).note for file in (str(tmp_path / "sticker.png"), files[0])]
    assert "as transparent as your photo, saved as PNG or WebP. JPEG knows no transparency" in notes[0]
    assert "transparen" not in notes[1]


def test_dropped_photos_are_edited_and_a_bad_file_is_named(services, trained, files, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    state, view, strip, note = dropped(services, EditState(), trained, [files[0], str(bad), files[1]])
    assert [photo.name for photo in state.photos] == ["photo 0.jpg", "photo 1.jpg"]
    assert "bad.png" in note
    assert "48 x 64 pixels" in note
    before, after = (Image.open(path_of(view[side])) for side in ("before", "after"))
    assert before.size == after.size == (48, 64)
    assert 'data-pending="1"' in strip and "1 of 2 photos edited" in strip  # the one that is shown is edited
    strip = photos.edit_next(services, state).strip
    assert 'data-pending="0"' in strip and strip.count("<img") == 2


def test_only_bad_files_are_told(services, trained, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no")
    state, view, _, note = dropped(services, EditState(), trained, [str(bad)])
    assert (state.photos, view) == ((), None)
    assert "bad.png" in note
    with pytest.raises(gr.Error, match="could not read 2 items"):
        photos.drop(services, EditState(), trained, event(files=[], unreadable=2, total=2))
    with pytest.raises(gr.Error, match="At most 200"):
        photos.drop(services, EditState(), trained, event(files=[], unreadable=0, total=500))
    for odd in ([], [{"path": "/etc/hostname", "name": "hostname"}], [{"path": str(bad), "name": "not uploaded.png"}]):
        with pytest.raises(gr.Error):
            photos.drop(services, EditState(), trained, event(files=odd))


def test_a_photo_is_shown_before_there_is_a_run(services, files):
    state, view, *_ = dropped(services, EditState(), None, files[:1])
    assert view["after"] is None
    assert Image.open(path_of(view["before"])).size == (48, 64)
    assert state.settings is None
    with pytest.raises(gr.Error, match="no editor yet"):
        settings.set_strength(services, state, None, event(value=50))


def test_an_example_is_edited_with_one_click(services, trained):
    shutil.copytree(services.workspace.run_dir(trained), services.workspace.runs_dir / "other")
    name = services.editing.examples(trained)[0].name
    assert name in choices.examples(services, trained)
    state, view, *_ = choices.choose(services, EditState(), trained, event(kind="example", value=name))
    assert view["after"]
    again = choices.choose(services, state, trained, event(kind="example", value=name))[0]
    assert len(again.photos) == 1
    other = choices.choose(services, state, "other", event(kind="example", value=name))[0]  # its pairs have equal names
    assert [photo.name for photo in other.photos] == [name, name]
    assert other.photo.source.is_relative_to(services.workspace.run_dir("other"))
    with pytest.raises(gr.Error):
        choices.choose(services, EditState(), trained, event(kind="example", value="../secret"))


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


def test_reference_is_chosen_by_picture(services, trained, state):
    assert 'data-value="choice:random" aria-pressed="true"' in choices.references(services, state, trained)
    name = services.training.pairs(trained)[0].name
    state, *_, strip, _, _ = choices.choose(services, state, trained, event(kind="reference", value=f"pair:{name}"))
    assert state.settings.reference == name
    assert f'data-value="pair:{name}" aria-pressed="true"' in strip
    state, view, *_ = choices.choose(services, state, trained, event(kind="reference", value="choice:average"))
    assert (state.settings.reference, state.settings.choice) == (None, "average")
    assert view["heat"]
    for bad in ("pair:nobody", "choice:nothing", "", "x:y"):
        with pytest.raises(gr.Error):
            choices.choose(services, state, trained, event(kind="reference", value=bad))


def test_references_and_runs_side_by_side(services, trained, state):
    grid = choices.variations(services, state, trained)
    assert grid.count("<figure>") == 4
    shown = re.findall(r'data-kind="reference" data-value="(pair:.*?)"', grid)
    assert len(set(shown)) == 4
    by_pair = choices.choose(services, state, trained, event(kind="reference", value=shown[-1]))[0]
    assert f"pair:{by_pair.settings.reference}" == shown[-1]
    state, *_, seed, _ = choices.choose(services, state, trained, event(kind="seed", value="2"))
    assert state.settings.seed == seed == 2
    for bad in (None, -1, 0.5, float("nan"), 10**12):
        with pytest.raises(gr.Error, match="seed"):
            settings.set_seed(services, state, bad)
    other = services.library.duplicate_run(trained)
    for runs in (None, [trained], [trained, trained], [trained] * 5):
        with pytest.raises(gr.Error, match="2 to 4"):
            choices.compare(services, state, runs)
    assert [run for _, run in choices.comparable(services, trained)["choices"]] == [trained]
    for run, told in ((other, "copy: This run has learned nothing"), ("20260101-toy", "20260101-toy is no longer")):
        with pytest.raises(Exception, match=told):
            choices.compare(services, state, [trained, run])


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
    state = with_effect(services, state)
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


def with_effect(services, state):
    """The run was made elsewhere; tell where its effect is."""
    about = services.workspace.runs_dir / state.settings.run / "run.json"
    about.write_text(about.read_text().replace('"effect_slug": null', '"effect_slug": "toy"'))
    return state


def test_training_goes_on_from_the_weights_of_the_run(services, state, monkeypatch):
    with pytest.raises(gr.Error, match="no longer there"):
        corrections.continue_warm(services, state.settings.run, 3)
    asked = []
    monkeypatch.setattr(services.training, "start", lambda *args, **more: asked.append((args, more)))
    corrections.continue_warm(services, with_effect(services, state).settings.run, 3)
    config = services.training.open(state.settings.run).config
    assert asked == [(("toy", config, 3), {"warm_from": state.settings.run})]


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


def test_photos_stay_while_a_page_has_them(services, trained, state, files, monkeypatch):
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 5000)
    state = dropped(services, state, trained, files[1:2])[0]  # long after the first
    monkeypatch.setattr(time, "monotonic", lambda: start + 8000)
    photos.edit_next(services, state)
    monkeypatch.setattr(time, "monotonic", lambda: start + 11000)
    services.editing.open_photo(state.photo.source)  # on another page
    assert services.editing.touch(state.photos) == list(state.photos)


def test_photos_that_are_gone_are_named_and_stop_no_other(services, trained, state, files):
    state = dropped(services, state, trained, files[1:])[0]
    painted = about(state, path=upload(services, Image.new("RGB", (48, 64))))
    corrected = corrections.retouch(services, state, trained, painted).state
    shutil.rmtree(corrected.photos[1].path.parent)
    left, view, strip, note = photos.edit_next(services, corrected)
    assert [photo.name for photo in left.photos] == ["photo 0.jpg", "photo 2.jpg"]
    assert view["name"] == "photo 0.jpg"
    assert "photo 1.jpg is no longer here" in note
    for _ in range(2):
        strip = photos.edit_next(services, left).strip
    assert 'data-pending="0"' in strip
    for photo in left.photos:
        shutil.rmtree(photo.path.parent)
    left, view, strip, note = dropped(services, left, trained, files[1:2])
    assert ([photo.name for photo in left.photos], strip) == (["photo 1.jpg"], "")
    assert "photo 0.jpg, photo 2.jpg are no longer here" in note
    shutil.rmtree(left.photo.path.parent)
    empty, view, strip, note = photos.edit(services, left, trained)
    assert (empty.photos, view, strip) == ((), None, "")
    assert "photo 1.jpg is no longer here" in note


def test_a_photo_is_removed_and_the_next_one_is_shown(services, trained, files):
    state, _, strip, _ = dropped(services, EditState(), trained, files)
    assert [f'data-remove="{photo.path}"' in strip for photo in state.photos] == [True] * 3
    painted = about(state, 1, path=upload(services, Image.new("RGB", (48, 64))))
    state = corrections.retouch(services, replace(state, shown=1), trained, painted).state
    for index, shown, left in ((1, "photo 2.jpg", 2), (0, "photo 2.jpg", 1)):
        gone = state.photos[index]
        state, view, strip, _ = photos.remove(services, state, about(state, index))
        assert (view["name"], view["count"], len(state.photos)) == (shown, left, left)
        assert gone.path not in state.steps
        with pytest.raises(gr.Error, match="no longer here"):
            photos.remove(services, state, event(photo=str(gone.path)))
    assert strip == ""
    assert photos.remove(services, state, about(state)).viewer is None


def test_a_state_without_settings_finds_the_first_weights(services, trained, state):
    early = replace(state, settings=None)
    assert choices.variations(services, early, trained).count("<figure>") == 4
    assert downloads.export_shown(services, early, trained, event(format="PNG"))["name"] == "photo-0-toy.png"
    assert settings.set_strength(services, early, trained, event(value=50)).state.settings.run == trained
    untrained = services.library.duplicate_run(trained)
    for use in (choices.variations, corrections.add_pair, lambda *a: downloads.export_all(*a, event(format="PNG"))):
        with pytest.raises(gr.Error, match="learned nothing yet"):
            use(services, early, untrained)
    with pytest.raises(gr.Error, match="learned nothing yet"):
        corrections.continue_warm(services, untrained, 3)


def test_files_to_keep(services, trained, state):
    assert downloads.export_shown(services, state, trained, event(format="PNG"))["name"] == "photo-0-toy.png"
    file, _ = downloads.export_all(services, state, trained, event(format="JPEG"))
    assert file["name"] == "toy-edits.zip"


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


def test_what_is_missing_is_told(services, trained, files):
    with pytest.raises(gr.Error, match="Train"):
        photos.edit(services, EditState(), None)
    with pytest.raises(gr.Error, match="photo"):
        photos.edit(services, EditState(), trained)
    for use in (choices.variations, choices.compare, corrections.add_pair):
        with pytest.raises(gr.Error, match="photo"):
            use(services, EditState(), trained)
    for bad in ({"kind": "photo", "value": "7"}, {"kind": "x", "value": ""}, {"kind": "photo"}, {}):
        with pytest.raises(gr.Error):
            choices.choose(services, EditState(), trained, event(**bad))


def test_what_can_be_focused_says_what_it_is():
    focusable = re.findall(r"<[^>]*tabindex[^>]*>", viewer().html_template)
    assert len(focusable) == 2
    assert all('role="group"' in tag for tag in focusable)


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


def test_another_page_finds_all_that_was_on_the_desk(services, trained, state, files):
    state = dropped(services, state, trained, files[1:2]).state
    state = settings.set_frames(services, state, trained, about(state, frames=[[0, 0, 40]])).state
    painted = about(state, 0, path=upload(services, draw_toy_pair(1, 64)[1].resize((48, 64))))
    state = corrections.retouch(services, state, trained, painted).state
    state = settings.set_seed(services, state, 5).state
    restored, view, strip, _, seed = photos.restore(services)
    assert restored == state
    assert (view["name"], view["frames"], view["canUndo"], seed) == ("photo 1.jpg", ((0, 0, 40),), True, 5)
    assert strip.count("<figure") == 2

    again = choices.change_run(services, restored, trained)[0]  # as the page chooses its run
    assert again == restored and again.correction(again.photos[0])
    other = services.library.duplicate_run(trained)
    assert choices.change_run(services, restored, other)[0].settings is None
    shutil.rmtree(services.workspace.run_dir(trained))
    services.desk.save(restored)
    alone, view, *_ = photos.restore(services)
    assert (alone.settings, view["after"], len(alone.photos)) == (None, None, 2)
    photos.clear(services, alone)
    assert photos.restore(services)[0] == gr.skip()


def test_photos_are_there_though_the_run_cannot_edit(services, trained, state, monkeypatch):
    def fails(*args):
        raise WorkspaceError("The weights are damaged.")

    monkeypatch.setattr(services.editing, "edit", fails)
    restored, view, _, note, _ = photos.restore(services)
    assert (restored.settings, view["name"]) == (None, "photo 0.jpg")
    assert "weights are damaged" in note
