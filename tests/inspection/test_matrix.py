import gc
import weakref
from dataclasses import replace

import pytest
import torch

from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.inspection.matrix import (
    MAX_NAMES,
    THUMBNAIL,
    Hardest,
    MatrixJob,
    PairMatrix,
    evenly_chosen,
    hardest,
    reference_deviation,
)
from editor.inspection.trace import closeness, trace_edit


@pytest.fixture(scope="module")
def job(editor) -> MatrixJob:
    """A matrix that is computed to the end, in many small parts."""
    job = MatrixJob(editor, editor.pairs.y)
    while job.num_done < len(job.names) ** 2:
        before = job.num_done
        job.advance(0)
        assert job.num_done > before
    return job


def test_nothing_is_computed_before_it_is_asked_for(editor):
    job = MatrixJob(editor, editor.pairs.y)
    assert (job.num_done, job.seconds_left) == (0, None)
    assert all(value is None for table in job.values() for row in table for value in row)


def test_rows_are_filled_one_after_the_other_with_the_time_that_is_left(editor, monkeypatch):
    monkeypatch.setattr("editor.inspection.matrix.BATCH_PIXELS", 5 * 32**2)
    job = MatrixJob(editor, editor.pairs.y)
    job.advance(0)
    assert job.num_done == 5
    assert job.seconds_left > 0
    first, second = job.values()[1][:2]
    assert [value is None for value in first] == [False] * 5 + [True] * 11
    assert all(value is None for value in second)


def test_every_cell_is_what_an_inspection_shows(editor, job):
    source, target = job.values()
    for i, j in ((0, 0), (3, 5), (15, 1)):
        (x_i, y_i), (x_j, y_j) = editor.pairs.images[i], editor.pairs.images[j]
        seen = trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j, y_j=y_j)
        assert source[i][j] == pytest.approx(closeness(seen.x_j_hat, x_j).psnr, abs=0.01)
        assert target[i][j] == pytest.approx(closeness(seen.y_j_hat, y_j).psnr, abs=1.0)  # another draw of noise


def test_a_pair_explains_itself_best(job):
    source, _ = job.values()
    m = len(source)
    own = sum(source[k][k] for k in range(m)) / m
    others = sum(source[i][j] for i in range(m) for j in range(m) if i != j) / (m * m - m)
    assert own > others + 2


def test_pairs_that_training_never_saw_are_marked(job, trained_run):
    assert job.held_out == {pair.name for pair in trained_run.store.held_out()}


def test_memory_is_that_of_its_rows_whatever_the_run_has(trained_run):
    editor = Editor.load(trained_run.path, "cpu")
    pixels = editor.pairs.pixels.repeat(20, 1, 1, 1, 1)
    editor.pairs = PairDataset(tuple(map(str, range(len(pixels)))), pixels)
    editor.references = editor.pairs.names
    job = MatrixJob(editor, editor.pairs.y)
    tensors = [value for value in vars(job).values() if isinstance(value, torch.Tensor)]
    held = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    assert len(job.names) == MAX_NAMES
    rows = MAX_NAMES * editor.pairs[:1].images.nbytes
    cells = 2 * MAX_NAMES**2 * (3 * THUMBNAIL**2 + 4)  # a thumbnail and a figure
    assert sum(held.values()) == 1.5 * rows + cells
    forgotten = weakref.ref(editor)
    del editor
    gc.collect()
    assert forgotten() is None
    job.advance(0)
    assert job.num_done > 0


def test_sheets_hold_a_thumbnail_of_every_cell(job):
    for sheet in job.sheets():
        assert sheet.size == (16 * THUMBNAIL, 16 * THUMBNAIL)
    before, after = (sheet.resize((16, 16)) for sheet in job.sheets())
    assert before.tobytes() != after.tobytes()


def a_matrix(values, held_out=()) -> PairMatrix:
    names = tuple("abcdefgh"[: len(values)])
    known = {"names": names, "held_out": frozenset(held_out), "num_pairs": len(names), "step": 1, "is_newest": True}
    return PairMatrix(**known, num_done=0, seconds_left=None, source=values, target=values, sheets=None)


def test_a_pair_with_a_wrong_side_is_the_hardest(editor):
    truth = editor.pairs.y.clone()
    truth[6] = -truth[6]
    job = MatrixJob(editor, truth)
    job.advance(60)
    target = job.values()[1]
    found = hardest(replace(a_matrix(target), names=job.names), target)
    assert (found.name, found.stands_out) == (job.names[6], True)


def test_the_hardest_leaves_out_what_a_pair_says_of_itself():
    values = ((0.0, 20.0, 20.0), (21.0, 0.0, 18.0), (21.0, 20.0, 0.0))
    assert hardest(a_matrix(values), values) == Hardest("c", False, 19.0, 20.0, False)
    for unknown in (((None, 1.0, 1.0), *values[1:]), ((1.0,),)):
        assert hardest(a_matrix(unknown), unknown) is None
        assert reference_deviation(unknown) is None


def test_held_out_pairs_are_measured_against_their_own_kind():
    columns = (30.0, 30.0, 27.0, 20.0, 20.0, 20.0)
    values = tuple(columns for _ in columns)
    assert hardest(a_matrix(values, "def"), values) == Hardest("c", False, 27.0, 30.0, True)
    assert hardest(a_matrix(values, "f"), values).name in "def"  # a single held-out pair has none to compare with


def test_it_is_known_how_much_the_reference_matters():
    assert reference_deviation(((0.0, 20.0, 20.0),) * 3) == 0
    assert reference_deviation(((0.0, 20.0, 24.0), (20.0, 0.0, 20.0), (24.0, 24.0, 0.0))) == pytest.approx(8**0.5)


def test_a_large_run_is_sampled_with_the_held_out_pairs_in():
    names = [f"{k:03d}" for k in range(200)]
    held_out = names[::40]
    taken = evenly_chosen(names, held_out)
    assert len(taken) == MAX_NAMES == len(set(taken))
    assert set(held_out) <= set(taken)
    assert list(taken) == sorted(taken)
    assert evenly_chosen(names[:7], held_out) == tuple(names[:7])
    assert len(set(evenly_chosen(names, names)) - set(names)) == 0
