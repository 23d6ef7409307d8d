from dataclasses import replace

import pytest

from editor.ui import live
from editor.ui.components import next_step
from editor.ui.selection import ORPHANS
from editor.ui.state import Seen
from tests.conftest import TINY
from tests.ui.uploads import event
from tests.waiting import wait_until

SKIP = {"__type__": "update"}


def look(services, effect=None, remembered=None, run=None, seen=None):
    run, seen, *rest = live.refresh(services, effect, remembered, run, seen or Seen())
    return run, seen, rest[5], rest


def test_an_idle_page_gets_nothing_new(services, trained):
    run, seen, _, rest = look(services)
    assert run == trained
    effect = rest[0]["value"]
    _, seen, _, _ = look(services, effect, run=run, seen=seen)
    run, _, next_step, rest = look(services, effect, run=trained, seen=seen)
    assert all(value == SKIP for value in (run, next_step, *rest))


def test_a_page_follows_a_run_that_begins_elsewhere(services, trained):
    _, seen, _, _ = look(services, "toy", run=trained)
    new = services.training.start("toy", TINY, 10)
    run, seen, next_step, _ = look(services, "toy", run=trained, seen=seen)
    assert run == new
    assert "Learning" in next_step
    # Somebody who then looks at another run is left alone.
    run, _, _, _ = look(services, "toy", run=trained, seen=seen)
    assert run == SKIP


def test_a_reloaded_page_shows_the_live_run(services, trained):
    new = services.training.start("toy", TINY, 10)
    assert look(services)[0] == new


def test_a_page_opens_with_the_newest_run_that_has_learned(services, trained):
    copy = services.library.duplicate_run(trained)
    assert services.training.runs()[0].id == copy and not services.training.status(copy).has_weights
    assert look(services)[0] == trained
    assert look(services, run=copy)[0] == SKIP, "who asked for the copy keeps it"


def test_the_effect_of_the_last_time_is_selected_again(services):
    other = services.workspace.create_effect("Other").slug
    assert look(services, remembered="toy")[3][0]["value"] == "toy"
    assert look(services, remembered="gone")[3][0]["value"] == other
    assert "value" not in look(services, effect="toy", remembered=other)[3][0]


def test_damaged_pairs_are_told_in_place(services):
    (services.workspace.store("toy").directory / "pairs.json").write_text("{")
    cards = look(services, "toy")[3][2]
    assert "pairs.json" in cards
    assert "pb-bad" in cards


def test_each_picker_has_its_own_update(services, trained):
    pickers = look(services)[3][-3:]
    assert [picker["value"] for picker in pickers] == [trained] * 3
    assert len({id(picker) for picker in pickers}) == 3


def test_an_editor_that_has_learned_is_ready(services, trained):
    assert "drop a photo" in look(services, "toy", run=trained)[2]


def test_what_to_do_next(services, monkeypatch):
    services.workspace.create_effect("Empty")
    assert "Add before/after pairs" in look(services, "empty")[2]
    assert "press Start" in look(services, "toy")[2]
    services.training.start("toy", TINY, 0.005)
    services.training.wait(30)
    for good, words in ((100.0, "Give it more time"), (-100.0, "Your editor is ready")):  # whatever was learned by then
        monkeypatch.setattr(next_step, "GOOD_DB", good)
        assert words in look(services, "toy")[2]
    run = services.training.start("toy", TINY, 10)
    services.training.pause(run)
    wait_until(lambda: services.training.status(run).state == "paused")
    assert "press Resume" in look(services, "toy")[2]
    services.training.stop()
    services.training.wait(30)
    assert "Add before/after pairs" in look(services, "empty")[2]  # that run learned another effect


