import json

import numpy as np
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.image_files import load_image
from editor.pairs.store import PairStore
from editor.samples.catalog import HELD_OUT_EVERY, SAMPLES, draw_sample
from editor.training.run_folder import RunFolder

SHORT = [sample._replace(count=3) for sample in SAMPLES]


@pytest.mark.parametrize("sample", SHORT, ids=[sample.slug for sample in SHORT])
def test_a_store_is_filled(tmp_path, sample):
    store = PairStore(tmp_path)
    draw_sample(store, sample)
    assert len(store.pairs()) == 3 and len(store.held_out()) == 1
    assert store.problems() == []
    with pytest.raises(ValueError, match="already has pairs"):
        draw_sample(store, sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.slug for sample in SAMPLES])
def test_the_run_that_is_shipped_has_learned_these_pairs(sample):
    run = RunFolder.open(sample.run)
    assert run.has_weights and len(run.store.pairs()) == sample.count
    assert len(run.store.held_out()) == len(range(1, sample.count, HELD_OUT_EVERY))
    for pair, drawn in zip(run.store.pairs()[:2], sample.draw(sample.count)):
        for path, picture in zip((pair.source, pair.target), drawn):
            with Image.open(path) as shipped:
                assert np.abs(np.asarray(shipped, int) - np.asarray(picture, int)).max() <= 1  # versions of Pillow
    events = [json.loads(line) for line in run.events_path.read_text().splitlines()]
    assert [event["kind"] for event in events].count("Finished") == 1


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.slug for sample in SAMPLES])
@pytest.mark.usefixtures("placed_well")
def test_what_the_first_launch_shows_is_what_the_run_makes(sample):
    """Of a pair that it has not learned from. It must be near the truth, and processors differ a little."""
    before, after = sample.shown
    assert sample.shown_pair in [pair.name for pair in RunFolder.open(sample.run).store.held_out()]
    editor = Editor.load(sample.run, "cpu")
    edit = np.asarray(editor.edit(before, choice="best").image, int)
    with Image.open(after) as shown, Image.open(before.parents[1] / "target" / before.name) as truth:
        assert np.abs(edit - np.asarray(shown, int)).mean() < 1.5
        nothing = np.abs(np.asarray(load_image(before), int) - np.asarray(truth, int)).mean()
        assert np.abs(edit - np.asarray(truth, int)).mean() < 0.4 * nothing
