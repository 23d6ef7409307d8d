"""Pairs of transparent pictures: what is learned of them, and a true sentence about what is not."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from editor.image_files import load_image
from editor.pairs.doctor.examination import examine
from editor.pairs.errors import PairError
from editor.pairs.importing.opening import opened_pairs
from editor.pairs.store import PairStore
from tests.pairs.importing.bringing import bring, files_of

CASES = Path(__file__).parents[4] / "shared" / "cases" / "alpha"


def art(number, ink, fill, ground=(0, 0, 0, 0)):
    image = Image.new("RGBA", (128, 128), ground)
    draw = ImageDraw.Draw(image)
    draw.ellipse((20 + 2 * number, 20, 100, 100 - 3 * number), outline=ink, width=4, fill=fill)
    draw.line((30, 115, 100, 115 - 3 * number), fill=ink, width=4)
    return image


def save(folder, source, target):
    for number in range(6):
        for side, options in (("source", source), ("target", target)):
            (folder / side).mkdir(parents=True, exist_ok=True)
            art(number, *options).save(folder / side / f"{number}.png")
    return files_of(folder)


@pytest.fixture
def store(tmp_path):
    return PairStore(tmp_path / "effect")


def test_white_art_shows_and_the_doctor_has_nothing_to_say(tmp_path, store):
    report = bring(store, save(tmp_path / "mine", ("white", None), ("white", (90, 160, 255))))
    assert len(report.added) == 6
    (sentence,) = report.problems
    assert "0, 1, 2, 3, 4, 5 the transparency changes too, and that cannot be learned" in sentence
    for pair in store.pairs():
        source, target = (np.asarray(load_image(path), int) for path in (pair.source, pair.target))
        assert np.ptp(source) > 100  # nothing is blank
        assert np.array_equal(source[0, 0], target[0, 0])  # one backdrop
    assert examine(store) == []


def test_a_sticker_that_only_changes_its_colors_needs_no_word(tmp_path, store):
    report = bring(store, save(tmp_path / "mine", ("black", (240, 200, 60)), ("black", (60, 200, 240))))
    assert len(report.added) == 6 and not report.problems
    assert examine(store) == []


def test_colors_of_what_is_transparent_are_not_learned(tmp_path, store):
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3))
    files = save(tmp_path / "mine", ("black", (240, 200, 60)), ("black", (60, 200, 240)))
    for path in files.values():
        pixels = np.array(Image.open(path))
        nothing = pixels[..., 3] == 0
        pixels[nothing, :3] = noise[nothing]
        Image.fromarray(pixels).save(path)
    assert not bring(store, files).problems
    for pair in store.pairs():
        for path in (pair.source, pair.target):
            assert np.asarray(load_image(path))[:15].min() == 255  # above the drawing is the backdrop alone


def test_cut_outs_are_left_out_in_words_and_not_called_unchanged(tmp_path, store):
    fill = (240, 200, 60)
    report = bring(store, save(tmp_path / "mine", ("black", fill, (255, 255, 255, 255)), ("black", fill)))
    assert not report.added
    (sentence,) = report.problems
    assert sentence.startswith("0, 1, 2, 3, 4, 5 were left out. Only the transparency changes")
    assert examine(store) == []


def test_a_cut_out_of_a_scene_is_learned_as_its_backdrop(tmp_path, store):
    fill = (240, 200, 60)
    report = bring(store, save(tmp_path / "mine", ("black", fill, (40, 90, 40, 255)), ("black", fill)))
    assert len(report.added) == 6 and "cannot be learned" in report.problems[0]
    assert load_image(store.pairs()[0].target).getpixel((0, 0)) == (255, 255, 255)


def test_the_command_line_says_the_same_and_stops_where_nothing_is_left(tmp_path):
    fill = (240, 200, 60)
    save(tmp_path / "mine", ("black", fill, (255, 255, 255, 255)), ("black", fill))
    asked = []
    with (
        pytest.raises(PairError, match="Only the transparency changes"),
        opened_pairs(tmp_path / "mine", say=asked.append, ask=asked.append),
    ):
        pass


@pytest.mark.skipif(not CASES.is_dir(), reason="the files that people had trouble with are not here")
@pytest.mark.parametrize(("name", "added", "problems"), [("white", 6, 1), ("sticker", 6, 0), ("cutout", 0, 1)])
def test_art_that_people_had_trouble_with(store, name, added, problems):
    report = bring(store, files_of(CASES / name))
    assert (len(report.added), len(report.problems)) == (added, problems)
    assert examine(store) == []
