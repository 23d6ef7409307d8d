import json
import re
from dataclasses import replace

import gradio as gr
import pytest

from editor.errors import UserError
from editor.training.history import PreviewPoint
from editor.training.objective import Losses
from editor.ui import live
from editor.ui.app import build_app
from editor.ui.components.run_status import run_status
from editor.ui.selection import ORPHANS, Selection
from editor.ui.state import Seen
from editor.ui.tabs import start_form, train
from editor.workspace import Visitors
from tests.conftest import TINY
from tests.services import open_visitors, status_when
from tests.ui.forms import tiny
from tests.ui.histories import watched
from tests.ui.uploads import event


def shown(services, run, effect="toy"):
    listing = services.training.listing()
    return train.Live(*train.render(services, effect, services.workspace.pairs(effect), listing, listing.status(run)))


LATER = ("start_later", "resume_later")
BUTTONS = ("start", "measure", "resume", "hold", "preview_now", "save_now", "stop", "go", "stop_other")


def buttons(screen):
    """Return the buttons that are there."""
    return {name for name in BUTTONS if getattr(screen, name)["visible"]}


def wait_for(services, run, state, effect="toy"):
    """Return the screen as soon as the run is in that state."""
    snapshot = status_when(services, run, lambda status: status.state == state)
    pairs, listing = services.workspace.pairs(effect), services.training.listing()
    return train.Live(*train.render(services, effect, pairs, listing, snapshot))


def test_before_any_run(services):
    screen = shown(services, None)
    assert "Toy" in screen.effect
    assert "7 to learn from" in screen.effect
    assert "No run yet" in screen.status
    assert buttons(screen) == {"start", "measure"}
    assert screen.other == ""


def test_a_finished_run(services, trained):
    screen = shown(services, trained)
    assert 'data-state="finished"' in screen.status
    assert "Held-out PSNR" in screen.status and "Held-out SSIM" in screen.status
    assert "step 250, " in screen.status, "when it was saved"
    assert len({line["color"] for line in json.loads(screen.losses)["lines"]}) == len(Losses._fields) - 1, (
        "all but canvas"
    )
    assert "left as it is" in screen.psnr
    assert len(json.loads(screen.previews)["pictures"]) == 1
    assert buttons(screen) == {"start", "measure", "resume"}


def test_every_state_has_its_words_and_its_buttons(services):
    run = train.start(services, "toy", "tiny", 10, *tiny(seed=3))
    assert services.training.open(run).config == replace(TINY, seed=3)
    screen = wait_for(services, run, "running")
    assert buttons(screen) == {"hold", "preview_now", "save_now", "stop"}
    assert screen.hold["value"] == "Pause"
    assert "of about" in screen.status

    train.hold(services, run, "Pause")
    screen = wait_for(services, run, "paused")
    assert buttons(screen) == {"hold", "stop"}
    assert screen.hold["value"] == "Resume"
    train.hold(services, run, "Pause")
    assert services.training.status(run).state == "paused", "another page was faster"
    assert "The clock stands still" in screen.status
    train.preview_now(services, run)
    train.save_now(services, run)
    asked = shown(services, run)
    assert "Saving after this step" in asked.status and "Making a preview after this step" in asked.status
    waits = train._asking("preview", "Preview now", "running", ["preview"])
    assert waits["visible"] and not waits["interactive"] and waits["value"] == "Making a preview…"

    train.hold(services, run, "Resume")
    assert buttons(wait_for(services, run, "running")) >= {"hold", "stop"}
    with pytest.raises(gr.Error):
        train.hold(services, run, "Delete")
    train.stop(services, run)
    stopping = shown(services, run)
    assert buttons(stopping) <= {"start", "measure", "resume"}, "nothing can be asked of what is ending"
    services.training.wait(30)
    screen = shown(services, run)
    assert buttons(screen) == {"start", "measure", "resume"}
    label, more, _ = start_form.describe(services, run, "tiny", 10, *tiny())
    assert label == "Start: 10 minutes, tiny 32 px"
    assert re.fullmatch(r"Continue: \d+:\d\d left", more)
    assert screen.ended != shown(services, None).ended

    train.resume(services, run, 10)
    assert services.training.active == run
    train.stop(services, run)


