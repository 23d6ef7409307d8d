from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from editor.data.dataset import PairDataset
from editor.editing.errors import EditorError
from editor.editing.filtered_photo import Filtered
from editor.editing.sight import Sight
from editor.errors import UserError
from editor.image_files import ImageError
from editor.images import to_tensor
from editor.training.events import Started, to_json
from editor.workspace import ColorRange, InspectionPictures, Question, WorkspaceError
from tests.conftest import TINY, draw_toy_pair

DRAWN = {"flow_legend", "scale_legend", "shift_legend", "error_legend", "move_legend", "kept_legend"}


@pytest.fixture
def question(services, trained) -> Question:
    pairs = services.training.pairs(trained)
    return Question(run=trained, i=pairs[0].name, j=next(pair.name for pair in pairs if pair.is_held_out))


def drawn(found, field):
    with Image.open(found.pictures[field]) as picture:
        return picture.convert("RGB")


def test_it_has_every_picture(services, question):
    found = services.inspecting.inspect(replace(question, num_steps=2))
    copying = {"copied_from", "canvas", "alpha", "alpha_legend"}  # of a run with output "canvas"
    pasting = {"cutout", "matte", "matte_legend", "pasted"}  # of one that adds something
    assert set(found.pictures) == set(InspectionPictures._fields) - copying - pasting - {"curves", "cube", "gains"}
    for field in found.pictures:
        picture = drawn(found, field)
        assert np.asarray(picture).std() > 0.5, field
        if field not in DRAWN | {"steps"}:
            assert picture.size == (TINY.image_size, TINY.image_size), field
    assert len(found.facts.levels) == 2
    assert found.facts.target.psnr > found.facts.target_before.psnr


def test_f_can_be_drawn_in_three_ways(services, question):
    views = {view: services.inspecting.inspect(question, view=view) for view in ("wheel", "arrows", "grid")}
    assert len({drawn(found, "flow").tobytes() for found in views.values()}) == 3
    assert ["flow_legend" in found.pictures for found in views.values()] == [True, False, False]
    pale = services.inspecting.inspect(question, max_pixels=100)
    assert np.asarray(drawn(pale, "flow")).mean() > np.asarray(drawn(views["wheel"], "flow")).mean()


def test_c_is_drawn_at_a_fixed_range_or_at_one_that_fits(services, question):
    fitted, narrow, wide = (
        services.inspecting.inspect(question, color_range=range_)
        for range_ in (None, ColorRange.fixed(0.05), ColorRange.fixed(1.0))
    )
    for field in ("scale", "shift", "scale_legend", "shift_legend"):
        assert len({drawn(found, field).tobytes() for found in (fitted, narrow, wide)}) == 3, field
    assert np.asarray(drawn(wide, "shift")).mean() > np.asarray(drawn(narrow, "shift")).mean()  # paler


def test_drawing_anew_asks_nobody(services, question, monkeypatch):
    services.inspecting.inspect(question)
    monkeypatch.setattr("editor.workspace.inspecting.trace_edit", None)
    services.inspecting.inspect(question, view="grid")
    with pytest.raises(TypeError):
        services.inspecting.inspect(replace(question, noise_level=0.5))


def test_a_picture_of_ones_own_has_no_truth_and_is_fitted_as_for_an_edit(services, question, tmp_path):
    photo = tmp_path / "wide.png"
    draw_toy_pair(seed=99, size=64)[0].resize((90, 30)).save(photo)
    found = services.inspecting.inspect(replace(question, photo=photo))
    assert not {"y_j", "y_error"} & set(found.pictures) and found.facts.target is None
    x_j = drawn(found, "x_j")
    assert x_j.size == (32, 32)
    assert x_j.crop((0, 10, 32, 21)).resize((2, 2)).tobytes()  # the content lies in the middle
    photo.write_text("no picture")
    with pytest.raises(ImageError, match=r"wide\.png"):
        services.inspecting.inspect(replace(question, photo=photo, num_steps=2))


def test_a_picture_of_ones_own_goes_through_the_detail_filter_first(services, question, tmp_path, monkeypatch):
    photo, after = tmp_path / "me.png", Image.new("RGB", (64, 64), (250, 10, 10))
    draw_toy_pair(seed=99, size=64)[0].save(photo)
    monkeypatch.setattr(Sight, "filtered", lambda self, image: Filtered(image, after))
    found = services.inspecting.inspect(replace(question, photo=photo))
    assert np.asarray(drawn(found, "x_j")).reshape(-1, 3).mean(axis=0) == pytest.approx((250, 10, 10), abs=3)


