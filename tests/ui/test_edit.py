import re
import shutil
import time
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from editor.ui.components.html import address
from editor.ui.tabs.edit import handlers, keeping, layout
from editor.ui.tabs.edit.desk import Desk, preview
from editor.ui.tabs.edit.viewer import viewer
from editor.workspace import WorkspaceError
from tests.conftest import draw_toy_pair


def event(**data):
    return SimpleNamespace(_data=data)


def about(desk, index=None, **data):
    """An event of the viewer on the photo that is shown, or on another one."""
    return event(photo=str(desk.photos[desk.shown if index is None else index].path), **data)


def path_of(url):
    return url.removeprefix("gradio_api/file=")


@pytest.fixture
def files(tmp_path):
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"photo {seed}.jpg")
        draw_toy_pair(seed=seed, size=64)[0].resize((48, 64)).save(paths[-1])
    return [str(path) for path in paths]


@pytest.fixture
def desk(services, trained, files):
    return handlers.drop(services, Desk(), trained, files[:1])[0]


def upload(services, picture, name="drawing.png"):
    path = services.workspace.cache_dir / name
    picture.save(path)
    return str(path)


def test_dropped_photos_are_edited_and_a_bad_file_is_named(services, trained, files, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    desk, view, strip, note, left = handlers.drop(services, Desk(), trained, [files[0], str(bad), files[1]])
    assert [photo.name for photo in desk.photos] == ["photo 0.jpg", "photo 1.jpg"]
    assert "bad.png" in note
    assert "48 x 64 pixels" in note
    assert left is None
    before, after = (Image.open(path_of(view[side])) for side in ("before", "after"))
    assert before.size == after.size == (48, 64)
    assert 'data-pending="2"' in strip
    for pending in (1, 0):
        strip = handlers.edit_next(services, desk).strip
        assert f'data-pending="{pending}"' in strip
    assert strip.count("<img") == 2


def test_only_bad_files_are_told(services, trained, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no")
    desk, view, _, note, _ = handlers.drop(services, Desk(), trained, [str(bad)])
    assert (desk.photos, view) == ((), None)
    assert "bad.png" in note


def test_a_photo_is_shown_before_there_is_a_run(services, files):
    desk, view, *_ = handlers.drop(services, Desk(), None, files[:1])
    assert view["after"] is None
    assert Image.open(path_of(view["before"])).size == (48, 64)
    assert desk.settings is None
    with pytest.raises(gr.Error, match="no editor yet"):
        handlers.set_strength(services, desk, None, event(value=50))


def test_an_example_is_edited_with_one_click(services, trained):
    shutil.copytree(services.workspace.run_dir(trained), services.workspace.runs_dir / "other")
    name = services.editing.examples(trained)[0].name
    assert name in handlers.examples(services, trained)
    desk, view, *_ = handlers.choose(services, Desk(), trained, event(kind="example", value=name))
    assert view["after"]
    again = handlers.choose(services, desk, trained, event(kind="example", value=name))[0]
    assert len(again.photos) == 1
    other = handlers.choose(services, desk, "other", event(kind="example", value=name))[0]  # its pairs have equal names
    assert [photo.name for photo in other.photos] == [name, name]
    assert other.photo.source.is_relative_to(services.workspace.run_dir("other"))
    with pytest.raises(gr.Error):
        handlers.choose(services, Desk(), trained, event(kind="example", value="../secret"))


def test_strength_and_scope(services, trained, desk):
    none, view, *_ = handlers.set_strength(services, desk, trained, event(value=0))
    assert np.array_equal(*(np.asarray(Image.open(path_of(view[side]))) for side in ("before", "after")))
    assert none.settings.strength == 0
    assert preview(services, desk)["preview"].startswith("data:image/jpeg;base64,")
    note = handlers.set_scope(services, desk, trained, event(value="everywhere"))[3]
    assert "Outside the area, the edit changes" in note
    for bad in (-1, 151, 0.5, "x", None):
        with pytest.raises(gr.Error):
            handlers.set_strength(services, desk, trained, event(value=bad))
    with pytest.raises(gr.Error):
        handlers.set_scope(services, desk, trained, event(value="nowhere"))


def test_reference_is_chosen_by_picture(services, trained, desk):
    assert 'data-value="choice:random" aria-pressed="true"' in handlers.references(services, desk, trained)
    name = services.training.pairs(trained)[0].name
    desk, *_, strip, _, _ = handlers.choose(services, desk, trained, event(kind="reference", value=f"pair:{name}"))
    assert desk.settings.reference == name
    assert f'data-value="pair:{name}" aria-pressed="true"' in strip
    desk, view, *_ = handlers.choose(services, desk, trained, event(kind="reference", value="choice:average"))
    assert (desk.settings.reference, desk.settings.choice) == (None, "average")
    assert view["heat"]
    for bad in ("pair:nobody", "choice:nothing", "", "x:y"):
        with pytest.raises(gr.Error):
            handlers.choose(services, desk, trained, event(kind="reference", value=bad))


def test_seeds_and_runs_side_by_side(services, trained, desk):
    grid = handlers.variations(services, desk, trained)
    assert grid.count("<figure>") == 4
    desk, *_, seed, _ = handlers.choose(services, desk, trained, event(kind="seed", value="2"))
    assert desk.settings.seed == seed == 2
    for bad in (None, -1, 0.5, float("nan"), 10**12):
        with pytest.raises(gr.Error, match="seed"):
            handlers.set_seed(services, desk, bad)
    other = services.library.duplicate_run(trained)
    for runs in (None, [trained], [trained, trained], [trained] * 5):
        with pytest.raises(gr.Error, match="2 to 4"):
            handlers.compare(services, desk, runs)
    assert [run for _, run in handlers.comparable(services)["choices"]] == [trained]
    for run, told in ((other, "copy: This run has learned nothing"), ("20260101-toy", "20260101-toy is no longer")):
        with pytest.raises(Exception, match=told):
            handlers.compare(services, desk, [trained, run])


def test_only_what_was_brushed_changes(services, trained, desk):
    drawing = Image.new("RGB", (48, 64))
    drawing.paste("white", (0, 0, 48, 32))
    desk, view, *_ = handlers.brush(services, desk, trained, about(desk, path=upload(services, drawing)))
    assert (desk.settings.mask, view["scope"]) == ("brushed", "brushed")
    before, after = (np.asarray(Image.open(path_of(view[side]))) for side in ("before", "after"))
    assert np.array_equal(before[36:], after[36:])
    with pytest.raises(gr.Error):
        handlers.brush(services, desk, trained, about(desk, path="/etc/hostname"))


def test_a_corrected_edit_becomes_a_pair(services, trained, desk):
    painted = draw_toy_pair(0, 64)[1].resize((48, 64))
    desk, view, _, note = keeping.retouch(services, desk, trained, about(desk, path=upload(services, painted)))
    assert np.array_equal(np.asarray(Image.open(path_of(view["after"]))), np.asarray(painted))
    assert "Corrected by you" in note
    desk = with_effect(services, desk)
    assert "The effect has 9 pairs now" in keeping.add_pair(services, desk, trained)
    added = services.workspace.store("toy").pairs()[-1]
    assert np.array_equal(np.asarray(Image.open(added.target).convert("RGB")), np.asarray(painted))
    with pytest.raises(WorkspaceError, match="already"):
        keeping.add_pair(services, desk, trained)
    other = upload(services, painted.resize((64, 48)), "wide.png")
    with pytest.raises(WorkspaceError, match="64 x 48 pixels and photo 0.jpg is 48 x 64"):
        keeping.correct(services, desk, trained, other)


def test_corrections_are_kept_for_each_photo_until_they_are_undone(services, trained, desk, files):
    paintings = [draw_toy_pair(seed, 64)[1].resize((48, 64)) for seed in (1, 2)]
    for painting in paintings:
        desk, view, *_ = keeping.retouch(services, desk, trained, about(desk, path=upload(services, painting)))
    first = desk.corrected
    desk, other, strip, _, _ = handlers.drop(services, desk, trained, [files[1]])
    assert not other["canUndo"]
    assert address(services.workspace.thumbnail(first)) in strip
    desk, view, *_ = handlers.choose(services, desk, trained, event(kind="photo", value="0"))
    assert (desk.corrected, view["after"], view["canUndo"]) == (first, address(first), True)

    desk, view, *_ = handlers.set_strength(services, desk, trained, event(value=50))
    assert desk.corrected is None  # it belongs to one edit
    assert view["canUndo"]
    desk, view, *_ = keeping.undo(services, desk, trained, about(desk))
    assert view["after"] == address(first)
    desk, view, *_ = keeping.undo(services, desk, trained, about(desk))
    assert np.array_equal(np.asarray(Image.open(path_of(view["after"]))), np.asarray(paintings[0]))
    desk, view, *_ = keeping.undo(services, desk, trained, about(desk))
    assert (desk.corrected, view["canUndo"]) == (None, False)
    assert keeping.undo(services, desk, trained, about(desk))[0].corrected is None


def with_effect(services, desk):
    """The run was made elsewhere; tell where its effect is."""
    about = services.workspace.runs_dir / desk.settings.run / "run.json"
    about.write_text(about.read_text().replace('"effect_slug": null', '"effect_slug": "toy"'))
    return desk


def test_training_goes_on_from_the_weights_of_the_run(services, desk, monkeypatch):
    with pytest.raises(gr.Error, match="no longer there"):
        keeping.continue_warm(services, desk.settings.run, 3)
    asked = []
    monkeypatch.setattr(services.training, "start", lambda *args, **more: asked.append((args, more)))
    keeping.continue_warm(services, with_effect(services, desk).settings.run, 3)
    config = services.training.open(desk.settings.run).config
    assert asked == [(("toy", config, 3), {"warm_from": desk.settings.run})]


def test_a_stroke_changes_the_photo_that_it_was_made_on(services, trained, desk, files):
    painting = draw_toy_pair(1, 64)[1].resize((48, 64))
    two, seen, *_ = handlers.drop(services, desk, trained, [files[1]])
    path = upload(services, painting)
    painted, view, strip, _ = keeping.retouch(services, two, trained, about(two, 0, path=path))
    assert (view["after"], view["canUndo"]) == (seen["after"], False)
    corrected = painted.correction(two.photos[0])
    assert np.array_equal(np.asarray(Image.open(corrected)), np.asarray(painting))
    assert address(services.workspace.thumbnail(corrected)) in strip
    brushed, view, *_ = handlers.brush(services, painted, trained, about(two, 0, path=path))
    assert list(brushed.brushes) == [two.photos[0].path]
    assert (brushed.correction(two.photos[0]), view["name"], view["scope"]) == (None, "photo 1.jpg", "brushed")
    undone = keeping.undo(services, brushed, trained, about(two, 0))[0]
    assert (undone.correction(two.photos[0]), undone.photo) == (corrected, two.photo)
    for data in ({"photo": "elsewhere", "path": path}, {"path": path}):
        for stroke in (keeping.retouch, handlers.brush, keeping.undo):
            with pytest.raises(gr.Error, match="no longer here|does not fit"):
                stroke(services, two, trained, event(**data))
    with pytest.raises(WorkspaceError, match="only a quick look"):
        small = upload(services, painting.resize((24, 32)), "small.png")
        keeping.retouch(services, two, trained, about(two, path=small))


def test_photos_stay_while_they_are_on_the_desk(services, trained, desk, files, monkeypatch):
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 5000)
    desk = handlers.drop(services, desk, trained, files[1:2])[0]  # long after the first
    monkeypatch.setattr(time, "monotonic", lambda: start + 8000)
    handlers.edit_next(services, desk)
    monkeypatch.setattr(time, "monotonic", lambda: start + 11000)
    services.editing.open_photo(desk.photo.source)  # on another page
    assert services.editing.touch(desk.photos) == list(desk.photos)


def test_photos_that_are_gone_are_named_and_stop_no_other(services, trained, desk, files):
    desk = handlers.drop(services, desk, trained, files[1:])[0]
    painted = about(desk, path=upload(services, Image.new("RGB", (48, 64))))
    corrected = keeping.retouch(services, desk, trained, painted).desk
    shutil.rmtree(corrected.photos[1].path.parent)
    left, view, strip, note = handlers.edit_next(services, corrected)
    assert [photo.name for photo in left.photos] == ["photo 0.jpg", "photo 2.jpg"]
    assert view["name"] == "photo 0.jpg"
    assert "photo 1.jpg is no longer here" in note
    for _ in range(2):
        strip = handlers.edit_next(services, left).strip
    assert 'data-pending="0"' in strip
    for photo in left.photos:
        shutil.rmtree(photo.path.parent)
    left, view, strip, note, _ = handlers.drop(services, left, trained, files[1:2])
    assert ([photo.name for photo in left.photos], strip) == (["photo 1.jpg"], "")
    assert "photo 0.jpg, photo 2.jpg are no longer here" in note
    shutil.rmtree(left.photo.path.parent)
    empty, view, strip, note = handlers.edit(services, left, trained)
    assert (empty.photos, view, strip) == ((), None, "")
    assert "photo 1.jpg is no longer here" in note


def test_a_desk_without_settings_finds_the_first_weights(services, trained, desk):
    early = replace(desk, settings=None)
    assert handlers.variations(services, early, trained).count("<figure>") == 4
    assert keeping.export_shown(services, early, trained, "PNG")["name"] == "photo-0-toy.png"
    assert handlers.set_strength(services, early, trained, event(value=50)).desk.settings.run == trained
    untrained = services.library.duplicate_run(trained)
    for use in (handlers.variations, keeping.add_pair, lambda *a: keeping.export_all(*a, "PNG")):
        with pytest.raises(gr.Error, match="learned nothing yet"):
            use(services, early, untrained)
    with pytest.raises(gr.Error, match="learned nothing yet"):
        keeping.continue_warm(services, untrained, 3)


def test_files_to_keep(services, trained, desk):
    assert keeping.export_shown(services, desk, trained, "PNG")["name"] == "photo-0-toy.png"
    file, _ = keeping.export_all(services, desk, trained, "JPEG")
    assert file["name"] == "toy-edits.zip"


def test_newest_weights_are_followed_only_after_a_change(services, trained, desk):
    desk, *_, timer = handlers.set_newest(services, desk, trained, is_on=True)
    assert timer.active
    assert handlers.watch(services, desk, trained)[0] == gr.skip()
    weights = services.training.open(trained).weights_path
    weights.touch()
    assert handlers.watch(services, desk, trained)[0].settings.version == services.editing.version(trained)
    shutil.rmtree(services.workspace.run_dir(trained))
    *_, note, is_followed, timer = handlers.watch(services, desk, trained)
    assert "no longer there" in note
    assert (is_followed, timer.active) == (False, False)
    for index, is_active in ((3, True), (1, False)):
        assert layout.watching(services, True, event(index=index)).active == is_active


def test_what_is_missing_is_told(services, trained, files):
    with pytest.raises(gr.Error, match="Train"):
        handlers.edit(services, Desk(), None)
    with pytest.raises(gr.Error, match="photo"):
        handlers.edit(services, Desk(), trained)
    for use in (handlers.variations, handlers.compare, keeping.add_pair):
        with pytest.raises(gr.Error, match="photo"):
            use(services, Desk(), trained)
    for bad in ({"kind": "photo", "value": "7"}, {"kind": "x", "value": ""}, {"kind": "photo"}, {}):
        with pytest.raises(gr.Error):
            handlers.choose(services, Desk(), trained, event(**bad))


def test_what_can_be_focused_says_what_it_is():
    focusable = re.findall(r"<[^>]*tabindex[^>]*>", viewer().html_template)
    assert len(focusable) == 2
    assert all('role="group"' in tag for tag in focusable)