def test_a_page_is_told_that_a_training_is_done_and_not_that_it_was_stopped(services):
    told = []
    for minutes in (0.001, 10):
        _, seen, _, _ = look(services, "toy")
        run = services.training.start("toy", TINY, minutes)
        seen = replace(seen, active=run)
        if minutes == 10:
            services.training.stop()
        assert services.training.wait(30)
        _, seen, _, rest = look(services, "toy", seen=seen)
        told.append("".join(value for value in rest if isinstance(value, str) and "data-end" in value))
        assert seen.ended == run
    assert "Toy is done" in told[0] and told[1] == ""


def test_another_effect_brings_its_own_run_and_another_run_its_effect(services, trained):
    services.workspace.create_effect("Other")
    _, seen, _, rest = look(services, "toy", run=trained)
    run, seen, _, rest = look(services, "other", run=trained, seen=seen)
    assert run is None and rest[-1]["choices"] == []
    run, _, _, rest = look(services, "other", run=trained, seen=seen)  # "Show it" was pressed
    assert run == SKIP and rest[0]["value"] == "toy"
    assert [id for _, id in rest[-1]["choices"]] == [trained]


def test_a_poll_leaves_a_new_selection_to_its_own_event_once(services, trained):
    _, seen, _, _ = look(services, "toy", run=trained)
    other = services.workspace.create_effect("Other").slug
    run, waiting, *values = live.poll(services, other, None, trained, seen)
    assert all(value == SKIP for value in (run, *values))
    run, *_ = live.poll(services, other, None, trained, waiting)
    assert run is None


def test_a_page_stays_with_its_effect_while_another_one_is_learned(services, trained):
    services.workspace.create_effect("Other")
    _, seen, _, _ = look(services, "other")
    services.training.start("toy", TINY, 10)
    run, _, line, rest = look(services, "other", seen=seen)
    assert run == SKIP and "value" not in rest[0]
    assert "Toy 2 is learning now" in line


def test_runs_of_an_effect_that_is_gone_have_a_place_of_their_own(services, trained):
    services.workspace.create_effect("Other")
    assert not any(place == ORPHANS for _, place in look(services, "other")[3][0]["choices"])
    services.library.delete_effect("toy")
    _, _, _, rest = look(services, "other")
    assert ("Runs without an effect", ORPHANS) in rest[0]["choices"] and rest[-1]["choices"] == []
    run, _, line, rest = look(services, ORPHANS)
    assert run == trained and "Your editor is ready" in line
    assert "runs without an effect" in rest[2]
    assert look(services, run=trained)[3][0]["value"] == ORPHANS, "who asks for the run finds it"
    services.library.delete_run(trained)
    assert look(services, ORPHANS)[3][0]["value"] == "other"


def opened(services, **asked):
    """Return the effect and the run of a page whose address asks for them."""
    run, seen, *_ = live.refresh(services, None, {"last": None, **asked}, None, Seen())
    assert seen.selection.run == (None if run == SKIP else run)
    return seen.selection


def test_an_address_brings_its_effect_and_run(services, trained):
    other = services.workspace.create_effect("Other").slug
    copy = services.library.duplicate_run(trained)
    assert opened(services, effect="toy", run=copy) == ("toy", copy)
    assert opened(services, effect="toy") == ("toy", trained)
    assert opened(services, run=copy) == ("toy", copy), "the run says which effect"
    assert opened(services, effect=other, run=copy) == (other, None)
    assert opened(services, effect="gone", run=copy) == ("toy", copy)
    assert opened(services, effect="gone", run="gone", last=other) == (other, None)
    assert opened(services, effect="toy", run=copy, last=other) == ("toy", copy)
    update, run = live.move(services, event(effect="toy", run=copy))
    assert (update["value"], run) == ("toy", copy)


@pytest.mark.parametrize("odd", ["", "../toy", "toy/", "<b>", "é" * 300, 5, ["toy"], {"toy": 1}, None, True])
def test_an_odd_address_is_ignored(services, trained, odd):
    assert opened(services, effect=odd, run=odd, last=odd) == ("toy", trained)
    update, run = live.move(services, event(effect=odd, run=odd))
    assert (update["value"], run) == ("toy", trained)
