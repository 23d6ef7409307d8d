from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from editor.images import ImageError
from editor.ui.tabs import edit
from tests.conftest import draw_toy_pair


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "me.jpg"
    draw_toy_pair(seed=7, size=64)[0].resize((48, 64)).save(path)
    return str(path)


def test_edit_shows_both_pictures_and_offers_the_file(services, trained, photo):
    slider, before, after, download, note = edit.edit(services, trained, photo, "", 0)
    assert slider == (before, after)
    assert Image.open(before).size == Image.open(after).size == (48, 64)
    assert download["value"] == after
    assert Path(after).suffix == ".png"
    assert "48 x 64 pixels" in note


def test_a_photo_is_shown_before_it_is_edited(services, photo):
    slider, before, after, download, _ = edit.choose(services, photo)
    assert (slider, after) == (None, None)
    assert Image.open(before).size == (48, 64)
    assert not download["interactive"]
    assert edit.choose(services, None)[1] is None


def test_a_file_that_is_no_photo_is_told_at_once(services, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    with pytest.raises(ImageError, match=r"bad\.png"):
        edit.choose(services, str(bad))


def test_what_is_missing_is_told(services, trained, photo):
    for arguments, word in (((None, photo, "", 0), "Train"), ((trained, None, "", 0), "photo")):
        with pytest.raises(gr.Error, match=word):
            edit.edit(services, *arguments)
    for seed in (None, -1, 0.5, float("nan"), float("inf"), 10**12):
        with pytest.raises(gr.Error, match="seed"):
            edit.edit(services, trained, photo, "", seed)


def test_references_are_the_pairs_that_were_learned_from(services, trained):
    update = edit.references(services, trained)
    values = [value for _, value in update["choices"]]
    assert values[1:] == [pair.name for pair in services.training.pairs(trained) if not pair.is_held_out]
    assert update["value"] == ""
    assert len(edit.references(services, None)["choices"]) == 1