def test_another_run_is_shown_while_one_is_learning(services, trained):
    run = train.start(services, "toy", "tiny", 10, *tiny())
    wait_for(services, run, "running")
    screen = shown(services, trained)
    assert buttons(screen) == {"go", "stop_other"}
    assert "Toy 2 is learning now" in screen.other and "effect" not in screen.other
    with pytest.raises(UserError, match="another one is"):
        train.stop(services, trained)
    assert train.go(services) == run
    train.hold(services, run, "Pause")
    wait_for(services, run, "paused")
    assert "Toy 2 is paused" in shown(services, trained).other
    other = services.workspace.create_effect("Other").slug
    assert "It learns the effect Toy." in shown(services, None, other).other
    assert buttons(shown(services, None, other)) == {"go", "stop_other"}
    train.stop_other(services)
    assert services.training.wait(30)
    assert buttons(shown(services, None, other)) == {"start", "measure"}


def test_a_run_that_is_started_while_one_is_learning_waits_in_line(services, trained):
    later = {name for name in LATER if getattr(shown(services, trained), name)["visible"]}
    assert later == set() and shown(services, trained).queue == ""
    run = train.start(services, "toy", "tiny", 10, *tiny())
    screen = shown(services, trained)
    assert {name for name in LATER if getattr(screen, name)["visible"]} == set(LATER)
    assert start_form.relabel(services, trained, "tiny", 10, *tiny())[3:] == [
        "Start later: 10 minutes, tiny 32 px",
        "Continue later: 10 minutes more",
    ]
    assert train.start_later(services, "toy", "tiny", 5, *tiny()) == gr.skip(), "the page stays with what it shows"
    train.resume(services, trained, 5)
    screen = shown(services, trained)
    (new,) = {turn.run for turn in services.training.listing().turns} - {trained}
    rows = re.findall(r'data-item="(.*?)".*?<span>(.*?)</span><span>(.*?)</span>', screen.queue)
    assert [row[0] for row in rows] == [new, trained]
    assert rows[0][1:] == ("custom 32 px, 5:00", "begins in about 10 minutes")
    assert buttons(screen) == {"go", "stop_other"}, "the one that is learning is still steered"
    assert 'data-state="queued"' in screen.status and not screen.resume_later["visible"]
    train.act_on_queue(services, event(action="down", name=new))
    assert [turn.run for turn in services.training.listing().turns] == [trained, new]
    assert train.act_on_queue(services, event(action="show", name=new)) == new
    train.act_on_queue(services, event(action="cancel", name=new))
    with pytest.raises(gr.Error):
        train.act_on_queue(services, event(action="delete", name=new))
    line = live.refresh(services, "toy", None, trained, Seen(active=run, selection=Selection("toy", trained)))
    assert any("is first in line, and begins by itself in about" in str(value) for value in line)
    services.training.leave(trained)


def test_nothing_can_be_started_among_runs_without_an_effect(services, trained):
    services.library.delete_effect("toy")
    listing = services.training.listing()
    screen = train.Live(*train.render(services, ORPHANS, (), listing, listing.status(trained)))
    assert buttons(screen) == {"resume"}
    assert "go on with them" in screen.effect
    assert [row["id"] for row in json.loads(screen.runs)["runs"]] == [trained]


@pytest.mark.parametrize(
    ("effect", "preset", "minutes", "changed"),
    [
        (None, "tiny", 1, {}),
        ("toy", "huge", 1, {}),
        ("toy", "tiny", 0, {}),
        ("toy", "tiny", None, {}),
        ("../toy", "tiny", 1, {}),
        ("toy", "tiny", 1, {"seed": -1}),
        ("toy", "tiny", 1, {"seed": 0.5}),
        ("toy", "tiny", 1, {"seed": None}),
        ("toy", "tiny", 1, {"one_to_one": 1}),
        ("toy", "tiny", 1, {"output": "crooked"}),
        ("toy", "tiny", 1, {"augment.flip": float("nan")}),
        ("toy", "tiny", 1, {"optimizer.batch_size": 257}),
        ("toy", "tiny", 1, {"image_size": 33}),
        ("toy", "tiny", 1, {"use_x_j": False}),
        ("toy", "tiny", 1, {"fit": "stretch"}),
        ("toy", "tiny", 1, {"fit": None}),
        ("toy", "tiny", 1, {"fit": ["crop"]}),
    ],
)
def test_starts_that_cannot_be(services, effect, preset, minutes, changed):
    with pytest.raises((gr.Error, UserError)):
        train.start(services, effect, preset, minutes, *tiny(**changed))
    assert services.training.runs() == []


