from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from editor.ui.components.html import address
from editor.ui.tabs.edit import handlers, keeping, layout
from editor.ui.tabs.edit.desk import Desk, preview
from editor.workspace import WorkspaceError
from tests.conftest import draw_toy_pair


def event(**data):
    return SimpleNamespace(_data=data)


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
        strip = handlers.edit_next(services, desk)
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
    with pytest.raises(gr.Error, match="first preview"):
        handlers.set_strength(services, desk, event(value=50))


def test_an_example_is_edited_with_one_click(services, trained):
    name = services.editing.examples(trained)[0].name
    assert name in handlers.examples(services, trained)
    desk, view, *_ = handlers.choose(services, Desk(), trained, event(kind="example", value=name))
    assert view["after"]
    again = handlers.choose(services, desk, trained, event(kind="example", value=name))[0]
    assert len(again.photos) == 1
    with pytest.raises(gr.Error):
        handlers.choose(services, Desk(), trained, event(kind="example", value="../secret"))


def test_strength_and_scope(services, desk):
    none, view, *_ = handlers.set_strength(services, desk, event(value=0))
    assert np.array_equal(*(np.asarray(Image.open(path_of(view[side]))) for side in ("before", "after")))
    assert none.settings.strength == 0
    assert preview(services, desk)["preview"].startswith("data:image/jpeg;base64,")
    note = handlers.set_scope(services, desk, event(value="everywhere"))[3]
    assert "Outside the area, the edit changes" in note
    for bad in (-1, 151, 0.5, "x", None):
        with pytest.raises(gr.Error):
            handlers.set_strength(services, desk, event(value=bad))
    with pytest.raises(gr.Error):
        handlers.set_scope(services, desk, event(value="nowhere"))


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
    grid = handlers.variations(services, desk)
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
    with pytest.raises(Exception, match="learned nothing"):
        handlers.compare(services, desk, [trained, other])


def test_only_what_was_brushed_changes(services, desk):
    drawing = Image.new("RGB", (48, 64))
    drawing.paste("white", (0, 0, 48, 32))
    desk, view, *_ = handlers.brush(services, desk, event(path=upload(services, drawing)))
    assert (desk.settings.scope, view["scope"]) == ("brushed", "brushed")
    before, after = (np.asarray(Image.open(path_of(view[side]))) for side in ("before", "after"))
    assert np.array_equal(before[36:], after[36:])
    with pytest.raises(gr.Error):
        handlers.brush(services, desk, event(path="/etc/hostname"))


def test_a_corrected_edit_becomes_a_pair(services, desk):
    painted = draw_toy_pair(0, 64)[1].resize((48, 64))
    desk, view, _, note = keeping.retouch(services, desk, event(path=upload(services, painted)))
    assert np.array_equal(np.asarray(Image.open(path_of(view["after"]))), np.asarray(painted))
    assert "Corrected by you" in note
    desk = with_effect(services, desk)
    assert "The effect has 9 pairs now" in keeping.add_pair(services, desk)
    added = services.workspace.store("toy").pairs()[-1]
    assert np.array_equal(np.asarray(Image.open(added.target).convert("RGB")), np.asarray(painted))
    with pytest.raises(WorkspaceError, match="already"):
        keeping.add_pair(services, desk)
    other = upload(services, painted.resize((64, 48)), "wide.png")
    with pytest.raises(WorkspaceError, match="64 x 48 pixels and photo 0.jpg is 48 x 64"):
        keeping.correct(services, desk, other)


def test_corrections_are_kept_for_each_photo_until_they_are_undone(services, trained, desk, files):
    paintings = [draw_toy_pair(seed, 64)[1].resize((48, 64)) for seed in (1, 2)]
    for painting in paintings:
        desk, view, *_ = keeping.retouch(services, desk, event(path=upload(services, painting)))
    first = desk.corrected
    desk, other, strip, _, _ = handlers.drop(services, desk, trained, [files[1]])
    assert not other["canUndo"]
    assert address(services.workspace.thumbnail(first)) in strip
    desk, view, *_ = handlers.choose(services, desk, trained, event(kind="photo", value="0"))
    assert (desk.corrected, view["after"], view["canUndo"]) == (first, address(first), True)

    desk, view, *_ = handlers.set_strength(services, desk, event(value=50))
    assert desk.corrected is None  # it belongs to one edit
    assert view["canUndo"]
    desk, view, *_ = keeping.undo(services, desk)
    assert view["after"] == address(first)
    desk, view, *_ = keeping.undo(services, desk)
    assert np.array_equal(np.asarray(Image.open(path_of(view["after"]))), np.asarray(paintings[0]))
    desk, view, *_ = keeping.undo(services, desk)
    assert (desk.corrected, view["canUndo"]) == (None, False)
    assert keeping.undo(services, desk)[0].corrected is None


def with_effect(services, desk):
    """The run was made elsewhere; tell where its effect is."""
    about = services.workspace.runs_dir / desk.settings.run / "run.json"
    about.write_text(about.read_text().replace('"effect_slug": null', '"effect_slug": "toy"'))
    return desk


def test_training_goes_on_from_the_weights_of_the_run(services, desk, monkeypatch):
    with pytest.raises(gr.Error, match="no longer there"):
        keeping.continue_warm(services, desk, 3)
    asked = []
    monkeypatch.setattr(services.training, "start", lambda *args, **more: asked.append((args, more)))
    keeping.continue_warm(services, with_effect(services, desk), 3)
    config = services.training.open(desk.settings.run).config
    assert asked == [(("toy", config, 3), {"warm_from": desk.settings.run})]


def test_files_to_keep(services, desk):
    assert keeping.export_shown(services, desk, "PNG")["name"] == "photo-0-toy.png"
    file, _ = keeping.export_all(services, desk, "JPEG")
    assert file["name"] == "toy-edits.zip"


def test_newest_weights_are_followed_only_after_a_change(services, trained, desk):
    desk, *_, timer = handlers.set_newest(services, desk, trained, is_on=True)
    assert timer.active
    assert handlers.watch(services, desk, trained)[0] == gr.skip()
    weights = services.training.open(trained).weights_path
    weights.touch()
    assert handlers.watch(services, desk, trained)[0].settings.version == services.editing.version(trained)
    for index, is_active in ((3, True), (1, False)):
        assert layout.watching(services, True, event(index=index)).active == is_active


def test_what_is_missing_is_told(services, trained, files):
    with pytest.raises(gr.Error, match="Train"):
        handlers.edit(services, Desk(), None)
    with pytest.raises(gr.Error, match="photo"):
        handlers.edit(services, Desk(), trained)
    for use in (handlers.variations, lambda *a: handlers.compare(*a, [trained]), keeping.add_pair):
        with pytest.raises(gr.Error, match="photo"):
            use(services, Desk())
    for bad in ({"kind": "photo", "value": "7"}, {"kind": "x", "value": ""}, {"kind": "photo"}, {}):
        with pytest.raises(gr.Error):
            handlers.choose(services, Desk(), trained, event(**bad))
