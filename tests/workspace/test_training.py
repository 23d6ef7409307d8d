import json
import shutil
import time
from dataclasses import replace
from datetime import datetime

import pytest

from editor.errors import UserError
from editor.pairs.errors import PairError
from editor.training.trainer import Trainer
from editor.workspace import Services, WorkspaceError
from tests.conftest import TINY
from tests.services import status_when

LONG = 10  # minutes, for runs that the test stops


def test_start_stop_and_continue(services):
    training = services.training
    run = training.start("toy", TINY, LONG)
    assert training.active == run
    live = status_when(services, run, lambda snapshot: snapshot.history.losses)
    assert live.is_live
    training.stop()
    assert training.status(run).state in ("stopping", "stopped")
    assert training.wait(30)
    stopped = training.status(run)
    assert stopped.state == "stopped"
    assert stopped.has_weights
    assert stopped.has_time_left
    assert 5 < stopped.history.unedited_psnr < 50
    last = stopped.history.previews[-1]
    rows = training.preview(run, last.step, last.pictures)
    assert tuple(row.name for row in rows) == last.pictures

    training.resume(run, LONG)
    going = status_when(services, run, lambda snapshot: snapshot.history.step > stopped.history.step)
    assert going.history.losses[0] == stopped.history.losses[0]
    training.stop()
    assert training.wait(30)


def test_pause_save_preview_and_resume(services):
    training = services.training
    run = training.start("toy", TINY, LONG)
    status_when(services, run, lambda snapshot: snapshot.state == "running")
    control = training.control(run)
    control.ask("preview")
    control.ask("save")
    done = status_when(services, run, lambda snapshot: not snapshot.asked)
    assert done.history.saved_step > 0
    assert done.history.previews[-1].step > 0
    assert abs((datetime.now().astimezone() - done.saved_at).total_seconds()) < 60
    control.pause()
    paused = status_when(services, run, lambda snapshot: snapshot.state == "paused")
    assert paused.is_live and training.active == run
    assert paused.history.saved_step == paused.history.step
    with pytest.raises(WorkspaceError, match="already in progress"):
        training.resume(run, LONG)
    time.sleep(0.3)
    assert training.status(run).history.step == paused.history.step
    control.resume()
    status_when(services, run, lambda snapshot: snapshot.history.step > paused.history.step)
    control.pause()
    status_when(services, run, lambda snapshot: snapshot.state == "paused")
    services.close()  # as SIGTERM does
    stopped = training.status(run)
    assert stopped.state == "stopped"
    assert 0 < stopped.budget_left.minutes < LONG


def test_only_the_run_that_is_meant_is_steered(services, trained):
    with pytest.raises(WorkspaceError, match="Nothing"):
        services.training.control(trained)
    services.training.start("toy", TINY, LONG)
    with pytest.raises(WorkspaceError, match="another one"):
        services.training.control(trained)
    with pytest.raises(WorkspaceError, match="nothing can be measured"):
        services.training.forecast(TINY)


def test_a_pause_of_a_process_that_is_gone_is_an_interruption(services, trained):
    run = services.training.open(trained)
    lines = run.events_path.read_text().splitlines()[:-1]
    run.events_path.write_text("\n".join([*lines, '{"kind": "Paused", "step": 250, "seconds": 3.0}']) + "\n")
    assert services.training.status(trained).state == "interrupted"


def test_a_finished_run_continues_for_more_time(services, trained):
    before = services.training.status(trained)
    assert before.state == "finished"
    assert not before.has_time_left
    services.training.resume(trained, 0.01)
    assert services.training.wait(30)
    after = services.training.status(trained)
    assert after.state == "finished"
    assert after.history.step > before.history.step


def test_one_run_at_a_time_and_the_others_wait(services, trained):
    training = services.training
    run = training.start("toy", TINY, LONG)
    with pytest.raises(WorkspaceError, match="already in progress"):
        training.start("toy", TINY, LONG)  # a second press of the same button
    second = training.start("toy", TINY, 1)
    training.resume(trained, 2)
    assert training.active == run
    assert [turn.run for turn in training.listing().turns] == [second, trained]
    assert [training.status(item).state for item in (second, trained)] == ["queued", "queued"]
    for again in (second, trained):
        with pytest.raises(WorkspaceError, match="already in progress"):
            training.resume(again, 1)
    with pytest.raises(WorkspaceError, match="waits in line"):
        services.library.delete_run(second)
    assert len(training.runs()) == 3


