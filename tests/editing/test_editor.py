from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.editing.errors import EditorError
from editor.editing.references import NUM_AVERAGED
from editor.images import to_tensor
from editor.inspection.trace import closeness, trace_edit
from tests.conftest import draw_toy_pair


@pytest.fixture
def cropping(trained_run) -> Editor:
    """The same weights under the setting fit="crop"; the toy pairs are square, so training is the same."""
    editor = Editor.load(trained_run.path, "cpu")
    editor.model.config = replace(editor.model.config, fit="crop")
    return editor


def panorama(seeds, size=64, *, tall=False):
    """Toy pictures beside each other, before and after, with a ground that goes on from one to the next."""
    sides = zip(*(draw_toy_pair(seed, size) for seed in seeds))
    return tuple(Image.fromarray(np.concatenate(list(map(np.asarray, side)), axis=0 if tall else 1)) for side in sides)


def test_an_unseen_picture_gets_the_effect(editor):
    source, target = draw_toy_pair(seed=999)
    edit = to_tensor(editor.edit(source).image)
    error = (edit - to_tensor(target)).abs().mean()
    do_nothing = (to_tensor(source) - to_tensor(target)).abs().mean()
    assert error < 0.4 * do_nothing


@pytest.mark.parametrize("size", [(32, 32), (200, 90), (31, 97), (1, 1), (640, 480)])
def test_the_result_has_the_size_of_the_input(editor, size):
    source = draw_toy_pair(seed=5)[0].resize(size)
    assert editor.edit(source).image.size == size


def test_same_seed_same_result_whatever_came_before(editor):
    source, other = draw_toy_pair(seed=1)[0], draw_toy_pair(seed=2)[0]
    first = np.asarray(editor.edit(source, seed=3).image)
    editor.edit(other, seed=8)
    assert np.array_equal(first, np.asarray(editor.edit(source, seed=3).image))


def test_reference_can_be_chosen_and_is_never_held_out_by_chance(editor, trained_run):
    source = draw_toy_pair(seed=1)[0]
    assert editor.edit(source, reference=editor.references[2]).reference == editor.references[2]
    held_out = {pair.name for pair in trained_run.store.held_out()}
    assert {editor.edit(source, seed=seed).reference for seed in range(8)}.isdisjoint(held_out)
    with pytest.raises(EditorError, match="no pair named 'nobody'"):
        editor.edit(source, reference="nobody")


def test_several_steps_still_edit(editor):
    source, target = draw_toy_pair(seed=999)
    edit = to_tensor(editor.edit(source, num_steps=3).image)
    assert (edit - to_tensor(target)).abs().mean() < (to_tensor(source) - to_tensor(target)).abs().mean()


def test_what_cannot_edit_says_why(tmp_path, fresh_run):
    with pytest.raises(EditorError, match="There is no run"):
        Editor.load(tmp_path / "nothing")
    with pytest.raises(EditorError, match="Train for a few seconds"):
        Editor.load(fresh_run.path)


def test_what_is_not_edited_stays_as_sharp_as_it_was(editor):
    """The edit of a large picture is made on its own pixels, not on an enlarged small copy."""
    small = draw_toy_pair(seed=999)[0]
    random = np.random.default_rng(0)
    ground = np.asarray(small.resize((256, 256), Image.Resampling.BICUBIC)).astype(int)
    source = Image.fromarray(np.clip(ground + random.integers(-20, 20, ground.shape), 0, 255).astype(np.uint8))
    edit = np.asarray(editor.edit(source).image).astype(int)
    corner = (slice(0, 24), slice(0, 24))  # plain ground, no disc
    noise = (np.asarray(source).astype(int) - ground)[corner].ravel()
    kept = (edit - np.asarray(Image.fromarray(edit.astype(np.uint8)).resize((32, 32)).resize((256, 256))))[corner]
    assert np.corrcoef(noise, kept.ravel())[0, 1] > 0.8
    disc = edit[118:138, 118:138].mean(axis=(0, 1))
    assert disc[2] > disc[0] + 60  # red became blue


def test_strength_0_is_the_picture_and_1_is_the_edit(editor):
    source = draw_toy_pair(seed=4)[0].resize((90, 70))
    edits = {strength: np.asarray(editor.edit(source, strength=strength).image, float) for strength in (0, 0.5, 1, 1.5)}
    assert np.array_equal(edits[0], np.asarray(source))
    assert np.array_equal(edits[1], np.asarray(editor.edit(source).image))
    changes = [np.abs(edit - np.asarray(source, float)).mean() for edit in edits.values()]
    assert changes == sorted(changes)
    assert changes[1] == pytest.approx(changes[2] / 2, rel=0.2)  # what is clipped does not grow
    for strength in (-0.1, 1.6, float("nan")):
        with pytest.raises(EditorError, match="strength"):
            editor.edit(source, strength=strength)


