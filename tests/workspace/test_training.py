import shutil
import time
from dataclasses import replace
from datetime import datetime

import pytest

from editor.errors import UserError
from editor.pairs.errors import PairError
from editor.workspace import Services, WorkspaceError
from tests.conftest import TINY

LONG = 10  # minutes, for runs that the test stops


def wait_for(services, run, condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition(snapshot := services.training.status(run)):
        assert time.monotonic() < end, snapshot.state
        time.sleep(0.05)
    return snapshot


def test_start_stop_and_continue(services):
    training = services.training
    run = training.start("toy", TINY, LONG)
    assert training.active == run
    live = wait_for(services, run, lambda snapshot: snapshot.history.losses)
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
    going = wait_for(services, run, lambda snapshot: snapshot.history.step > stopped.history.step)
    assert going.history.losses[0] == stopped.history.losses[0]
    training.stop()
    assert training.wait(30)


def test_pause_save_preview_and_resume(services):
    training = services.training
    run = training.start("toy", TINY, LONG)
    wait_for(services, run, lambda snapshot: snapshot.state == "running")
    control = training.control(run)
    control.ask("preview")
    control.ask("save")
    done = wait_for(services, run, lambda snapshot: not snapshot.asked)
    assert done.history.saved_step > 0
    assert done.history.previews[-1].step > 0
    assert abs((datetime.now().astimezone() - done.saved_at).total_seconds()) < 60
    control.pause()
    paused = wait_for(services, run, lambda snapshot: snapshot.state == "paused")
    assert paused.is_live and training.active == run
    assert paused.history.saved_step == paused.history.step
    with pytest.raises(WorkspaceError, match="already in progress"):
        training.resume(run, LONG)
    time.sleep(0.3)
    assert training.status(run).history.step == paused.history.step
    control.resume()
    wait_for(services, run, lambda snapshot: snapshot.history.step > paused.history.step)
    control.pause()
    wait_for(services, run, lambda snapshot: snapshot.state == "paused")
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


def test_one_run_at_a_time(services, trained):
    run = services.training.start("toy", TINY, LONG)
    for again in (lambda: services.training.start("toy", TINY, 1), lambda: services.training.resume(trained, 1)):
        with pytest.raises(WorkspaceError, match="already in progress"):
            again()
    assert services.training.active == run
    assert len(services.training.runs()) == 2


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
    wait_for(services, run, lambda snapshot: snapshot.history.losses)
    services.training.stop()
    services.training.wait(30)
    folder = services.training.open(run)
    for path in folder.path.glob("training_state*"):
        path.unlink()
    left = services.training.status(run).budget_left.minutes
    services.training.resume(run, 1)
    going = wait_for(services, run, lambda snapshot: snapshot.state == "running")
    assert going.history.budget_minutes == left > 9