@pytest.fixture
def line(services):
    """One run that is learning, and three that wait for it."""
    first = services.training.start("toy", TINY, LONG)
    waiting = [services.training.start("toy", TINY, LONG + number) for number in (1, 2, 3)]
    return first, *waiting


def waiting(services):
    return [turn.run for turn in services.training.listing().turns]


def test_the_line_is_put_in_another_order(services, line):
    _, a, b, c = line
    places = [turn.place for turn in services.training.listing().turns]
    assert [place.position for place in places] == [1, 2, 3]
    assert [round(place.seconds / 60) for place in places] == [10, 21, 33]
    services.training.move(c, -1)
    assert waiting(services) == [a, c, b]
    services.training.move(a, 1)
    assert waiting(services) == [c, a, b]
    for run, by in ((c, -1), (b, 1), ("nothing", 1)):  # further than the ends, or not there
        services.training.move(run, by)
        assert waiting(services) == [c, a, b]
    services.training.leave(a)
    assert waiting(services) == [c, b] and services.training.status(a).state == "untrained"
    services.training.stop(b)
    assert waiting(services) == [c]


@pytest.mark.parametrize("end", ["stop", "pause", "fail"])
def test_the_next_one_begins_by_itself(services, line, monkeypatch, end):
    """When the one before it is stopped, makes way by pausing, or crashes."""
    first, second, *_ = line
    status_when(services, first, lambda snapshot: snapshot.history.losses)
    if end == "fail":
        monkeypatch.setattr(Trainer, "training_step", lambda self: 1 / 0)
    else:
        getattr(services.training, end)(first)
    status_when(services, second, lambda snapshot: snapshot.state != "queued")
    before = services.training.status(first)
    assert before.state == ("failed" if end == "fail" else "stopped") and before.has_time_left


def test_a_paused_run_makes_way_for_one_that_is_started(services):
    first = services.training.start("toy", TINY, LONG)
    status_when(services, first, lambda snapshot: snapshot.history.losses)
    services.training.pause()
    status_when(services, first, lambda snapshot: snapshot.state == "paused")
    second = services.training.start("toy", TINY, 1)
    status_when(services, second, lambda snapshot: snapshot.state != "queued")
    assert services.training.status(first).has_time_left


def test_what_cannot_begin_in_its_turn_says_why_and_the_next_one_does(services, line):
    first, second, third, _ = line
    shutil.rmtree(services.workspace.runs_dir / second / "pairs")
    (services.workspace.runs_dir / third / "config.json").write_text("{")
    last = line[3]
    services.training.stop(first)
    status_when(services, last, lambda snapshot: snapshot.state != "queued")
    assert services.training.status(second).state == "failed"
    assert "cannot be read" in services.training.damaged()[third] or "damaged" in services.training.damaged()[third]


def test_a_restart_finds_the_line_and_goes_on_with_it(services, line, trained):
    _, a, b, c = line
    services.training.resume(trained, 5)
    services.training.move(c, -1)
    services.close()
    assert waiting(services) == [a, c, b, trained], "closing begins nothing"
    again = Services(services.workspace, device="cpu", presets={"tiny": TINY})
    try:
        status_when(again, a, lambda snapshot: snapshot.state != "queued")
        assert waiting(again) == [c, b, trained]
        assert [round(turn.seconds / 60) for turn in again.training.listing().turns] == [13, 12, 5]
        for run in (c, b, trained):
            again.training.leave(run)
        assert not (services.workspace.root / "queue.json").exists()
    finally:
        again.close()


def test_what_waited_and_can_be_trained_no_more_is_left_out(services, line):
    _, a, b, c = line
    services.close()
    shutil.rmtree(services.workspace.runs_dir / a)
    (services.workspace.runs_dir / b / "run.json").write_text("[]")
    path = services.workspace.root / "queue.json"
    entries = json.loads(path.read_text())["runs"]
    path.write_text(json.dumps({"runs": [{"run": "../toy"}, *entries, *entries]}))
    again = Services(services.workspace, device="cpu", presets={"tiny": TINY})
    try:
        status_when(again, c, lambda snapshot: snapshot.state != "queued")
        assert waiting(again) == []
    finally:
        again.close()


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), 10**6, None, "3"])
def test_times_that_make_no_sense(services, minutes):
    with pytest.raises(WorkspaceError, match="training time"):
        services.training.start("toy", TINY, minutes)
    assert services.training.runs() == []


def test_too_few_pairs_leave_no_run_behind(services):
    services.workspace.create_effect("Empty")
    with pytest.raises(PairError):
        services.training.start("empty", TINY, 1)
    assert list(services.workspace.runs_dir.iterdir()) == []


