import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from editor.config import Budget
from editor.editing.editor import Editor
from editor.image_files import load_image
from editor.pairs.store import PairStore
from editor.training.control import Control
from editor.training.events import Adjusted, CheckpointDue, Failed, Finished, Preview, StepDone, to_json
from editor.training.history import HistoryReader, read_history
from editor.training.recording import prepare, record
from editor.training.run_folder import RunError
from editor.training.trainer import Trainer
from tests.controls import PausesAfter, StopsAfter
from tests.disk import failing_disk

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def no_preview_in_between(monkeypatch):
    """A slow machine makes one or the other."""
    monkeypatch.setattr("editor.training.cadence.MIN_PREVIEW_SECONDS", 1000.0)


def drain(run, budget, stop_after=None):
    control = Control() if stop_after is None else StopsAfter(stop_after)
    return list(record(run, device=CPU, budget=budget, control=control))


def test_a_run_leaves_all_that_screens_and_editing_need(fresh_run):
    events = drain(fresh_run, Budget(steps=3))
    assert isinstance(events[-1], Finished)
    assert fresh_run.has_weights and fresh_run.state_path.is_file()
    lines = [json.loads(line) for line in fresh_run.events_path.read_text().splitlines()]
    assert lines[0]["kind"] == "Started"
    assert [line["kind"] for line in lines[-3:]] == ["Preview", "CheckpointDue", "Finished"]
    (held_out,) = fresh_run.store.held_out()
    assert lines[-3]["pictures"] == [held_out.name]
    assert load_image(fresh_run.preview_path(3, held_out.name)).size == (32, 32)


def test_stop_then_continue_is_one_history(fresh_run):
    drain(fresh_run, Budget(steps=50), stop_after=2)
    assert read_history(fresh_run).state == "stopped"
    drain(fresh_run, Budget(steps=3))
    history = read_history(fresh_run)
    assert history.state == "finished"
    assert history.step == 5
    assert [point.step for point in history.previews] == [0, 2, 5]


def test_weights_from_before_it_went_wrong_are_kept(fresh_run, monkeypatch):
    claims = iter([50.0, 20.0])  # the first is the untrained model's
    monkeypatch.setattr("editor.training.recording.Trainer", ClaimingTrainer)
    monkeypatch.setattr(ClaimingTrainer, "claims", claims)
    drain(fresh_run, Budget(steps=2))
    assert Editor.load(fresh_run.path).step == 2, "the untrained model edits nothing"

    monkeypatch.setattr(ClaimingTrainer, "claims", iter([15.0]))
    drain(fresh_run, Budget(steps=2))  # goes on, and gets worse
    assert Editor.load(fresh_run.path).step == 2
    assert Editor.load(fresh_run.path, weights="newest").step == 4


class ClaimingTrainer(Trainer):
    """A trainer whose previews claim the PSNR that a test decides."""

    claims: Iterator[float] = iter(())

    def preview(self):
        return replace(super().preview(), psnr=next(self.claims))


def test_without_held_out_pairs_the_newest_weights_are_used(fresh_run):
    fresh_run.store.set_held_out([])
    drain(fresh_run, Budget(steps=3))
    assert not fresh_run.chosen_weights_path.exists()
    assert Editor.load(fresh_run.path).step == 3


def test_an_error_is_on_disk_in_words(fresh_run):
    for path in fresh_run.store.source_dir.iterdir():
        path.write_bytes(b"broken")
    (event,) = drain(fresh_run, Budget(steps=3))
    assert isinstance(event, Failed)
    history = read_history(fresh_run)
    assert history.state == "failed"
    assert "not a picture" in history.message


def test_too_few_pairs_fail_in_words(fresh_run):
    store = PairStore(fresh_run.path / "pairs")
    store.remove([pair.name for pair in store.pairs()[1:]])
    drain(fresh_run, Budget(steps=3))
    assert "at least 2 are needed" in read_history(fresh_run).message


