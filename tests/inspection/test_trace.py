import pytest
import torch

from editor.editing.errors import EditorError
from editor.inspection.trace import answer_parts, closeness, trace_edit
from editor.models.autoencoder import OUTPUT_CHANNELS, blend, split_copied, split_move
from editor.models.canvas import Fetched, lay
from editor.models.transform import warp


def look(editor, i: int, j: int, **options):
    (x_i, y_i), (x_j, y_j) = editor.pairs.images[i], editor.pairs.images[j]
    return trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j, y_j=y_j, **options)


def test_it_shows_the_chain(editor):
    seen = look(editor, 0, 1)
    assert seen.flow.shape == seen.affine.shape == seen.move.shape == (2, 32, 32)
    expected = seen.affine[:1] * seen.warped + seen.affine[1:]
    torch.testing.assert_close(seen.x_j_hat, expected.clamp(-1, 1), atol=1e-3, rtol=0)


def test_the_edit_is_what_is_kept_of_moved_pixels_and_paint(editor):
    seen = look(editor, 0, 1)
    made = seen.kept * warp(seen.x_j[None], seen.move[None])[0] + seen.paint
    if seen.alpha is not None:
        made += seen.alpha * seen.canvas
    torch.testing.assert_close(seen.y_j_hat, made.clamp(-1, 1), atol=1e-2, rtol=0)


@pytest.mark.parametrize("kind", OUTPUT_CHANNELS)
def test_every_kind_of_output_is_a_sum_of_its_parts(kind):
    answer = torch.randn(1, OUTPUT_CHANNELS[kind], 16, 16)
    kind_of_rest, plain, copied = split_copied(kind, answer)
    rest = split_move(kind_of_rest, plain)[1]
    moved, x_i, y_i = torch.randn(3, 1, 3, 16, 16)
    made = blend(kind_of_rest, rest, moved)
    parts = answer_parts(kind, answer[0], x_i[0], y_i[0])
    expected = parts.kept * moved[0] + parts.paint
    if copied is not None:
        fetched = Fetched.of(x_i, y_i).at(copied.positions)
        made = lay(made, moved, fetched.canvas, copied.alpha(fetched.mask))
        expected += parts.alpha * parts.canvas
    torch.testing.assert_close(expected, made[0])


def test_m_x_brings_sources_closer(editor, trained_run):
    """x_j_hat is nearer to x_j than x_i is, also for pairs that were held out."""
    held_out = [editor.index(pair.name) for pair in trained_run.store.held_out()]
    before = after = 0.0
    for i in range(4):
        for j in held_out:
            seen = look(editor, i, j)
            before += (seen.x_i - seen.x_j).square().mean().item()
            after += (seen.x_j_hat - seen.x_j).square().mean().item()
    assert after < 0.7 * before


def test_steps_are_shown_one_by_one_and_the_first_is_that_of_one_step(editor):
    one, three = look(editor, 0, 1), look(editor, 0, 1, num_steps=3)
    assert len(three.steps) == len(three.levels) == 3
    assert list(three.levels) == sorted(three.levels, reverse=True)
    torch.testing.assert_close(three.steps[0], one.y_j_hat)
    torch.testing.assert_close(three.flow, one.flow)
    assert not torch.equal(three.y_j_hat, one.y_j_hat)


def test_the_noise_level_reaches_the_model(editor):
    noisy, clean = look(editor, 0, 1), look(editor, 0, 1, noise_level=0.0)
    assert (noisy.levels, clean.levels) == ((editor.model.num_timesteps - 1,), (0,))
    assert not torch.equal(noisy.y_j_hat, clean.y_j_hat)


def test_the_truth_is_never_looked_at(editor):
    x_i, y_i = editor.pairs.images[0]
    x_j = editor.pairs.x[1]
    without = trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j)
    assert without.y_j is None
    torch.testing.assert_close(without.y_j_hat, look(editor, 0, 1).y_j_hat)


@pytest.mark.parametrize("options", [{"noise_level": 1.1}, {"noise_level": -0.1}, {"num_steps": 0}, {"num_steps": 9}])
def test_numbers_that_make_no_sense_are_refused(editor, options):
    with pytest.raises(EditorError, match="must be"):
        look(editor, 0, 1, **options)


def test_closeness_has_two_units():
    a = torch.zeros(3, 8, 8)
    found = closeness(a, a + 0.2)  # a tenth of the range from -1 to 1
    assert found.psnr == pytest.approx(20.0)
    assert found.difference == pytest.approx(0.1)


def test_an_unknown_pair_is_named(editor):
    with pytest.raises(EditorError, match="no pair named 'nobody'"):
        editor.index("nobody")


def test_a_trace_does_not_keep_all_pairs_in_memory(editor):
    (x_i, y_i), (x_j, y_j) = editor.pairs.images[:2]
    trace = trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j, y_j=y_j)
    for kept in (trace.x_i, trace.y_i, trace.x_j, trace.y_j):
        assert kept.untyped_storage().nbytes() == kept.nbytes
