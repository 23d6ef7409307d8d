from editor.ui.tabs import inspect
from editor.workspace import InspectionPictures

SKIP = {"__type__": "update"}


def test_every_picture_has_a_place():
    assert sorted(inspect.FIELDS) == sorted(InspectionPictures._fields)


def test_without_a_run_it_says_what_to_do(services):
    seen, _, _, note, *pictures = inspect.look(services, None, None, None, None)
    assert seen is None
    assert "Start a run" in note
    assert all(picture == SKIP for picture in pictures)


def test_a_new_run_starts_with_a_held_out_pair(services, trained):
    seen, i, j, note, *pictures = inspect.look(services, trained, None, None, None)
    held_out = {pair.name for pair in services.training.pairs(trained) if pair.is_held_out}
    assert i["value"] not in held_out
    assert j["value"] in held_out
    assert note == ""
    assert seen == (trained, i["value"], j["value"], services.editing.version(trained))
    assert all(picture.size[0] > 1 for picture in pictures)


def test_nothing_is_computed_twice(services, trained):
    seen, i, j, *_ = inspect.look(services, trained, None, None, None)
    again = inspect.look(services, trained, i["value"], j["value"], seen)
    assert all(value == SKIP for value in again)


def test_another_pair_keeps_the_choices(services, trained):
    seen, i, j, *_ = inspect.look(services, trained, None, None, None)
    now, i_update, _, _, *pictures = inspect.look(services, trained, j["value"], j["value"], seen)
    assert now[1] == j["value"]
    assert i_update == SKIP
    assert pictures[0] != SKIP


def test_coming_back_to_a_run_shows_it_again(services, trained):
    seen, *_ = inspect.look(services, trained, None, None, None)
    seen, *_ = inspect.look(services, None, None, None, seen)
    seen, _, _, note, *pictures = inspect.look(services, trained, None, None, seen)
    assert note == ""
    assert pictures[0] != SKIP


def test_a_pair_of_another_run_gives_way(services, trained):
    seen, *_ = inspect.look(services, trained, "not-there", "not-there", ("other", "not-there", "not-there", 1))
    assert seen[1] != "not-there"


def test_a_run_that_is_not_there_is_told_in_place(services):
    seen, _, _, note, *pictures = inspect.look(services, "../secret", None, None, None)
    assert seen is None
    assert "no longer there" in note
    assert all(picture == SKIP for picture in pictures)
