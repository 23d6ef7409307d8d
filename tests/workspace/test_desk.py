import json
import os
import time
from dataclasses import replace

import pytest
from PIL import Image

from editor.editing.frames import Frame
from editor.workspace import EditProgress, EditSettings, EditState, Failure, NamePattern, Services, Workspace
from editor.workspace import desk as desk_module
from tests.conftest import TINY, draw_toy_pair
from tests.services import open_visitors


@pytest.fixture
def state(services, tmp_path):
    """Two photos, one transparent; on the other a frame, a stroke and a painting, of which the last is undone."""
    files = [tmp_path / "me.jpg", tmp_path / "sticker.png"]
    draw_toy_pair(0, 64)[0].save(files[0])
    art = draw_toy_pair(1, 64)[0].convert("RGBA")
    art.putalpha(Image.linear_gradient("L").resize((64, 64)))
    art.save(files[1])
    photos = tuple(services.editing.open_photo(file) for file in files)
    drawing = tmp_path / "drawing.png"
    Image.new("RGB", (64, 64), "white").save(drawing)
    settings = EditSettings(run="toy", version=7, seed=3, strength=0.5, reference="0001", choice="average")
    state = EditState(photos, 0, settings).with_frames((Frame(4, 5, 40),))
    state = state.with_brush(services.editing.save_brush(photos[0], drawing))
    state = state.with_correction(services.editing.save_correction(state.photo, drawing))
    broken = services.workspace.cache_dir / "broken.png"
    broken.touch()
    failed = {path: Failure(path.name, "It cannot be read.") for path in (broken, photos[1].path)}
    state = replace(state, progress=EditProgress(failed, is_stopped=True), names=NamePattern("{number}"))
    return replace(state.with_history(state.history(state.photo).back()), shown=1)


def path_of(services):
    return services.root / "desk.json"


def reopened(services):
    services.close()
    return Services(Workspace(services.root), device="cpu", presets={"tiny": TINY})


def test_everything_comes_back_also_after_a_restart(services, state):
    services.desk.save(state)
    assert services.desk.load() == state
    gone = services.editing.open_photo(state.photos[0].source)  # on no desk
    broken = next(iter(state.progress.failed))  # an upload, of which nothing stays
    again = reopened(services)
    try:
        state = replace(state, progress=state.progress.without_failures([broken]))
        assert again.desk.load() == state
        assert state.photos[0].frames == (Frame(4, 5, 40),)
        assert not gone.path.exists()
        assert again.editing.touch(state.photos) == list(state.photos)
    finally:
        again.close()


def test_an_empty_desk_leaves_nothing(services, state):
    assert services.desk.load() == EditState()
    services.desk.save(state)
    services.desk.save(EditState(settings=state.settings))
    assert not path_of(services).exists()
    assert services.desk.load() == EditState()
    services.desk.save(EditState(names=state.names))
    assert services.desk.load() == EditState(names=state.names)


def test_photos_stay_as_long_as_they_are_on_the_desk_and_an_hour_longer(services, state, monkeypatch):
    services.desk.save(state)
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + 20_000)
    services.editing.open_photo(state.photos[0].source)
    assert all(photo.path.is_file() for photo in state.photos)
    services.desk.save(state.without(state.photos[0]))
    monkeypatch.setattr(time, "monotonic", lambda: start + 22_000)
    services.editing.open_photo(state.photos[0].source)
    assert all(photo.path.is_file() for photo in state.photos)
    monkeypatch.setattr(time, "monotonic", lambda: start + 40_000)
    services.editing.open_photo(state.photos[0].source)
    assert [photo.path.is_file() for photo in state.photos] == [False, True]


def test_what_was_not_used_for_a_day_is_gone(services, state):
    services.desk.save(state)
    for age, is_there in ((desk_module.KEPT_SECONDS - 60, True), (desk_module.KEPT_SECONDS + 60, False)):
        then = time.time() - age
        os.utime(path_of(services), (then, then))
        assert (services.desk.load() == state) == is_there
    assert not path_of(services).exists()
    again = reopened(services)
    assert not any(photo.path.exists() for photo in state.photos)
    again.close()


ODD = [None, True, -1, 1.5, 10**30, "x", "../../run.json", "/etc/passwd", "\ud800", [], ["x"], [[1]], {}, {"x": 1}]


def places(value, path=()):
    """Yield where each value in some JSON is."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def test_no_odd_file_keeps_the_desk_from_opening(services, state):
    services.desk.save(state)
    good = path_of(services).read_text()
    for place in places(json.loads(good)):
        for odd in ODD:
            values = json.loads(good)
            if place:
                at = values
                for key in place[:-1]:
                    at = at[key]
                at[place[-1]] = odd
            else:
                values = odd
            path_of(services).write_text(json.dumps(values))
            loaded = services.desk.load()
            folder = services.workspace.cache_dir / "edits"
            for photo in loaded.photos:
                assert photo.path.is_relative_to(folder) and photo.path.is_file()
                files = [mark[:2] for steps in loaded.history(photo) for mark in steps]
                assert all(file.is_relative_to(folder) for two in files for file in two if file)
            assert all(path.is_relative_to(folder.parent) for path in loaded.progress.failed)
    for text in ("", "{", "[]", '{"format": 99}', '{"format": 1, "photos": []}'):
        path_of(services).write_text(text)
        assert services.desk.load() == EditState()


def test_a_desk_belongs_to_its_visitor_and_survives_a_restart(tmp_path):
    draw_toy_pair(0, 64)[0].save(tmp_path / "me.png")
    with open_visitors(tmp_path / "public") as visitors:
        with visitors.services_of("a" * 43) as services:
            photo = services.editing.open_photo(tmp_path / "me.png")
            services.desk.save(EditState((photo,)))
        with visitors.services_of("b" * 43) as services:
            assert services.desk.load() == EditState()
    with open_visitors(tmp_path / "public") as visitors, visitors.services_of("a" * 43) as services:
        assert services.desk.load() == EditState((photo,))
        assert photo.path.is_file()
