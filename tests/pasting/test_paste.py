from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from editor.editing.editor import Editor
from editor.editing.transfer import transfer
from editor.images import Fit, to_tensor
from editor.pasting.cutout import Cutouts, PairCutout, cutout
from editor.pasting.paste import Candidate, Trial, find_paste, is_worth_pasting
from tests.conftest import draw_toy_pair

SIZE = 64

pytestmark = pytest.mark.usefixtures("placed_well")


def toy(seed, size=SIZE):
    return tuple(to_tensor(picture)[None] for picture in draw_toy_pair(seed, size))


SQUARE = Fit((SIZE, SIZE), (0, 0, SIZE, SIZE))


def candidate(name, source, target):
    """A pair as a candidate, whose pictures may be larger than the cutout."""
    size = (SIZE, SIZE)
    small = cutout(*(to_tensor(image.resize(size))[None] for image in (source, target)))
    return Candidate(name, small, lambda: PairCutout(source, target))


def soft(target):
    return functional.avg_pool2d(target, 9, stride=1, padding=4, count_include_pad=False)


@pytest.fixture
def paste():
    """Pasted from one toy pair into another, by a blurred answer."""
    source, target = toy(1)
    return find_paste(soft(target), source, [candidate("ref", *draw_toy_pair(2, SIZE))])


def test_an_edit_gets_the_edges_of_the_reference(paste):
    picture, truth = draw_toy_pair(1, SIZE)
    answer = torch.cat([-torch.ones(1, 1, SIZE, SIZE), soft(to_tensor(truth)[None])], dim=1)  # all painted, softly
    with_paste, without = (transfer("blend", answer, picture, SQUARE, copies=copies) for copies in ((paste,), ()))
    errors = [np.abs(np.asarray(edit, int) - np.asarray(truth, int)).mean() for edit in (with_paste, without)]
    assert errors[0] < 0.6 * errors[1]
    half = transfer("blend", answer, picture, SQUARE, copies=(paste,), strength=0.0)
    assert half.tobytes() == picture.tobytes()


def test_at_twice_the_size_edges_are_as_sharp_as_those_of_a_larger_reference():
    source, target = toy(1)
    large = find_paste(soft(target), source, [candidate("ref", *draw_toy_pair(2, 2 * SIZE))])
    picture, truth = draw_toy_pair(1, 2 * SIZE)
    answer = torch.zeros(1, 4, SIZE, SIZE)
    edit = transfer("blend", answer, picture, SQUARE, copies=(large,))
    steps = [np.abs(np.diff(np.asarray(image, int), axis=1)).max() for image in (edit, truth)]
    assert steps[0] > 0.8 * steps[1]


def test_outside_of_its_region_nothing_changes(paste):
    picture, _ = draw_toy_pair(1, SIZE)
    edit = transfer("blend", torch.zeros(1, 4, SIZE, SIZE), picture, SQUARE, copies=(paste,))
    outside = paste.region()[0, 0].numpy() == 0
    assert outside.mean() > 0.4
    assert (np.asarray(edit) == np.asarray(picture))[outside].all() and edit.tobytes() != picture.tobytes()


def test_bands_change_nothing(paste):
    picture, _ = draw_toy_pair(1, SIZE)
    arguments = "blend", torch.zeros(1, 4, SIZE, SIZE), picture, SQUARE
    edits = [np.asarray(transfer(*arguments, copies=(paste,), rows=rows), int) for rows in (7, 256)]
    assert np.abs(edits[0] - edits[1]).max() <= 1


def test_the_candidate_that_explains_most_is_taken():
    source, target = toy(1)
    before, after = draw_toy_pair(2, SIZE)
    tinted = Image.blend(before, Image.new("RGB", before.size, "#10ff10"), 0.5)
    candidates = [candidate("tinted", before, tinted), candidate("disc", before, after)]
    assert find_paste(soft(target), source, candidates).reference == "disc"
    assert find_paste(soft(target), source, candidates[:1]) is None  # changes everything, so it adds nothing
    assert find_paste(soft(target), source, [candidate("same", before, before)]) is None


def test_pasting_is_judged_by_its_errors_beside_those_of_the_answer(paste):
    source, target = toy(1)
    helpful, harmful = Trial(paste, source, source, target), Trial(paste, target, source, target)
    pasted, painted = helpful.errors()
    assert pasted < 0.3 * painted and harmful.errors()[1] == 0
    assert is_worth_pasting([helpful]) and not is_worth_pasting([harmful])
    assert not is_worth_pasting([helpful, Trial(None, source, source, target)]) and not is_worth_pasting([])
    hard, easy = (SimpleNamespace(paste=paste, errors=lambda found=found: found) for found in ((13, 10), (0.6, 1)))
    assert is_worth_pasting([hard, easy]) and not is_worth_pasting([hard]), "a pair that is hard for both counts as one"


@pytest.fixture
def editor(trained_run, monkeypatch):
    """An editor that pastes although its model, which recolors a disc, paints well enough."""
    monkeypatch.setattr("editor.pasting.paste.MOST_WORSE", float("inf"))
    return Editor.load(trained_run.path, "cpu")


def test_an_editor_judges_its_effect_itself(editor, trained_run, monkeypatch):
    picture, _ = draw_toy_pair(99)
    prediction = editor.predict(picture)
    assert editor.adds and prediction.references == (prediction.paste.reference,)
    average = editor.predict(picture, choice="average")
    assert average.references[0] == average.paste.reference and len(average.references) > 1
    assert (prediction.region >= prediction.paste.region()).all()
    monkeypatch.undo()
    other = Editor.load(trained_run.path, "cpu")
    assert not other.adds and other.predict(picture).paste is None


def test_the_reference_that_fits_is_pasted_whatever_the_seed(editor):
    pasted = {editor.predict(draw_toy_pair(99)[0], seed=seed).paste.reference for seed in range(3)}
    assert len(pasted) == 1


def test_of_many_pairs_those_that_match_are_tried(editor, monkeypatch):
    picture = draw_toy_pair(99)[0]
    assert editor.adds
    monkeypatch.setattr("editor.editing.editor.NUM_CANDIDATES", 2)
    x_j = to_tensor(picture)[None]
    assert editor.predict(picture).paste.reference in editor.match(x_j)[:2]


def test_a_cutout_is_made_once(trained_run):
    pairs = Editor.load(trained_run.path, "cpu").pairs
    cutouts = Cutouts(pairs)
    name = pairs.names[0]
    assert cutouts[name] is cutouts[name] and cutouts[name].shape[:2] == (1, 4)


def test_the_named_reference_is_the_one_that_is_pasted(editor):
    for name in editor.references[:2]:
        assert editor.predict(draw_toy_pair(99)[0], reference=name).paste.reference == name