def test_nothing_to_stop(services):
    with pytest.raises(WorkspaceError, match="Nothing"):
        services.training.stop()


def test_runs_of_the_command_line_show_up(services, trained):
    (summary,) = services.training.runs()
    assert summary.id == trained
    assert summary.image_size == TINY.image_size


def test_what_is_no_run_does_not_hide_the_others(services, trained):
    (services.workspace.runs_dir / "junk").mkdir()
    (services.workspace.runs_dir / "damaged").mkdir()
    (services.workspace.runs_dir / "damaged" / "run.json").write_text("{")
    assert [run.id for run in services.training.runs()] == [trained]
    with pytest.raises(UserError):
        services.training.status("damaged")


def test_a_run_that_takes_the_place_of_another_is_read_anew(services, trained, fresh_run):
    assert services.training.status(trained).history.losses
    shutil.rmtree(services.workspace.runs_dir / trained)
    with pytest.raises(WorkspaceError):
        services.training.status(trained)
    shutil.copytree(fresh_run.path, services.workspace.runs_dir / trained)
    assert not services.training.status(trained).history.losses


def test_a_crash_shows_as_interrupted_and_another_program_as_live(services, trained):
    run = services.training.open(trained)
    lines = run.events_path.read_text().splitlines()
    run.events_path.write_text("\n".join(line for line in lines if '"Finished"' not in line) + "\n")
    lock = run.lock()
    assert services.training.status(trained).state == "elsewhere"
    with pytest.raises(WorkspaceError, match="another program"):
        services.training.resume(trained, 1)
    lock.release()
    assert services.training.status(trained).state == "interrupted"


def test_a_failure_is_told(services):
    run = services.training.start("toy", TINY, LONG)
    services.training.stop()
    services.training.wait(30)
    services.training.open(run).state_path.write_bytes(b"damaged")
    services.training.resume(run, 1)
    services.training.wait(30)
    snapshot = services.training.status(run)
    assert snapshot.state == "failed"
    assert "damaged" in snapshot.history.message


def test_a_restarted_app_finds_the_run(services):
    run = services.training.start("toy", TINY, 0.005)
    services.training.wait(30)
    services.close()
    again = Services(services.workspace, device="cpu", presets={"tiny": TINY})
    try:
        assert again.training.active is None
        assert again.training.status(run).state == "finished"
        assert [effect.name for effect in again.workspace.effects()] == ["Toy"]
    finally:
        again.close()


def test_a_warm_start_begins_with_what_another_run_knows(services, trained):
    known = services.training.status(trained).history
    run = services.training.start("toy", TINY, 0.001, name="Warm", warm_from=trained)
    assert services.training.wait(30)
    first = services.training.status(run).history.previews[0]
    assert first.step == 0
    assert first.psnr > known.previews[-1].psnr - 3 > known.unedited_psnr, "it edits before its first step"


def test_a_warm_start_holds_out_nothing_that_the_first_weights_know(services, trained):
    store = services.workspace.store("toy")
    known = next(pair.name for pair in services.training.pairs(trained) if not pair.is_held_out)
    store.rename("0007", "unseen")
    store.set_held_out(["unseen", known])
    run = services.training.start("toy", TINY, 0.001, name="Warm", warm_from=trained)
    assert services.training.wait(30)
    assert [pair.name for pair in services.training.pairs(run) if pair.is_held_out] == ["unseen"]


def test_a_warm_start_needs_the_same_kind_of_model(services, trained):
    other = replace(TINY, transformer=replace(TINY.transformer, depth=TINY.transformer.depth + 1))
    with pytest.raises(UserError, match="belongs to another model"):
        services.training.start("toy", other, 1, warm_from=trained)
    with pytest.raises(UserError, match="no longer there"):
        services.training.start("toy", TINY, 1, warm_from="nothing")
    assert services.training.active is None


def test_after_a_crash_in_the_first_minute_the_time_that_was_left_is_used(services):
    run = services.training.start("toy", TINY, LONG)
    status_when(services, run, lambda snapshot: snapshot.history.losses)
    services.training.stop()
    services.training.wait(30)
    folder = services.training.open(run)
    for path in folder.path.glob("training_state*"):
        path.unlink()
    left = services.training.status(run).budget_left.minutes
    services.training.resume(run, 1)
    going = status_when(services, run, lambda snapshot: snapshot.state == "running")
    assert going.history.budget_minutes == left > 9
