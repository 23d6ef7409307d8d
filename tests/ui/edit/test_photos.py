"""Photos come, are shown and edited, and go."""

import re
import shutil
import time
from dataclasses import replace

import gradio as gr
import pytest
from PIL import Image

from editor.ui.tabs.edit import choices, corrections, downloads, photos, settings
from editor.ui.tabs.edit.thumbnail_rows import photo_row
from editor.ui.tabs.edit.viewer import viewer
from editor.workspace import EditState, WorkspaceError
from tests.conftest import draw_toy_pair
from tests.ui.edit.events import about, dropped, event, path_of, upload


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
    with pytest.raises(gr.Error, match="At most 400"):
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


def test_a_photo_that_fails_stops_no_other_and_can_be_tried_again(services, trained, state, files, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    state = dropped(services, state, trained, [*files[1:], str(bad)]).state
    whole = state.photos[2].path.read_bytes()
    state.photos[2].path.write_bytes(b"damaged")
    state = replace(state, shown=0)
    for _ in range(3):
        state, _, strip, _ = photos.edit_next(services, state)
    names = sorted(failure.name for failure in state.progress.failed.values())
    assert names == ["bad.png", "photo 2.jpg"]
    assert services.desk.load().progress.failed == state.progress.failed
    assert 'data-pending="0"' in strip and "2 of 3 photos edited, 2 failed" in strip and strip.count("data-retry") == 2
    turn = state.progress.turn
    assert f'data-turn="{turn}"' in strip  # a page asks once a turn

    state.photos[2].path.write_bytes(whole)
    state, _, strip, _ = photos.retry(services, state, trained, event(photo=str(state.photos[2].path)))
    assert 'data-pending="1"' in strip and state.progress.turn > turn
    (upload,) = state.progress.failed
    shutil.copy(files[0], upload)
    state = photos.retry(services, state, trained, event(photo=str(upload))).state
    assert [photo.name for photo in state.photos] == ["photo 0.jpg", "photo 1.jpg", "photo 2.jpg", "bad.png"]
    assert (state.shown, state.progress.failed) == (0, {})
    with pytest.raises(gr.Error):
        photos.retry(services, state, trained, event(photo=str(upload)))


def test_what_failed_is_skipped(services, trained, state, files, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    state = dropped(services, state, trained, [files[1], str(bad)]).state
    (upload,) = state.progress.failed
    state, _, strip, _ = photos.remove(services, state, event(photo=str(upload)))
    assert (state.progress.failed, len(state.photos), "data-retry" in strip) == ({}, 2, False)


def test_photos_that_wait_can_be_stopped(services, trained, state, files):
    state = dropped(services, state, trained, files[1:]).state
    state, _, strip, _ = photos.pause(services, state, event(isStopped=True))
    assert 'data-pending="0"' in strip and "Go on" in strip
    assert photos.edit_next(services, state).state == state
    assert services.desk.load().progress.is_stopped
    state, _, strip, _ = photos.pause(services, state, event(isStopped=False))
    assert 'data-pending="2"' in strip and "Stop" in strip
    assert "1 of 3" not in photos.edit_next(services, state).strip


def test_what_stops_all_photos_stops_at_once(services, trained, state, files, monkeypatch):
    state = dropped(services, state, trained, files[1:]).state

    def fail(*_, **options):
        if options["is_wanted"]:
            raise WorkspaceError("The disk is full.")

    monkeypatch.setattr(services.editing, "thumbnail", fail)
    state, _, strip, note = photos.edit_next(services, state)
    assert state.progress.is_stopped and not state.progress.failed
    assert "The disk is full." in note


def test_photos_of_one_drop_come_in_parts(services, trained, state, files):
    upload = shutil.copy(files[1], services.workspace.cache_dir)
    later = event(files=[{"path": upload, "name": "later.jpg"}], isLater=True, total=9)
    after, view, strip, note = photos.drop(services, state, trained, later)
    assert (after.shown, after.photos[-1].name, view, note) == (0, "later.jpg", gr.skip(), gr.skip())
    assert 'data-pending="2"' in strip
    assert services.desk.load().photos == after.photos


def test_the_filmstrip_shows_the_photos_around_the_shown_one(services, state):
    many = replace(state, photos=state.photos * 100, shown=50)
    assert services.filmstrip.page(many) == range(48, 96)
    assert list(services.filmstrip.page(replace(many, shown=99))) == [96, 97, 98, 99]
    row = photo_row(many, [None] * 100, range(48, 96))
    assert row.count("<figure") == 48
    assert all(words in row for words in ('data-value="47"', 'data-value="96"', "49 to 96 of 100"))


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


def test_another_page_finds_all_that_was_on_the_desk(services, trained, state, files, tmp_path):
    state = dropped(services, state, trained, files[1:2]).state
    state = settings.set_frames(services, state, trained, about(state, frames=[[0, 0, 40]])).state
    painted = about(state, 0, path=upload(services, draw_toy_pair(1, 64)[1].resize((48, 64))))
    state = corrections.retouch(services, state, trained, painted).state
    state = settings.set_seed(services, state, 5).state
    state = downloads.set_names(services, state, "{number} {name}")
    (tmp_path / "bad.png").touch()
    state = dropped(services, state, trained, [str(tmp_path / "bad.png")]).state
    restored, view, strip, _, seed, names = photos.restore(services)
    assert restored == state
    assert (view["name"], view["frames"], view["canUndo"], seed) == ("photo 1.jpg", ((0, 0, 40),), True, 5)
    assert (strip.count("<figure"), strip.count("data-retry"), names) == (2, 1, "{number} {name}")

    again = choices.change_run(services, restored, trained)[0]  # as the page chooses its run
    assert again == restored and again.correction(again.photos[0])
    other = services.library.duplicate_run(trained)
    assert choices.change_run(services, restored, other)[0].settings is None
    shutil.rmtree(services.workspace.run_dir(trained))
    services.desk.save(restored)
    alone, view, *_ = photos.restore(services)
    assert (alone.settings, view["after"], len(alone.photos)) == (None, None, 2)
    photos.clear(services, alone)
    assert photos.restore(services)[0] == EditState(names=state.names)
    photos.clear(services, replace(alone, names=EditState().names))
    assert photos.restore(services)[0] == gr.skip()


def test_photos_are_there_though_the_run_cannot_edit(services, trained, state, monkeypatch):
    def fails(*args):
        raise WorkspaceError("The weights are damaged.")

    monkeypatch.setattr(services.editing, "edit", fails)
    restored, view, _, note, *_ = photos.restore(services)
    assert (restored.settings, view["name"]) == (None, "photo 0.jpg")
    assert "weights are damaged" in note


def test_what_can_be_focused_says_what_it_is():
    focusable = re.findall(r"<[^>]*tabindex[^>]*>", viewer().html_template)
    assert len(focusable) == 2
    assert all('role="group"' in tag for tag in focusable)
