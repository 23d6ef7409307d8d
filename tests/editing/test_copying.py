from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from editor.editing.copying import Copy
from editor.editing.transfer import transfer
from editor.images import fit_to_square, to_image, to_tensor
from editor.models.autoencoder import COPY_RANGE, OUTPUT_CHANNELS, Copied, split_copied
from editor.models.editing_model import EditingModel
from editor.models.transform import identity_flow
from tests.conftest import TINY, draw_toy_pair

NOTHING = torch.zeros(1, OUTPUT_CHANNELS["warp"], 32, 32)


def copying(y_i, x_i=None, *, free=0.0, gate=0.0, **options) -> Copy:
    """Copy a reference as it lies."""
    factors = (torch.full((1, 1, 32, 32), value) for value in (free, gate))
    copied = Copied(*factors, identity_flow(torch.zeros(1, 3, 32, 32)))
    return Copy(copied, x_i or Image.new("RGB", y_i.size), y_i, **options)


def edited(image, *copies, **options) -> np.ndarray:
    _, fit = fit_to_square(image, 32)
    return np.asarray(transfer("warp", NOTHING, image, fit, copies=copies, **options)).astype(int)


def noise(seed, width, height) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8))


def test_what_is_copied_at_the_models_size_is_the_models_own_canvas():
    image, x_i, y_i = (
        draw_toy_pair(seed)[side].filter(ImageFilter.GaussianBlur(1.5)) for seed, side in ((3, 0), (4, 0), (4, 1))
    )
    answer = torch.randn(1, OUTPUT_CHANNELS["canvas"], 32, 32, generator=torch.Generator().manual_seed(0)) * 0.05
    answer[:, -2:] += identity_flow(answer)
    answer[:, :2] = 0  # what is moved has its own test
    model = EditingModel(replace(TINY, output="canvas"))
    tensors = (to_tensor(picture)[None] for picture in (image, x_i, y_i))
    expected = np.asarray(to_image(model.carry_out(answer, *tensors)[1][0])).astype(int)
    _, plain, copied = split_copied("canvas", answer)
    edit = transfer("warp", plain, image, fit_to_square(image, 32)[1], copies=[Copy(copied, x_i, y_i)])
    assert abs(np.asarray(edit) - expected).max() <= 4  # a cubic is sharper


def test_a_large_reference_is_copied_as_sharply_as_it_is():
    y_i = noise(1, 128, 128)
    edit = edited(noise(0, 128, 128), copying(y_i, free=1.0))
    inner = slice(2, -2)  # beyond the centers of the outermost pixels of the model positions are those of the border
    assert abs(edit - np.asarray(y_i))[inner, inner].max() <= 1


def test_the_mask_of_a_large_reference_is_as_sharp_as_it_is():
    image, x_i = Image.new("RGB", (256, 256), "gray"), Image.new("RGB", (256, 256))
    y_i = x_i.copy()
    y_i.paste("red", (101, 0, 256, 256))
    edit = edited(image, copying(y_i, x_i, gate=1.0))
    assert (edit[:, :100] == 128).all()
    assert (edit[:, 102:] == (255, 0, 0)).all()


def test_several_references_are_added_up():
    image, y_i, other = (Image.new("RGB", (64, 64), color) for color in ("gray", "red", "blue"))
    assert tuple(edited(image, *(copying(one, free=1.0, weight=0.5) for one in (y_i, other)))[30, 30]) == (128, 0, 128)
    assert tuple(edited(image, copying(y_i, free=1.0), strength=0.5)[30, 30]) == (192, 64, 64)


def test_a_reference_finer_than_the_photo_is_not_aliased():
    stripes = Image.fromarray(np.tile(np.array([[0], [255]], np.uint8), (128, 256))).convert("RGB")
    assert np.ptp(edited(Image.new("RGB", (64, 64), "red"), copying(stripes, free=1.0))[4:-4, 4:-4]) <= 8


def test_what_is_not_copied_keeps_every_bit():
    image, copy = noise(0, 128, 90), copying(Image.new("RGB", (64, 64), "red"), free=1.0)
    copy.copied.free[..., 16:] = 0
    edit = edited(image, copy)
    assert (edit[:, :56] == (255, 0, 0)).all()
    assert np.array_equal(edit[:, 72:], np.asarray(image)[:, 72:])


@pytest.mark.parametrize("rows", [7, 70])
def test_rows_leave_no_seams(rows):
    image, copy = noise(0, 50, 70), copying(noise(1, 64, 64), noise(2, 64, 64), free=0.3, gate=0.5)
    assert abs(edited(image, copy) - edited(image, copy, rows=rows)).max() <= 1


def test_what_is_copied_has_a_range_of_its_own():
    answer = torch.ones(1, OUTPUT_CHANNELS["canvas"], 4, 4)
    copied = split_copied("canvas", answer)[2]
    assert copied.alpha(torch.full((1, 1, 4, 4), 0.5)).unique().item() == 1.5 * COPY_RANGE
