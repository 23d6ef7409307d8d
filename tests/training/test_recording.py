import json
from collections.abc import Iterator
from dataclasses import replace

import torch

from editor.config import Budget
from editor.images import load_image
from editor.inference import Editor
from editor.pairs.store import PairStore
from editor.training.events import Failed, Finished
from editor.training.history import HistoryReader, read_history
from editor.training.recording import record
from editor.training.trainer import Trainer

CPU = torch.device("cpu")


def drain(run, budget, stop_after=None):
    seen = 0

    def should_stop():
        nonlocal seen
        seen += 1
        return stop_after is not None and seen > stop_after

    return list(record(run, device=CPU, budget=budget, should_stop=should_stop))


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


def test_the_weights_of_the_best_preview_are_kept(fresh_run, monkeypatch):
    claims = iter([50.0, 20.0])  # the first is the untrained model's
    monkeypatch.setattr("editor.training.recording.Trainer", ClaimingTrainer)
    monkeypatch.setattr(ClaimingTrainer, "claims", claims)
    drain(fresh_run, Budget(steps=2))
    assert Editor.load(fresh_run.path).step == 2, "the untrained model is never the best"

    monkeypatch.setattr(ClaimingTrainer, "claims", iter([19.0]))
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
    assert not fresh_run.best_weights_path.exists()
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
