"""Pairs of which an app has cropped one side."""

import numpy as np
import pytest

from editor.image_files import load_image
from editor.pairs.importing import cropping
from editor.pairs.importing.importer import store_plan
from editor.pairs.importing.opening import opened_pairs
from editor.pairs.store import PairStore
from tests.pairs.doctor.test_location import edited, photo
from tests.pairs.importing.bringing import files_of, understood


@pytest.fixture
def folder(tmp_path):
    """Two pairs in order, one cropped after the edit, one cropped before, and one of strangers of another shape."""
    (tmp_path / "mine").mkdir()
    sides = {
        "a": (photo(1), edited(photo(1))),
        "b": (photo(2), edited(photo(2)).crop((60, 0, 420, 360))),
        "c": (photo(3).crop((0, 40, 480, 310)), edited(photo(3))),
        "d": (photo(4), edited(photo(5)).crop((60, 0, 420, 360))),
    }
    for name, (source, target) in sides.items():
        source.save(tmp_path / "mine" / f"{name}_before.png")
        target.save(tmp_path / "mine" / f"{name}_after.png")
    return tmp_path / "mine"


def test_a_crop_is_found_shown_as_a_guess_and_stored(folder, tmp_path):
    plan = understood(files_of(folder), tmp_path)
    guesses = {pair.name: pair.is_guess for pair in plan.pairs}
    assert guesses == {"a": False, "b": True, "c": True, "d": False}
    assert "The picture after shows only a part of the picture before" in plan.pairs[1].rule
    assert "The picture before shows only a part of the picture after" in plan.pairs[2].rule
    assert plan.pairs[3].rule.endswith(cropping.NOT_FOUND) and "50%" in cropping.NOT_FOUND
    store = PairStore(tmp_path / "effect")
    report = store_plan(store, plan)
    assert report.added == ["a", "b", "c"]
    (problem,) = report.problems
    assert problem.startswith("d: the picture before is 480 x 360") and "Crop them" in problem
    for pair in store.pairs()[1:]:
        source, target = (load_image(path) for path in (pair.source, pair.target))
        width, height = (min(sides) for sides in zip(source.size, target.size))
        x, y = (np.asarray(image.crop((0, 0, width, height)), float) for image in (edited(source), target))
        assert np.abs(np.subtract(source.size, target.size)).max() <= 2
        assert np.corrcoef(x.ravel(), y.ravel())[0, 1] > 0.95


def test_the_command_line_asks(folder, tmp_path, monkeypatch):
    asked = []
    with opened_pairs(folder, say=asked.append, ask=asked.append) as store:
        assert [pair.name for pair in store.pairs()] == ["a", "b", "c"]
    assert "will be cropped to that" in asked[1] and "d: the picture before" in asked[2]
    monkeypatch.setattr(cropping, "MAX_LOCATED", 0)
    plan = understood(files_of(folder), tmp_path)
    assert [pair.rule.endswith(cropping.NOT_SEARCHED) for pair in plan.pairs] == [False, True, True, True]


def test_a_crop_that_keeps_the_shape_is_told_from_a_picture_that_was_made_smaller(tmp_path, monkeypatch):
    looked = []
    locate = cropping.locate
    monkeypatch.setattr(cropping, "locate", lambda *given: looked.append(given) or locate(*given))
    for folder, count, change in (
        ("cropped", 2, lambda picture: picture.crop((60, 30, 420, 300))),
        ("smaller", 4, lambda picture: picture.resize((360, 270))),
    ):
        (tmp_path / folder).mkdir()
        for seed in range(count):
            photo(seed).save(tmp_path / folder / f"{seed}_before.png")
            change(edited(photo(seed))).save(tmp_path / folder / f"{seed}_after.png")
        looked.clear()
        plan = understood(files_of(tmp_path / folder), tmp_path / f"{folder} files")
        assert [pair.is_guess for pair in plan.pairs] == [folder == "cropped"] * count
        if folder == "cropped":
            assert np.allclose(plan.pairs[0].source.box, (60 / 480, 30 / 360, 420 / 480, 300 / 360), atol=0.01)
    assert len(looked) == 2 * cropping.NUM_ASKED  # both ways, and no others
