"""What Inspect shows of runs that paste what a pair adds, or that have a color map."""

from dataclasses import replace

import pytest
import torch

from editor.editing.editor import Editor
from editor.images import to_image
from editor.inspection.pictures import draw_inspection, measure_inspection
from editor.inspection.trace import closeness, trace_edit
from editor.levels import Levels
from editor.models.color_map import identity_table
from editor.models.editing_model import EditingModel
from editor.ui.messages.inspect import target_facts

PASTE, COLORS = ("cutout", "matte", "matte_legend", "pasted"), ("curves", "cube")

pytestmark = pytest.mark.usefixtures("placed_well")


@pytest.fixture
def editor(trained_run, monkeypatch):
    monkeypatch.setattr("editor.pasting.paste.MOST_WORSE", float("inf"))
    return Editor.load(trained_run.path, "cpu")


def traced(editor, i, j):
    (x_i, y_i), (x_j, y_j) = editor.pair(i), editor.pair(j)
    return trace_edit(editor, x_i=x_i, y_i=y_i, x_j=x_j, y_j=y_j)


def test_what_is_pasted_is_what_an_edit_by_this_reference_pastes(editor):
    i, j = editor.references[0], next(name for name in editor.pairs.names if name not in editor.references)
    trace = traced(editor, i, j)
    paste = editor.predict(to_image(editor.pair(j)[0]), reference=i).paste
    assert trace.pasted.explained == pytest.approx(paste.placement.explained, abs=0.05)
    changed = (trace.pasted.edit - trace.y_j_hat).abs().mean(dim=0) > 0.02
    assert changed.any() and (paste.region()[0, 0][changed] > 0).float().mean() > 0.95
    pictures, facts = draw_inspection(trace), measure_inspection(trace, step=1, is_registered=False)
    assert all(getattr(pictures, name).mode == "RGB" for name in PASTE)
    assert facts.pasted == closeness(trace.pasted.edit, editor.pair(j)[1])
    assert facts.paste_explained == trace.pasted.explained > 0.5


def test_where_nothing_is_pasted_and_there_is_no_map_there_are_no_such_pictures(trained_run):
    editor = Editor.load(trained_run.path, "cpu")
    assert not editor.adds
    trace = traced(editor, *editor.references[:2])
    pictures, facts = draw_inspection(trace), measure_inspection(trace, step=1, is_registered=False)
    assert all(getattr(pictures, name) is None for name in PASTE + COLORS)
    assert facts.pasted is facts.paste_explained is facts.color_explained is None


def test_a_color_map_is_drawn_and_told(trained_run, tiny_config):
    pairs = Editor.load(trained_run.path, "cpu").pairs
    editor = Editor(EditingModel(replace(tiny_config, color_map="auto")).eval(), pairs, pairs.names, step=0)
    editor.model.color_map.table.copy_(identity_table().flip(0))
    editor.model.color_map.explained.fill_(0.9)
    trace = traced(editor, *editor.references[:2])
    assert torch.equal(trace.color_table, identity_table().flip(0)) and trace.pasted is None
    pictures, facts = draw_inspection(trace), measure_inspection(trace, step=1, is_registered=False)
    assert all(getattr(pictures, name).mode == "RGB" for name in COLORS)
    assert facts.color_explained == pytest.approx(0.9)
    assert pictures.gains is None
    editor.model.color_map.gains[:, :5] = 0.5
    assert draw_inspection(traced(editor, *editor.references[:2])).gains.getpixel((256, 20)) == (128, 128, 128)
    editor.model.color_map.levels.copy_(Levels("light", 0.01, 0.002).encoded())
    facts = measure_inspection(traced(editor, *editor.references[:2]), step=1, is_registered=False)
    assert "by its brightness (auto levels): 1 % of its values become black, 0.2 % white" in target_facts(facts)[-1]


def test_grain_is_told(trained_run, tiny_config, film_grain):
    pairs = Editor.load(trained_run.path, "cpu").pairs
    editor = Editor(EditingModel(replace(tiny_config, grain="auto")).eval(), pairs, pairs.names, step=0)
    editor.model.film_grain.fill(film_grain)
    facts = measure_inspection(traced(editor, *editor.references[:2]), step=1, is_registered=False)
    assert "colored grain, by 8.0 levels in the middle tones" in target_facts(facts)[-1]
