import json
from functools import partial

import gradio as gr
import pytest

from editor.errors import UserError
from editor.ui.components.run_status import run_status
from editor.ui.messages.common import readable_bytes
from editor.ui.selection import runs_of
from editor.ui.tabs import runs, timeline
from tests.services import give_effect


class Event:
    def __init__(self, **data):
        self._data = data


def act(services, action, run, name="", minutes=1):
    return runs.act(services, minutes, Event(action=action, run=run, name=name))


def rows(services, shown=None):
    listing = services.training.listing()
    return json.loads(runs.render(services.cards.of(runs_of(listing, "toy"), listing), listing.problems, shown))


def test_the_list_tells_what_there_is(services, trained):
    (row,) = rows(services, trained)["runs"]
    assert row["name"] == "toy"
    assert row["state_label"] == "Finished"
    assert "32 px" in row["about"]
    assert "over no edit" in row["score"]
    time, size = row["facts"]
    assert ":" in time
    assert size.endswith(" MB")
    assert row["picture"].endswith(".png")
    assert rows(services, trained)["shown"] == trained


def test_rename_copy_and_delete_with_undo(services, trained):
    act(services, "rename", trained, name="  First <try> ")
    shown, _, _ = act(services, "copy", trained)
    names = {row["id"]: row["name"] for row in rows(services)["runs"]}
    assert names == {trained: "First <try>", shown: "First <try> copy"}
    assert next(row for row in rows(services)["runs"] if row["id"] == shown)["score"] == "no preview yet"
    _, deleted, button = act(services, "delete", trained)
    assert button["visible"]
    assert "First <try>" in button["value"]
    assert [row["id"] for row in rows(services)["runs"]] == [shown]
    back, nothing, button = runs.undo(services, deleted)
    assert (back, nothing, button["visible"]) == (trained, None, False)
    assert len(rows(services)["runs"]) == 2
    assert act(services, "show", trained)[0] == trained


def test_only_runs_of_the_effect_are_listed_and_compared_with(services, trained):
    other = services.workspace.create_effect("Other").slug
    assert runs_of(services.training.listing(), other) == []
    copy = services.library.duplicate_run(trained)
    elsewhere = give_effect(services, services.library.duplicate_run(trained), other)
    listing = services.training.listing()
    choices = timeline.render(services, listing, listing.status(trained))[-1]["choices"]
    assert [id for _, id in choices] == ["", copy] and elsewhere not in {row["id"] for row in rows(services)["runs"]}


def test_the_card_of_the_shown_run_has_the_same_actions(services, trained):
    change = partial(runs.act_on_shown, services, 1)
    change(Event(action="rename", name=trained, to="First"))
    assert services.training.open(trained).name == "First"
    assert change(Event(action="delete", name=trained, to=""))[2]["visible"]
    with pytest.raises((gr.Error, UserError)):
        change(Event(action="delete", name="../effects", to=""))


def test_the_card_offers_to_keep_what_editing_needs_while_there_is_more(services, trained):
    def card():
        status = services.training.status(trained)
        (row,) = services.cards.of([status], services.training.listing())
        return run_status(status, row.bytes), row.bytes

    offered, before = card()
    assert 'data-action="slim"' in offered and "data-confirm=" in offered and readable_bytes(before) in offered
    runs.act_on_shown(services, 1, Event(action="slim", name=trained, to=""))
    offered, after = card()
    assert 'data-action="slim"' not in offered and after < before / 2
    assert readable_bytes(after) in rows(services)["runs"][0]["facts"]


def test_the_row_of_a_run_that_learns_is_the_same_between_two_previews(services, trained):
    shown, _, _ = act(services, "continue", trained, minutes=10)
    row = next(row for row in rows(services)["runs"] if row["id"] == shown)
    assert row["live"]
    assert row["facts"] == []
    with pytest.raises(UserError, match="being trained"):
        act(services, "delete", trained)
    services.training.stop()


def test_runs_that_cannot_be_read_are_told(services, trained):
    broken = services.workspace.runs_dir / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    sent = rows(services)
    assert len(sent["runs"]) == 1
    assert "broken" in sent["problems"][0]


def test_curves_of_several_runs(services, trained):
    other = services.library.duplicate_run(trained)
    sent = json.loads(runs.compare(services, Event(runs=[trained, other])))
    assert {line["label"] for line in sent["lines"]} == {"toy"}  # the copy has no curve yet
    assert json.loads(runs.compare(services, Event(runs=[])))["lines"] == []


@pytest.mark.parametrize(
    "event",
    [
        Event(action="explode", run="toy", name=""),
        Event(action="delete", run="../effects", name=""),
        Event(action="show", run="gone", name=""),
        Event(action="rename", run="toy", name=" "),
        Event(action="rename", run="toy"),
        Event(action="continue", run="toy", name="", extra=None),
    ],
)
def test_actions_that_cannot_be(services, trained, event):
    minutes = None if "extra" in event._data else 1
    with pytest.raises((gr.Error, UserError)):
        runs.act(services, minutes, event)
    assert [row["id"] for row in rows(services)["runs"]] == [trained]


@pytest.mark.parametrize("wanted", ["toy", [1], ["gone"], ["toy"] * 9, None])
def test_comparisons_that_cannot_be(services, trained, wanted):
    with pytest.raises((gr.Error, UserError)):
        runs.compare(services, Event(runs=wanted))