def test_unknown_names_are_refused(services, question):
    for bad in (replace(question, i="nobody"), replace(question, j="../0000"), replace(question, run="../x")):
        with pytest.raises(UserError):
            services.inspecting.inspect(bad)


def test_weights_that_predict_no_numbers_are_told(services, question, monkeypatch):
    editor = services.editing.editor(question.run)
    weight = next(editor.model.m_x.parameters())
    monkeypatch.setattr(weight, "data", weight.data * torch.nan)
    with pytest.raises(EditorError, match="no picture"):
        services.inspecting.inspect(question)


def test_where_training_moved_its_targets_the_truth_is_moved_too(services, question, monkeypatch):
    run = services.training.open(question.run)
    lines = run.events_path.read_text(encoding="utf-8").splitlines()
    run.events_path.write_text("", encoding="utf-8")  # it goes on from another run, and has not begun to learn yet
    assert not services.inspecting.inspect(question).facts.is_registered
    services.inspecting.begin_matrix(question.run)
    started = Started(
        step=0,
        seconds=0.0,
        device="cpu",
        num_pairs=15,
        color_map=None,
        has_detail=False,
        grain=None,
        num_held_out=1,
        chance_shift=0.02,
        unedited_psnr=None,
        progress=0.0,
        budget_minutes=None,
        budget_steps=250,
    )
    run.events_path.write_text("\n".join([to_json(started), *lines[1:]]) + "\n", encoding="utf-8")
    seen = {}

    def register(training, held_out, found):
        seen.update(training=training.names, held_out=held_out.names)
        return replace_targets(training), replace_targets(held_out), 0.02

    def replace_targets(pairs):
        return PairDataset.of(pairs.names, torch.stack([pairs.x, -pairs.x], dim=1))

    monkeypatch.setattr(
        "editor.workspace.inspecting.apply_registration",
        lambda *arguments: type("Registered", (), dict(zip(("training", "held_out"), register(*arguments)))),
    )
    assert services.inspecting.matrix(question.run) is None  # the one that was begun would be wrong
    found = services.inspecting.inspect(question)
    assert found.facts.is_registered
    assert seen["held_out"] == (question.j,) and len(seen["training"]) == 15
    y_j, x_j = (to_tensor(drawn(found, field)) for field in ("y_j", "x_j"))
    torch.testing.assert_close(y_j, -x_j, atol=0.02, rtol=0)


def test_a_run_without_chance_shift_shows_the_files(services, question):
    found = services.inspecting.inspect(question)
    pair = next(pair for pair in services.training.pairs(question.run) if pair.name == question.j)
    assert not found.facts.is_registered
    assert np.array_equal(np.asarray(drawn(found, "y_j")), np.asarray(Image.open(pair.target)))


def test_a_matrix_is_computed_a_little_at_a_time_and_kept(services, trained, monkeypatch):
    monkeypatch.setattr("editor.workspace.inspecting.CHUNK_SECONDS", 0)
    assert services.inspecting.matrix(trained) is None
    matrix = services.inspecting.begin_matrix(trained)
    assert (matrix.num_done, matrix.num_edits, matrix.sheets) == (0, 256, None)
    first = services.inspecting.advance_matrix(trained)
    assert 0 < first.num_done < 256 and first.seconds_left > 0
    assert services.inspecting.begin_matrix(trained).num_done == first.num_done  # goes on
    while not (matrix := services.inspecting.advance_matrix(trained)).is_done:
        assert matrix.sheets is None
    assert matrix.is_newest and all(path.is_file() for path in matrix.sheets)
    assert services.inspecting.matrix(trained) == matrix
    matrix.sheets[0].unlink()  # the cache was emptied
    assert all(path.is_file() for path in services.inspecting.matrix(trained).sheets)


def test_new_weights_make_a_new_matrix(services, trained):
    old = services.inspecting.begin_matrix(trained)
    services.training.resume(trained, 0.005)
    services.training.wait(30)
    assert not services.inspecting.matrix(trained).is_newest
    assert services.inspecting.begin_matrix(trained).step > old.step


def test_a_matrix_that_nobody_began(services, trained):
    with pytest.raises(WorkspaceError, match="Compute it again"):
        services.inspecting.advance_matrix(trained)
