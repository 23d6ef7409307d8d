import os
import shutil

import pytest
import torch

from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.editing.errors import EditorError
from editor.training.run_folder import RunFolder


@pytest.fixture
def run(trained_run, tmp_path) -> RunFolder:
    return RunFolder.open(shutil.copytree(trained_run.path, tmp_path / "run"))


@pytest.fixture
def loads(monkeypatch) -> list[int]:
    """How many pairs each call of `PairDataset.load` has read."""
    counts, load = [], PairDataset.load

    def spy(pairs, *args):
        counts.append(len(pairs))
        return load(pairs, *args)

    monkeypatch.setattr(PairDataset, "load", spy)
    return counts


def test_new_weights_share_the_pairs_in_memory(run, loads):
    chosen = Editor.load(run.path, "cpu")
    newest = Editor.load(run.path, "cpu", weights="newest", earlier=chosen)
    third = Editor.load(run.path, "cpu", earlier=newest)
    assert loads == [len(chosen.pairs)]
    assert newest.pairs is chosen.pairs is third.pairs
    assert newest.references == chosen.references and newest.model is not chosen.model


def test_pairs_of_another_run_or_changed_files_are_read_again(run, trained_run, loads):
    earlier = Editor.load(trained_run.path, "cpu")
    editor = Editor.load(run.path, "cpu", earlier=earlier)
    assert len(loads) == 2 and torch.equal(editor.pairs.images, earlier.pairs.images)
    first, second = run.store.pairs()[:2]
    shutil.copyfile(second.source, first.source)
    os.utime(first.source, ns=(1, 1))
    changed = Editor.load(run.path, "cpu", earlier=editor)
    assert len(loads) == 3 and torch.equal(changed.pair(first.name)[0], editor.pair(second.name)[0])


def test_an_unknown_pair_is_named(run):
    editor = Editor.load(run.path, "cpu")
    with pytest.raises(EditorError, match="no pair named 'nobody'"):
        editor.pair("nobody")
    assert [editor.index(name) for name in editor.pairs.names] == list(range(len(editor.pairs)))
