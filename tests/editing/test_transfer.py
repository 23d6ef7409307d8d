import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from editor.editing.copying import Copy
from editor.editing.transfer import transfer
from editor.images import fit_to_square, fit_to_strip, to_image, to_tensor
from editor.models.autoencoder import MOVE_RANGE, OUTPUT_CHANNELS, blend, split_copied, split_move
from editor.models.transform import identity_flow, warp
from tests.conftest import draw_toy_pair


def random_answer(kind, size=32):
    return torch.randn(1, OUTPUT_CHANNELS[kind], size, size, generator=torch.Generator().manual_seed(0)) * 0.2


def carried_over(kind, answer, image, fit, **options):
    """Apply an answer of any kind, as `Prediction` does; "canvas" copies from a toy pair."""
    kind, plain, copied = split_copied(kind, answer)
    copies = [] if copied is None else [Copy(copied, *draw_toy_pair(seed=4))]
    return transfer(kind, plain, image, fit, copies=copies, **options)


@pytest.mark.parametrize("kind", OUTPUT_CHANNELS)
def test_strips_leave_no_seams(kind):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (70, 50, 3), dtype=np.uint8))
    _, fit = fit_to_square(image, 32)
    whole, strips = (np.asarray(carried_over(kind, random_answer(kind), image, fit, rows=rows)) for rows in (70, 7))
    if kind == "canvas":  # the processor rounds a cubic differently at the end of a row
        assert abs(whole.astype(int) - strips).max() <= 1
    else:
        assert np.array_equal(whole, strips)


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
    answer[:, 0] = shift / max(size) * 2 * 32 / 31 / MOVE_RANGE  # positions are in [-1, 1], from center to center
    moved = np.asarray(transfer("warp", answer, image, fit)).astype(int)
    assert abs(moved[:, :-shift] - np.asarray(image)[:, shift:]).max() <= 2


@pytest.mark.parametrize("size", [(96, 64), (64, 160)])
def test_transfer_moves_a_strip_by_shares_of_the_models_square(size):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (*size[::-1], 3), dtype=np.uint8))
    strip, fit = fit_to_strip(image, 32, 16)
    answer = torch.zeros(1, 6, *strip.size[::-1])
    answer[:, 1] = 6 / 64 * 2 * 32 / 31 / MOVE_RANGE  # six pixels down, where 32 of the model are 64 of the original
    moved = np.asarray(transfer("warp", answer, image, fit)).astype(int)
    assert abs(moved[:-6] - np.asarray(image)[6:]).max() <= 2


@pytest.mark.parametrize("kind", OUTPUT_CHANNELS)
def test_a_constant_answer_changes_a_strip_evenly_up_to_its_edges(kind):
    image = Image.new("RGB", (150, 64), (90, 120, 150))
    strip, fit = fit_to_strip(image, 32, 16)
    answer = torch.full((1, OUTPUT_CHANNELS[kind], *strip.size[::-1]), 0.1)
    edit = np.asarray(carried_over(kind, answer, image, fit))
    assert edit.std(axis=(0, 1)).max() == 0
    assert (edit[0, 0] != (90, 120, 150)).all()


def test_transfer_leaves_alone_what_the_answer_leaves_alone():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (70, 50, 3), dtype=np.uint8))
    _, fit = fit_to_square(image, 32)
    assert np.array_equal(np.asarray(transfer("warp", torch.zeros(1, 6, 32, 32), image, fit)), np.asarray(image))


@pytest.mark.parametrize("kind", OUTPUT_CHANNELS)
def test_strength_scales_what_an_answer_changes(kind):
    image = draw_toy_pair(seed=3)[0].resize((80, 50))
    _, fit = fit_to_square(image, 32)
    answer = random_answer(kind) * 0.3

    def edited(**options):
        return np.asarray(carried_over(kind, answer, image, fit, **options), float)

    assert np.array_equal(edited(strength=0), np.asarray(image))
    assert np.array_equal(edited(strength=1), edited())
    if kind not in ("warp", "canvas"):  # with half the displacement, other pixels are shown
        half = (edited() + np.asarray(image)) / 2
        assert abs(edited(strength=0.5) - half)[(edited() > 0) & (edited() < 255)].max() <= 1
