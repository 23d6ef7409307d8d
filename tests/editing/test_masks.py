import numpy as np
import pytest
import torch
from PIL import Image

from editor.editing.masks import brushed_mask, change_outside, confine, jpeg_change, learned_region, mask_for
from editor.images import fit_to_square, fit_to_strip


def noise(seed=0, size=(60, 40)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (*size[::-1], 3), dtype=np.uint8))


def changed(*boxes):
    """A gray picture, 64 px, and an edit that adds so many levels in each (left, top, right, bottom, levels)."""
    x = torch.zeros(1, 3, 64, 64)
    y = x.clone()
    for left, top, right, bottom, levels in boxes:
        y[:, :, top:bottom, left:right] += levels / 127.5
    return x, y


def test_region_covers_the_change_and_ends_softly():
    region = learned_region(*changed((20, 20, 40, 40, 80)))[0, 0]
    assert region[20:40, 20:40].min() == 1
    assert region[:14].max() == region[:, 46:].max() == 0
    edge = region[30]
    assert ((edge > 0) & (edge < 1)).any()


def test_faint_change_counts_only_where_it_touches_a_clear_one():
    region = learned_region(*changed((10, 10, 20, 20, 80), (20, 10, 32, 20, 10), (50, 50, 60, 60, 10)))[0, 0]
    assert region[15, 30] == 1
    assert region[45:].max() == 0


def test_a_subtle_edit_has_a_region_too():
    region = learned_region(*changed((20, 20, 40, 40, 6)))[0, 0]
    assert region[20:40, 20:40].min() == 1
    assert region[:14].max() == 0


def test_nothing_changed_is_no_region():
    assert learned_region(*changed()).max() == 0


def test_mask_leaves_out_the_margins_of_the_square():
    region = torch.zeros(1, 1, 64, 64)
    region[:, :, :, 32:] = 1  # the right half
    image = noise(size=(100, 50))
    mask = np.asarray(mask_for(region, fit_to_square(image, 64)[1].box, image.size))
    assert mask.shape == (50, 100)
    assert mask[:, :45].max() == 0
    assert mask[:, 55:].min() == 255


def test_mask_of_a_strip_reaches_its_edges():
    region = torch.zeros(1, 1, 32, 80)
    region[..., :40] = 1  # the left half
    image = noise(size=(250, 100))
    strip, fit = fit_to_strip(image, 32, 16)
    assert strip.size == (80, 32)
    mask = np.asarray(mask_for(region, fit.box, image.size))
    assert mask.shape == (100, 250)
    assert mask[:, :120].min() == 255
    assert mask[:, 130:].max() == 0


def test_confined_edit_is_the_original_to_the_bit_where_the_mask_is_0():
    original, edit = noise(0), noise(1)
    mask = np.zeros((40, 60), dtype=np.uint8)
    mask[:, 30:], mask[:, 28:30] = 255, 100
    result = np.asarray(confine(edit, original, Image.fromarray(mask)))
    assert np.array_equal(result[:, :28], np.asarray(original)[:, :28])
    assert np.array_equal(result[:, 30:], np.asarray(edit)[:, 30:])
    assert change_outside(original, Image.fromarray(result), Image.fromarray(mask)) == 0


def test_change_outside_is_the_mean_difference_in_levels():
    before, after = Image.new("RGB", (10, 10), (100, 100, 100)), Image.new("RGB", (10, 10), (103, 100, 97))
    inside = Image.new("L", (10, 10), 255)
    assert change_outside(before, after, Image.new("L", (10, 10), 0)) == pytest.approx(2)
    assert change_outside(before, after, inside) is None
    assert jpeg_change(noise(), Image.new("L", (60, 40), 0)) > 1


def test_brush_has_a_soft_edge_and_the_size_of_the_photo():
    drawing = Image.new("RGB", (400, 200))
    drawing.paste("white", (100, 50, 300, 150))
    mask = np.asarray(brushed_mask(drawing, (800, 400)))
    assert mask.shape == (400, 800)
    assert mask[200, 400] == 255
    assert mask[0].max() == 0
    assert ((mask > 0) & (mask < 255)).any()