def test_reader_takes_only_whole_lines_and_each_once(fresh_run):
    reader = HistoryReader(fresh_run)
    assert reader.read().state == "empty"
    drain(fresh_run, Budget(steps=2))
    text = fresh_run.events_path.read_text()
    half = len(text) // 2
    fresh_run.events_path.write_text(text[:half])
    assert reader.read().state == "running"
    fresh_run.events_path.write_text(text)
    assert reader.read() == read_history(fresh_run)
    assert reader.read() is reader.read()


def test_curves_are_thinned_but_keep_the_newest(trained_run):
    history = read_history(trained_run)
    thin = history.decimated(3)
    assert len(thin) <= 3
    assert thin[-1] == history.losses[-1]
    assert history.decimated(10_000) == history.losses


def test_a_line_that_a_crash_cut_off_does_not_spoil_the_next(fresh_run):
    drain(fresh_run, Budget(steps=2))
    with fresh_run.events_path.open("a") as file:
        file.write('{"kind": "StepDone", "st')
    drain(fresh_run, Budget(steps=1))
    history = read_history(fresh_run)
    assert (history.state, history.step) == ("finished", 3)
    for line in fresh_run.events_path.read_text().splitlines():
        json.loads(line)


def test_a_run_that_is_trained_is_not_trained_twice(fresh_run, monkeypatch):
    monkeypatch.setattr("editor.training.run_folder.LOCK_SECONDS", 0.1)
    lock = fresh_run.lock()
    with pytest.raises(RunError, match="being trained already"):
        record(fresh_run, device=CPU, budget=Budget(steps=1))
    assert not fresh_run.events_path.exists()
    lock.release()
    assert isinstance(drain(fresh_run, Budget(steps=1))[-1], Finished)


def test_damaged_files_are_replaced_by_the_version_before(fresh_run):
    drain(fresh_run, Budget(steps=2))
    drain(fresh_run, Budget(steps=2))
    for path in (fresh_run.weights_path, fresh_run.state_path):
        data = bytearray(path.read_bytes())
        data[-100] ^= 1  # still a valid file
        path.write_bytes(data)
    assert prepare(fresh_run, CPU).progress.step == 2
    assert Editor.load(fresh_run.path, CPU).step <= 4
    assert drain(fresh_run, Budget(steps=1))[-1].step == 3


@pytest.mark.parametrize("is_lasting", [False, True])
def test_a_full_disk_ends_the_run_in_words_and_it_goes_on_later(fresh_run, is_lasting):
    drain(fresh_run, Budget(steps=1))
    for moment in (1, 3, 4):
        with failing_disk(moment, is_lasting=is_lasting) as disk:
            events = drain(fresh_run, Budget(steps=1))
        assert disk.failed
        assert isinstance(events[-1], Failed) and "Free some disk space" in events[-1].message
        assert read_history(fresh_run).message == events[-1].message
        assert prepare(fresh_run, CPU).progress.step >= 1
        assert not [path for path in fresh_run.path.rglob(".*") if path.name != ".lock"]
    assert drain(fresh_run, Budget(steps=1))[-1].step >= 2


def test_an_event_is_written_whole_or_not_at_all(fresh_run, monkeypatch, caplog):
    """Even when the disk has room for a few bytes, and none for the reason of the end."""
    drain(fresh_run, Budget(steps=1))
    before = fresh_run.events_path.read_bytes()
    opened = type(fresh_run.path).open

    def open_full(path, *args, **options):
        file = opened(path, *args, **options)
        if path == fresh_run.events_path and args == ("ab",):
            return NearlyFull(file)
        return file

    with monkeypatch.context() as patch:
        patch.setattr(type(fresh_run.path), "open", open_full)
        (event,) = drain(fresh_run, Budget(steps=1))
    assert isinstance(event, Failed)
    assert "could not be written down" in caplog.text
    assert fresh_run.events_path.read_bytes() == before
    assert drain(fresh_run, Budget(steps=1))[-1].step == 2


