import shutil

import numpy as np
import pytest

from editor.config import Budget
from editor.editing.editor import Editor
from editor.training.checkpoint import CheckpointError
from editor.training.export import KEPT_PREVIEWS, export_run
from editor.training.history import read_history
from editor.training.recording import prepare, record
from editor.training.run_folder import RunError, RunFolder
from tests.conftest import draw_toy_pair
from tests.training.test_recording import CPU


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_copy_edits_like_the_run_in_much_less_space(trained_run, tmp_path):
    copy = export_run(trained_run, tmp_path / "copy")
    photo = draw_toy_pair(100)[0]
    here, there = (np.asarray(Editor.load(run.path).edit(photo).image, float) for run in (trained_run, copy))
    assert abs(here - there).mean() < 0.5, "8-bit levels"
    assert size_of(copy.path) < size_of(trained_run.path) / 3
    assert not copy.state_path.exists()
    history, whole = read_history(copy), read_history(trained_run)
    assert history.state == whole.state == "finished"
    assert history.best == whole.best and history.previews[-1] == whole.previews[-1]
    assert len(history.previews) <= KEPT_PREVIEWS + 1
    for preview in history.previews:
        assert all(copy.preview_path(preview.step, name).is_file() for name in preview.pictures)


def test_a_copy_goes_on_from_where_the_run_was(trained_run, tmp_path):
    copy = export_run(trained_run, tmp_path / "copy")
    step = read_history(trained_run).step
    events = list(record(copy, device=CPU, budget=Budget(steps=2)))
    assert events[-1].step == step + 2
    history = read_history(copy)
    assert history.state == "finished" and history.step == step + 2
    assert history.previews[-1].psnr > history.unedited_psnr + 1, "it has not begun anew"


def test_what_cannot_be_copied_says_why(trained_run, fresh_run, tmp_path):
    with pytest.raises(RunError, match="learned nothing yet"):
        export_run(fresh_run, tmp_path / "copy")
    with pytest.raises(RunError, match="there already"):
        export_run(trained_run, tmp_path)


def test_lost_training_state_costs_only_the_optimizers_memory(trained_run, tmp_path):
    shutil.copytree(trained_run.path, tmp_path / "run")
    run = RunFolder.open(tmp_path / "run")
    run.state_path.unlink()
    for path in run.path.glob("training_state*"):
        path.unlink()
    assert prepare(run, CPU).progress.step == read_history(trained_run).step


def test_what_cannot_be_read_of_the_story_is_left_out(trained_run, tmp_path):
    run = RunFolder.open(shutil.copytree(trained_run.path, tmp_path / "run"))
    with run.events_path.open("ab") as file:
        file.write(b'\xff{nonsense\n[1]\n{"kind": "Prev')
    copy = export_run(run, tmp_path / "copy")
    assert read_history(copy).state == "finished" and read_history(copy).previews


def test_a_copy_that_fails_leaves_nothing_behind(trained_run, tmp_path):
    run = RunFolder.open(shutil.copytree(trained_run.path, tmp_path / "run"))
    run.weights_path.write_bytes(b"damaged")
    run.chosen_weights_path.unlink(missing_ok=True)
    (run.path / "manifest.json").unlink()
    with pytest.raises(CheckpointError):
        export_run(run, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == [run.path]