def test_best_match_has_the_smallest_error_of_m_x(editor):
    name = editor.references[3]
    x_j = editor.pair(name)[0][None]
    order = editor.match(x_j)
    assert sorted(order) == sorted(editor.references)
    best, worst = (
        trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j[0]) for x_i, y_i in map(editor.pair, (order[0], order[-1]))
    )
    assert closeness(best.x_j_hat, x_j[0]).difference < closeness(worst.x_j_hat, x_j[0]).difference
    prediction = editor.predict(draw_toy_pair(seed=77)[0], choice="best")
    assert prediction.references == (editor.match(to_tensor(draw_toy_pair(seed=77)[0])[None])[0],)


def test_average_is_the_mean_of_the_best_and_says_where_they_disagree(editor):
    source = draw_toy_pair(seed=77)[0]
    average = editor.predict(source, choice="average")
    assert len(average.references) == NUM_AVERAGED
    assert average.references == tuple(editor.match(to_tensor(source)[None])[:NUM_AVERAGED])
    assert average.disagreement.shape == (32, 32)
    assert average.disagreement.max() > 0
    assert editor.predict(source, choice="best").disagreement is None
    assert editor.predict(source, choice="average", reference=editor.references[0]).references == editor.references[:1]


def test_learned_region_is_where_the_effect_is(editor):
    source, target = draw_toy_pair(seed=999)
    mask = np.asarray(editor.predict(source).mask(source.size))
    change = np.abs(np.asarray(source, float) - np.asarray(target, float)).mean(axis=2)
    assert mask[change > 30].min() > 200
    assert (mask == 0).mean() > 0.3


@pytest.mark.parametrize("options", [{}, {"choice": "average"}, {"choice": "best", "num_steps": 2}])
@pytest.mark.parametrize("size", [(32, 32), (90, 90), (500, 499)])
def test_a_square_photo_is_edited_alike_whatever_becomes_of_others(editor, cropping, size, options):
    source = draw_toy_pair(seed=4, size=96)[0].resize(size)
    one, other = (each.predict(source, seed=3, **options) for each in (editor, cropping))
    assert np.array_equal(one.answer, other.answer)
    assert np.array_equal(one.region, other.region)
    assert one.apply(source).tobytes() == other.apply(source).tobytes()


@pytest.mark.parametrize("tall", [False, True])
def test_a_long_photo_is_edited_from_end_to_end(editor, cropping, tall):
    source, target = panorama((999, 77, 5, 21), tall=tall)
    edit = np.asarray(cropping.edit(source).image, float)
    assert edit.shape == np.asarray(source).shape
    error, idle = (np.abs(picture - np.asarray(target, float)) for picture in (edit, np.asarray(source, float)))
    for part, before in zip(np.split(error, 4, axis=0 if tall else 1), np.split(idle, 4, axis=0 if tall else 1)):
        assert part.mean() < 0.6 * before.mean()
    whole = np.abs(np.asarray(editor.edit(source).image, float) - np.asarray(target, float))
    assert error.mean() < whole.mean()


def test_what_is_known_of_a_long_photo_has_its_shape(cropping):
    source, target = panorama((999, 77, 5))
    prediction = cropping.predict(source, choice="average")
    assert prediction.answer.shape[-2:] == prediction.region.shape[-2:] == (32, 96)
    assert prediction.disagreement_in_content().shape == (32, 96)
    assert len(prediction.references) == NUM_AVERAGED
    mask = np.asarray(prediction.mask(source.size))
    change = np.abs(np.asarray(source, float) - np.asarray(target, float)).mean(axis=2)
    assert mask[change > 30].mean() > 200
    half = prediction.apply(source.resize((96, 32)))
    assert half.size == (96, 32)


def test_a_photo_without_end_is_looked_at_a_little_at_a_time(cropping, monkeypatch):
    batches = []
    forward = type(cropping.model).forward
    assert not cropping.adds  # asks the model, too, but once

    def spy(model, **given):
        batches.append(len(given["x_j"]))
        return forward(model, **given)

    monkeypatch.setattr(type(cropping.model), "forward", spy)
    source = draw_toy_pair(seed=5)[0].resize((1600, 20))
    one = cropping.edit(source, seed=2).image
    assert sum(batches) == 15  # eight squares, half overlapping
    monkeypatch.setattr("editor.editing.editor.WINDOW_PIXELS", 4 * 32**2)
    batches.clear()
    other = cropping.edit(source, seed=2).image
    assert batches == [4, 4, 4, 3]
    assert np.abs(np.asarray(one, int) - np.asarray(other, int)).max() <= 2, (
        "how many are asked at once changes nothing"
    )
    batches.clear()
    cropping.predict(source, choice="average")
    assert max(batches) <= NUM_AVERAGED


def test_a_transparent_file_has_a_transparent_edit(editor, tmp_path):
    photo = draw_toy_pair(seed=4, size=64)[0].convert("RGBA")
    photo.putalpha(Image.linear_gradient("L").resize((64, 64)))
    photo.save(tmp_path / "a.png")
    edit = editor.edit(tmp_path / "a.png").image
    assert edit.mode == "RGBA"
    assert np.array_equal(np.asarray(edit.getchannel("A")), np.asarray(photo.getchannel("A")))
    nothing = editor.edit(tmp_path / "a.png", strength=0).image
    assert np.array_equal(np.asarray(nothing), np.asarray(photo))
