import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from editor.editing.transfer import transfer
from editor.images import fit_to_square, to_image, to_tensor
from editor.inference import Editor, EditorError
from editor.models.autoencoder import MOVE_RANGE, OUTPUT_CHANNELS, blend, split_move
from editor.models.transform import identity_flow, warp
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


def test_what_is_not_edited_stays_as_sharp_as_it_was(editor):
    """The edit of a large picture is made on its own pixels, not on an enlarged small copy."""
    small = draw_toy_pair(seed=999)[0]
    random = np.random.default_rng(0)
    ground = np.asarray(small.resize((256, 256), Image.Resampling.BICUBIC)).astype(int)
    source = Image.fromarray(np.clip(ground + random.integers(-20, 20, ground.shape), 0, 255).astype(np.uint8))
    edit = np.asarray(editor.edit(source).image).astype(int)
    corner = (slice(0, 24), slice(0, 24))  # plain ground, no disc
    noise = (np.asarray(source).astype(int) - ground)[corner].ravel()
    kept = (edit - np.asarray(Image.fromarray(edit.astype(np.uint8)).resize((32, 32)).resize((256, 256))))[corner]
    assert np.corrcoef(noise, kept.ravel())[0, 1] > 0.8
    disc = edit[118:138, 118:138].mean(axis=(0, 1))
    assert disc[2] > disc[0] + 60  # red became blue


def random_answer(kind, size=32):
    return torch.randn(1, OUTPUT_CHANNELS[kind], size, size, generator=torch.Generator().manual_seed(0)) * 0.2


@pytest.mark.parametrize("kind", OUTPUT_CHANNELS)
def test_strips_leave_no_seams(kind):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (70, 50, 3), dtype=np.uint8))
    _, fit = fit_to_square(image, 32)
    whole = transfer(kind, random_answer(kind), image, fit, rows=70)
    assert np.array_equal(np.asarray(whole), np.asarray(transfer(kind, random_answer(kind), image, fit, rows=7)))


@pytest.mark.parametrize("kind", ["blend", "warp"])
def test_transfer_at_the_models_size_is_the_models_own_edit(kind):
    image = draw_toy_pair(seed=3)[0].filter(ImageFilter.GaussianBlur(1))
    square, fit = fit_to_square(image, 32)
    offset, rest = split_move(kind, random_answer(kind))
    x_j = to_tensor(square)[None]
    expected = to_image(blend(kind, rest, warp(x_j, identity_flow(x_j) + offset))[0])
    difference = np.asarray(transfer(kind, random_answer(kind), image, fit)).astype(int) - np.asarray(expected)
    assert abs(difference).max() <= (1 if kind == "blend" else 3)  # the original is moved with a finer interpolation


@pytest.mark.parametrize("size", [(64, 64), (96, 60), (60, 96)])
def test_transfer_moves_the_originals_own_pixels(size):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (*size[::-1], 3), dtype=np.uint8))
    _, fit = fit_to_square(image, 32)
    shift = round(max(size) / 10)  # pixels
    answer = torch.zeros(1, 6, 32, 32)
    answer[:, 0] = shift / max(size) * 2 * 32 / 31 / MOVE_RANGE  # positions are in [-1, 1], from centre to centre
    moved = np.asarray(transfer("warp", answer, image, fit)).astype(int)
    assert abs(moved[:, :-shift] - np.asarray(image)[:, shift:]).max() <= 2


def test_transfer_leaves_alone_what_the_answer_leaves_alone():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (70, 50, 3), dtype=np.uint8))
    _, fit = fit_to_square(image, 32)
    assert np.array_equal(np.asarray(transfer("warp", torch.zeros(1, 6, 32, 32), image, fit)), np.asarray(image))