class NearlyFull:
    """A file that takes ten bytes."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def seek(self, *args):
        return self.file.seek(*args)

    def truncate(self, size):
        return self.file.truncate(size)

    def write(self, data):
        return self.file.write(data[:10])


def test_runs_of_older_versions_are_read(fresh_run):
    """They lack what an event has learned to say since."""
    drain(fresh_run, Budget(steps=2))
    lines = [json.loads(line) for line in fresh_run.events_path.read_text().splitlines()]
    for name in ("chance_shift", "unedited_psnr"):
        del lines[0][name]
    fresh_run.events_path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    history = read_history(fresh_run)
    assert (history.state, history.step, history.unedited_psnr) == ("finished", 2, None)


def test_the_score_of_doing_nothing_is_that_of_the_first_preview(fresh_run):
    """Both against the same truth, moved or not: the untrained model does nothing."""
    drain(fresh_run, Budget(steps=2))
    history = read_history(fresh_run)
    assert abs(history.unedited_psnr - history.previews[0].psnr) < 0.01


def test_what_was_adjusted_is_on_record(fresh_run):
    """And what a loss that was no number took back leaves the curve."""
    numbers = {"progress": 0.5, "losses": {"target": 0.1}, "learning_rate": 1e-3, "steps_per_second": 1.0}
    events = [StepDone(step=step, seconds=step / 10, eta_seconds=1.0, **numbers) for step in (100, 120)]
    events.append(Adjusted(step=100, seconds=12.5, message="Back to step 100."))
    fresh_run.events_path.write_text("".join(f"{to_json(event)}\n" for event in events))
    history = read_history(fresh_run)
    assert (history.message, history.step, history.seconds) == ("Back to step 100.", 100, 12.5)
    assert [point.step for point in history.losses] == [100]


def test_all_is_on_disk_in_a_pause(fresh_run):
    """So a kill then loses nothing."""
    seen = []

    def look():
        history = read_history(fresh_run)
        seen.append((history.state, history.step, history.saved_step))
        assert prepare(fresh_run, CPU).progress.step == 2
        assert Editor.load(fresh_run.path, weights="newest").step == 2

    control = PausesAfter(2, meanwhile=look)
    last = list(record(fresh_run, device=CPU, budget=Budget(steps=3), control=control))[-1]
    assert seen == [("paused", 2, 2)]
    assert (last.step, last.was_stopped) == (3, False)
    assert read_history(fresh_run).state == "finished"


def test_a_continued_run_says_at_once_how_far_it_is(fresh_run):
    drain(fresh_run, Budget(steps=4), stop_after=2)
    drain(fresh_run, None, stop_after=0)
    started = [json.loads(line) for line in fresh_run.events_path.read_text().splitlines() if '"Started"' in line]
    assert [line["progress"] for line in started] == [0, 0.5]
    history = read_history(fresh_run)
    assert (history.progress, history.budget_steps, history.saved_step) == (0.5, 4, 2)


def test_a_new_budget_is_written_down_before_it_is_used(fresh_run):
    drain(fresh_run, Budget(steps=2))
    events = record(fresh_run, device=CPU, budget=Budget(steps=3))
    for event in events:
        if isinstance(event, CheckpointDue):
            break
    events.close()  # a crash before the first step
    assert drain(fresh_run, None)[-1].step == 5
    assert read_history(fresh_run).state == "finished"


def test_weights_that_a_crash_cost_their_place_in_the_history_are_no_measure(fresh_run, monkeypatch):
    monkeypatch.setattr("editor.training.recording.Trainer", ClaimingTrainer)
    monkeypatch.setattr(ClaimingTrainer, "claims", iter([0.0, 20.0]))
    drain(fresh_run, Budget(steps=2))
    with fresh_run.events_path.open("a") as file:
        lost = Preview(step=9, seconds=9.0, psnr=50.0, ssim=1.0, is_held_out=True, is_base=False, pictures={})
        file.write(to_json(lost) + "\n")
    monkeypatch.setattr(ClaimingTrainer, "claims", iter([20.0]))
    drain(fresh_run, Budget(steps=2))
    assert Editor.load(fresh_run.path).step == read_history(fresh_run).chosen.step == 4
