"""Examples, references and runs to choose from."""

import re
import shutil

import gradio as gr
import pytest

from editor.ui import messages
from editor.ui.tabs.edit import choices, settings
from editor.workspace import EditState
from tests.ui.edit.events import event


def test_an_example_is_edited_with_one_click(services, trained):
    shutil.copytree(services.workspace.run_dir(trained), services.workspace.runs_dir / "other")
    name = services.editing.examples(trained)[0].name
    assert name in choices.examples(services, trained)
    state, view, *_ = choices.choose(services, EditState(), trained, event(kind="example", value=name))
    assert view["after"]
    again = choices.choose(services, state, trained, event(kind="example", value=name))[0]
    assert len(again.photos) == 1
    other = choices.choose(services, state, "other", event(kind="example", value=name))[0]  # its pairs have equal names
    assert [photo.name for photo in other.photos] == [name, name]
    assert other.photo.source.is_relative_to(services.workspace.run_dir("other"))
    with pytest.raises(gr.Error):
        choices.choose(services, EditState(), trained, event(kind="example", value="../secret"))


def test_reference_is_chosen_by_picture(services, trained, state):
    assert 'data-value="choice:random" aria-pressed="true"' in choices.references(services, state, trained)
    name = services.training.pairs(trained)[0].name
    state, *_, strip, _, _ = choices.choose(services, state, trained, event(kind="reference", value=f"pair:{name}"))
    assert state.settings.reference == name
    assert f'data-value="pair:{name}" aria-pressed="true"' in strip
    state, view, *_ = choices.choose(services, state, trained, event(kind="reference", value="choice:average"))
    assert (state.settings.reference, state.settings.choice) == (None, "average")
    assert view["heat"]
    for bad in ("pair:nobody", "choice:nothing", "", "x:y"):
        with pytest.raises(gr.Error):
            choices.choose(services, state, trained, event(kind="reference", value=bad))


def test_references_and_runs_side_by_side(services, trained, state):
    grid = choices.variations(services, state, trained)
    assert grid.count("<figure>") == 4
    shown = re.findall(r'data-kind="reference" data-value="(pair:.*?)"', grid)
    assert len(set(shown)) == 4
    by_pair = choices.choose(services, state, trained, event(kind="reference", value=shown[-1]))[0]
    assert f"pair:{by_pair.settings.reference}" == shown[-1]
    state, *_, seed, _ = choices.choose(services, state, trained, event(kind="seed", value="2"))
    assert state.settings.seed == seed == 2
    for bad in (None, -1, 0.5, float("nan"), 10**12):
        with pytest.raises(gr.Error, match="seed"):
            settings.set_seed(services, state, bad)
    other = services.library.duplicate_run(trained)
    for runs in (None, [trained], [trained, trained], [trained] * 5):
        with pytest.raises(gr.Error, match="2 to 4"):
            choices.compare(services, state, runs)
    assert [run for _, run in choices.comparable(services, trained)["choices"]] == [trained]
    for run, told in ((other, "copy: This run has learned nothing"), ("20260101-toy", "20260101-toy is no longer")):
        with pytest.raises(Exception, match=told):
            choices.compare(services, state, [trained, run])


@pytest.mark.parametrize(
    ("references", "pasted", "says"),
    [
        (["a"], [], "going by pair a."),
        (["a"], ["a"], "going by pair a. What is added is pasted from it."),
        (["a", "b"], ["b", "a"], "going by 2 pairs. What is added is pasted from them."),
        (["a", "b"], ["a"], "going by 2 pairs. What is added is pasted from pair a."),
    ],
)
def test_an_edit_says_once_which_pair_it_goes_by_and_pastes_from(references, pasted, says):
    assert messages.edit.edit_done(8, 4, 0.25, references, pasted) == f"8 x 4 pixels in 0.2 s, {says}"
