"""What is read of a run's events: all, all but the losses, or only how it ended."""

from dataclasses import replace
from pathlib import Path

import pytest

from editor.training import history as history_module
from editor.training.events import (
    Adjusted,
    CheckpointDue,
    Failed,
    Finished,
    Paused,
    Preview,
    Started,
    StepDone,
    to_json,
)
from editor.training.history import HistoryReader, read_history, read_state

STARTED = {
    "device": "CPU", "num_pairs": 4, "num_held_out": 1, "chance_shift": None, "color_map": None, "has_detail": None,
    "grain": None,    "unedited_psnr": 20.0, "budget_minutes": None, "budget_steps": 9, "progress": 0.0,
}  # fmt: skip


def started(step):
    return Started(step=step, seconds=float(step), **STARTED)


def done(step):
    rates = {"learning_rate": 1e-3, "steps_per_second": 2.0, "eta_seconds": 1.0}
    return StepDone(step=step, seconds=float(step), progress=step / 9, losses={"target": 1 / (step + 1)}, **rates)


def previewed(step):
    return Preview(
        step=step, seconds=float(step), psnr=20.0 + step, ssim=0.9, is_held_out=True, is_base=None, pictures={}
    )


# A run that was paused, failed, went on from an earlier step, and was stopped; with lines that nobody can read.
LINES = [
    *map(to_json, (started(0), previewed(0), done(1), done(2), Paused(step=2, seconds=2.0), done(3), previewed(3))),
    "{damaged",
    *map(to_json, (done(4), CheckpointDue(step=4, seconds=4.0), done(5), done(6))),
    to_json(Failed(step=6, seconds=6.0, message='a "kind": "StepDone" of words')),
    '{"format": 99, "kind": "Dreamed"}',
    *map(to_json, (started(4), done(5), done(6), Adjusted(step=5, seconds=6.0, message="Slower."), done(7))),
    to_json(previewed(7)),
    to_json(Finished(step=7, seconds=7.0, was_stopped=True)),
    to_json(previewed(7)),
    to_json(Finished(step=7, seconds=7.0, was_stopped=False)),
]


@pytest.fixture(params=[16, 4096], ids=["in small pieces", "at once"])
def moments(fresh_run, monkeypatch, request):
    """Yield after each line that was written, and after half of it."""
    monkeypatch.setattr(history_module, "TAIL_BYTES", request.param)

    def written():
        yield
        for line in LINES:
            for part in (line[: len(line) // 2], line[len(line) // 2 :] + "\n"):
                with fresh_run.events_path.open("a") as file:
                    file.write(part)
                yield

    return written()


def test_the_last_lines_tell_the_state_that_all_lines_tell(fresh_run, moments):
    found = []
    for _ in moments:
        assert read_state(fresh_run) == read_history(fresh_run).state
        found.append(read_state(fresh_run))
    assert {"empty", "running", "paused", "failed", "stopped", "finished"} == set(found)


def test_an_outline_is_the_history_but_for_its_losses(fresh_run, moments):
    whole, outline = HistoryReader(fresh_run), HistoryReader(fresh_run, has_losses=False)
    for _ in moments:
        complete = whole.read()
        at_once = HistoryReader(fresh_run, has_losses=False).read()
        assert outline.read() == at_once == replace(complete, losses=())
    assert len(complete.losses) > 3 and len(complete.previews) == 4 and complete.message == "Slower."


class Counted:
    """A file of which it is counted how many bytes are read."""

    read_bytes = 0

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        self.file.__enter__()
        return self

    def __exit__(self, *error):
        return self.file.__exit__(*error)

    def seek(self, *where):
        return self.file.seek(*where)

    def read(self, *count):
        data = self.file.read(*count)
        Counted.read_bytes += len(data)
        return data


def test_what_a_long_run_costs_a_list(fresh_run, monkeypatch):
    """How it ended is a matter of its last lines; its outline of few events, however long the file."""
    steps = [to_json(done(step)) for step in range(1, 5000)]
    fresh_run.events_path.write_text("\n".join([to_json(started(0)), *steps, to_json(previewed(5000)), ""]))
    understood = []
    monkeypatch.setattr(history_module, "parse_json", lambda line: understood.append(line) or {})
    HistoryReader(fresh_run, has_losses=False).read()
    assert len(understood) == 3, "the start, the last step before the preview, the preview"
    monkeypatch.undo()
    open_path = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *args: Counted(open_path(path, *args)))
    assert read_state(fresh_run) == "running"
    assert Counted.read_bytes <= 4096 < fresh_run.events_path.stat().st_size / 100
