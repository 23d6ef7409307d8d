import numpy as np
import pytest
import torch

from editor.images import to_tensor
from editor.inference import Editor, EditorError
from tests.conftest import draw_toy_pair


@pytest.fixture
def editor(trained_run) -> Editor:
    return Editor.load(trained_run.path, "cpu")


def test_an_unseen_picture_gets_the_effect(editor):
    source, target = draw_toy_pair(seed=999)
    edit = to_tensor(editor.edit(source).image)
    error = (edit - to_tensor(target)).abs().mean()
    do_nothing = (to_tensor(source) - to_tensor(target)).abs().mean()
    assert error < 0.4 * do_nothing


@pytest.mark.parametrize("size", [(32, 32), (200, 90), (31, 97), (1, 1), (640, 480)])
def test_the_result_has_the_size_of_the_input(editor, size):
    source = draw_toy_pair(seed=5)[0].resize(size)
    assert editor.edit(source).image.size == size


def test_same_seed_same_result_whatever_came_before(editor):
    source, other = draw_toy_pair(seed=1)[0], draw_toy_pair(seed=2)[0]
    first = np.asarray(editor.edit(source, seed=3).image)
    editor.edit(other, seed=8)
    assert np.array_equal(first, np.asarray(editor.edit(source, seed=3).image))


def test_reference_can_be_chosen_and_is_never_held_out_by_chance(editor, trained_run):
    source = draw_toy_pair(seed=1)[0]
    assert editor.edit(source, reference=editor.references[2]).reference == editor.references[2]
    held_out = {pair.name for pair in trained_run.store.held_out()}
    assert {editor.edit(source, seed=seed).reference for seed in range(8)}.isdisjoint(held_out)
    with pytest.raises(EditorError, match="no pair named 'nobody'"):
        editor.edit(source, reference="nobody")


def test_several_steps_still_edit(editor):
    source, target = draw_toy_pair(seed=999)
    edit = to_tensor(editor.edit(source, num_steps=3).image)
    assert (edit - to_tensor(target)).abs().mean() < (to_tensor(source) - to_tensor(target)).abs().mean()


def test_inspection_shows_the_chain(editor, trained_run):
    i, j = (pair.name for pair in trained_run.store.pairs()[:2])
    seen = editor.inspect(i, j)
    assert seen.flow.shape == seen.affine.shape == (2, 32, 32)
    torch.testing.assert_close(seen.x_j, editor._images(j)[0])
    torch.testing.assert_close(seen.y_i, editor._images(i)[1])
    expected = seen.affine[:1] * seen.warped + seen.affine[1:]
    torch.testing.assert_close(seen.x_j_hat, expected.clamp(-1, 1), atol=1e-3, rtol=0)


def test_m_x_brings_sources_closer(editor, trained_run):
    """x_j_hat is nearer to x_j than x_i is, also for pairs that were held out."""
    before = after = 0.0
    names = [pair.name for pair in trained_run.store.training()]
    for i in names[:4]:
        for j in [pair.name for pair in trained_run.store.held_out()]:
            seen = editor.inspect(i, j)
            before += (seen.x_i - seen.x_j).square().mean().item()
            after += (seen.x_j_hat - seen.x_j).square().mean().item()
    assert after < 0.7 * before


def test_what_cannot_edit_says_why(tmp_path, fresh_run):
    with pytest.raises(EditorError, match="There is no run"):
        Editor.load(tmp_path / "nothing")
    with pytest.raises(EditorError, match="Train for a few seconds"):
        Editor.load(fresh_run.path)
