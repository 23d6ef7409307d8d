"""What Inspect shows of a model that copies from the reference; an untrained one has all the parts."""

from dataclasses import replace

import pytest
import torch

from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.images import to_image, to_tensor
from editor.inspection.pictures import draw_inspection, measure_inspection
from editor.inspection.trace import trace_edit
from editor.models.alignment import FINE_RANGE
from editor.models.editing_model import EditingModel
from editor.models.transform import identity_flow, warp
from tests.conftest import draw_toy_pair

CANVAS = ("copied_from", "canvas", "alpha", "alpha_legend")


@pytest.fixture
def editor(tiny_config):
    """Copies half of the reference, a little to the left of where it lies."""
    images = torch.stack([torch.stack([to_tensor(side) for side in draw_toy_pair(seed)]) for seed in range(2)])
    model = EditingModel(replace(tiny_config, output="canvas")).eval()
    with torch.no_grad():
        model.m_x.alignment.landmarks.head.weight[:] = 0  # all in the middle: no similarity transform
        model.m_x.alignment.head.bias[:] = torch.tensor([0.2 / FINE_RANGE, 0.0])
        free = model.m_y.decoder.head.bias.view(-1, tiny_config.autoencoder.stem_patch**2)[6]
        free += 0.125  # a range of 4
    return Editor(model, PairDataset.of(("a", "b"), images), ("a", "b"), step=7)


def traced(editor, **options):
    (x_i, y_i), (x_j, _) = editor.pairs.images
    return trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j, **options)


@pytest.mark.parametrize("num_steps", [1, 3])
def test_the_canvas_is_y_i_where_it_is_copied_from(editor, num_steps):
    trace = traced(editor, num_steps=num_steps)
    offset = trace.copied_from - identity_flow(trace.x_j[None])[0]
    assert (offset[0] - 0.2).abs().max() < 0.01 and offset[1].abs().max() < 1e-6
    torch.testing.assert_close(trace.canvas, warp(trace.y_i[None], trace.copied_from[None])[0])
    torch.testing.assert_close(trace.alpha, torch.full_like(trace.alpha, 0.5), atol=1e-2, rtol=0)
    torch.testing.assert_close(trace.y_j_hat, (trace.x_j + trace.canvas) / 2, atol=2e-2, rtol=0)


def test_its_pictures_are_drawn_and_measured(editor):
    trace = traced(editor)
    pictures = draw_inspection(trace)
    assert all(getattr(pictures, name).mode == "RGB" for name in CANVAS)
    assert pictures.canvas == to_image(trace.canvas)
    assert measure_inspection(trace, step=7, is_registered=False).copied == pytest.approx(0.5, abs=0.01)


def test_a_model_that_copies_nothing_has_none_of_them(editor, tiny_config):
    plain = Editor(EditingModel(replace(tiny_config, output="warp")).eval(), editor.pairs, editor.references, step=0)
    trace = traced(plain)
    assert all(getattr(draw_inspection(trace), name) is None for name in CANVAS)
    assert measure_inspection(trace, step=0, is_registered=False).copied is None


def test_an_edit_copies_from_the_reference_that_it_is_told(editor):
    photo = draw_toy_pair(seed=5)[0].resize((96, 64))
    edits = [editor.edit(photo, reference=name).image for name in ("a", "b")]
    assert edits[0].size == photo.size and edits[0] != edits[1]
    prediction = editor.predict(photo, choice="average")
    assert [copy.weight for copy in prediction.copies] == [0.5, 0.5]
    assert prediction.num_bytes > 2 * 2 * 3 * 32**2
