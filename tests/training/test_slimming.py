import shutil

import numpy as np
import pytest
import torch

from editor.config import Budget
from editor.editing.editor import Editor
from editor.errors import UserError
from editor.pairs.store import PairStore
from editor.training.checkpoint import load_model
from editor.training.history import read_history
from editor.training.manifest import intact_version
from editor.training.recording import record
from editor.training.run_folder import RunFolder
from editor.training.slimming import slim
from editor.workspace.sizes import folder_bytes
from tests.conftest import TINY, draw_toy_pair, fill_with_toy_pairs

CPU = torch.device("cpu")


@pytest.fixture
def run(tmp_path, trained_run):
    """A copy of the trained run, with older versions of what it saved."""
    run = RunFolder.open(shutil.copytree(trained_run.path, tmp_path / "toy"))
    for _ in record(run, device=CPU, budget=Budget(steps=2)):
        pass
    return run


def edited(run):
    return np.asarray(Editor.load(run.path, "cpu").edit(draw_toy_pair(100)[0]).image, dtype=float)


def test_a_slim_run_edits_as_before_and_takes_a_fraction(run):
    before, size = edited(run), folder_bytes(run.path)
    history, previews = read_history(run), sorted(run.path.glob("previews/*/*.png"))
    slim(run)
    assert np.abs(edited(run) - before).mean() < 0.5, "8-bit levels, which nobody sees"
    names = {path.name for path in run.path.glob("*.safetensors")}
    assert names <= {"weights.safetensors", "filtered.safetensors"}
    assert folder_bytes(run.path) < size / 4
    assert read_history(run) == history and sorted(run.path.glob("previews/*/*.png")) == previews
    assert intact_version(run.weights_path) == run.weights_path
    slim(run)  # once more does no harm
    assert np.abs(edited(run) - before).mean() < 0.5


def test_a_slim_run_can_be_continued_from_the_weights_that_edit(run):
    step = load_model(run.chosen_weights_path, run.config)[1]
    slim(run)
    events = list(record(run, device=CPU, budget=Budget(steps=2)))
    assert events[-1].step == step + 2
    history = read_history(run)
    assert history.state == "finished" and history.previews[-1].psnr > history.unedited_psnr + 1
    assert run.state_path.is_file(), "and exactly from there on"


def test_what_has_learned_nothing_is_left_alone(tmp_path):
    store = fill_with_toy_pairs(PairStore(tmp_path / "pairs"), 4)
    new = RunFolder.create(tmp_path / "new", config=TINY, store=store, effect="toy")
    with pytest.raises(UserError, match="learned nothing"):
        slim(new)


def test_damaged_weights_are_told_and_nothing_is_deleted(run):
    names = {path.name for path in run.path.iterdir()}
    for path in run.path.glob("*weights*.safetensors"):
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="damaged"):
        slim(run)
    assert {path.name for path in run.path.iterdir()} == names