def test_a_copy_that_is_not_trained_yet_can_be_started(services, trained):
    copy = services.library.duplicate_run(trained)
    assert buttons(shown(services, copy)) == {"start", "measure", "resume"}
    assert start_form.describe(services, copy, "tiny", 10, *tiny())[1] == "Start this run: 10 minutes"
    train.resume(services, copy, 10)
    wait_for(services, copy, "running")
    train.stop(services, copy)


def test_a_visitor_may_not_hold_the_machine_but_may_leave_the_line(tmp_path):
    ada, eve = Visitors.new_secret(), Visitors.new_secret()
    with (
        open_visitors(tmp_path / "public") as visitors,
        visitors.services_of(ada) as first,
        visitors.services_of(eve) as second,
    ):
        (time_choice,) = [b for b in build_app(visitors).blocks.values() if b.elem_id == "train-time"]
        assert max(minutes for _, minutes in time_choice.choices) == visitors.limits.minutes
        assert buttons(shown(first, None)) == {"start"}
        one = train.start(first, "toy", "tiny", 10, *tiny())
        assert buttons(wait_for(first, one, "running")) == {"preview_now", "save_now", "stop"}
        with pytest.raises(UserError, match="others wait"):
            train.hold(first, one, "Pause")
        two = train.start(second, "toy", "tiny", 10, *tiny())
        assert buttons(wait_for(second, two, "queued")) == {"stop"}
        train.stop(second, two)
        assert buttons(wait_for(second, two, "untrained")) == {"start", "resume"}
        train.stop(first, one)
        assert first.training.wait(30)


def test_continuing_nothing(services):
    with pytest.raises(gr.Error):
        train.resume(services, None, 3)


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        (lambda t: 20 + t / 20, "Still getting better"),
        (lambda t: 25.0, "gained nothing for"),
        (lambda t: 20 + t / 10 if t < 60 else 26 - (t - 60) / 20, "it has only learned the pairs by heart"),
    ],
)
def test_advice_in_words(services, trained, curve, sentence):
    snapshot = services.training.status(trained)
    times = [5.0 * index for index in range(41)]
    previews = tuple(PreviewPoint(int(10 * t), t, curve(t), 0.9, True, ()) for t in times)
    history = replace(snapshot.history, previews=previews, chance_shift=0.05)
    status = run_status(replace(watched(snapshot, history), state="running"))
    assert "1.6 px of the model" in status
    assert sentence in status
    assert ("Used for editing" in status) == (curve(200.0) < curve(60.0))
    assert "stop now" not in run_status(replace(watched(snapshot, history), state="finished")), (
        "there is nothing to stop"
    )


def test_a_look_is_said_to_be_one(services, trained):
    snapshot = services.training.status(trained)
    look = watched(snapshot, replace(snapshot.history, color_map=0.974))
    assert "explains 97% of this effect" in run_status(look)
    assert "explains" not in run_status(watched(snapshot, replace(snapshot.history, color_map=0.0)))


def test_fine_detail_is_said_to_be_learned_first(services, trained):
    snapshot = services.training.status(trained)
    detailed = watched(snapshot, replace(snapshot.history, has_detail=True))
    assert "learned first" in run_status(detailed)
    assert "learned first" not in run_status(snapshot)


def test_grain_is_said_to_be_laid_over_edits(services, trained):
    snapshot = services.training.status(trained)
    assert "have grain, by 4.2 of 255" in run_status(watched(snapshot, replace(snapshot.history, grain=4.2)))
    assert "grain" not in run_status(snapshot)
