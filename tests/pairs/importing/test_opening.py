"""Pairs of the command line: whatever the page takes, with questions where the page would show a plan."""

import json
import shutil
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from editor.pairs.errors import PairError
from editor.pairs.importing import opening
from editor.pairs.importing.opening import files_at, opened_pairs
from tests.conftest import draw_toy_pair
from tests.pairs.importing.bringing import files_of, understood

CASES = Path(__file__).parents[4] / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the files that people had trouble with are not here")


class Stop(Exception):
    pass


class Listener:
    """Records messages and questions, and agrees to all or to none."""

    def __init__(self, *, agrees=True):
        self.said, self.asked, self.agrees = [], [], agrees

    def ask(self, doubt):
        self.asked.append(doubt)
        if not self.agrees:
            raise Stop

    def names(self, path):
        with opened_pairs(path, say=self.said.append, ask=self.ask) as store:
            self.pairs = store.pairs()
            self.sizes = {pair.name: Image.open(pair.source).size for pair in self.pairs}
        return [pair.name for pair in self.pairs]


def picture(path, color="red", size=(40, 40)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(path, format="JPEG" if path.suffix.lower()[:2] == ".j" else None)


def test_a_folder_in_our_layout_is_taken_as_it_is(tmp_path):
    for name in "ab":
        picture(tmp_path / "source" / f"{name}.png")
        picture(tmp_path / "target" / f"{name}.bmp", "blue")
    (tmp_path / "pairs.json").write_text(json.dumps({"format": 1, "held_out": ["b"]}))
    listener = Listener(agrees=False)
    assert listener.names(tmp_path) == ["a", "b"]
    assert [pair.is_held_out for pair in listener.pairs] == [False, True]
    assert listener.pairs[0].target == tmp_path / "target" / "a.bmp" and not listener.said


@pytest.mark.parametrize("kind", ["heap", "folders", "zip"])
def test_a_heap_folders_and_a_zip_are_pairs_without_a_question(tmp_path, kind):
    names = {
        "heap": ("IMG_{}.JPG", "IMG_{}-Edit.jpg"),
        "folders": ("vorher/{}.jpg", "nachher/{}.jpg"),
        "zip": ("IMG_{}.JPG", "IMG_{}-Edit.jpg"),
    }[kind]
    folder = tmp_path / "mine"
    for number in (1, 2, 3):
        for name, color in zip(names, ("red", "blue")):
            picture(folder / name.format(number), color)
    if kind == "zip":
        with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
            for path in folder.iterdir():
                archive.write(path, path.name)
        folder = tmp_path / "mine.zip"
    listener = Listener(agrees=False)
    assert len(listener.names(folder)) == 3
    assert len(listener.said) == 1 and listener.said[0].startswith("3 pairs found. The f")


def test_other_encodings_of_a_name_case_zeros_and_notes_are_no_obstacle(tmp_path):
    picture(tmp_path / "source" / unicodedata.normalize("NFC", "Zoë.png"))
    picture(tmp_path / "target" / unicodedata.normalize("NFD", "Zoë.png"), "blue")
    picture(tmp_path / "source" / "IMG_1.JPG")
    picture(tmp_path / "target" / "img_1.png", "blue")
    picture(tmp_path / "source" / "7.jfif")
    picture(tmp_path / "target" / "007.png", "blue")
    for note in ("7.xmp", "7.txt", "Thumbs.db", "._7.png", ".DS_Store"):
        (tmp_path / "source" / note).write_bytes(b"x")
    listener = Listener(agrees=False)
    assert sorted(listener.names(tmp_path)) == ["7", "IMG_1", "Zoë"]


@pytest.mark.parametrize(("before", "after"), [("", " (1)"), ("_1", "_2"), ("_0", "_1")])
def test_a_guess_is_asked_and_named_as_one(tmp_path, before, after):
    for number in (1, 2):
        picture(tmp_path / f"cat{number}{before}.jpg")
        picture(tmp_path / f"cat{number}{after}.jpg", "blue")
    listener = Listener(agrees=False)
    with pytest.raises(Stop):
        listener.names(tmp_path)
    (question,) = listener.asked
    assert "2 pairs of 2 are a guess" in question
    assert f"cat1{before}.jpg would be the picture before" in question and f"cat1{after}.jpg the one after" in question
    assert Listener().names(tmp_path) == ["cat1", "cat2"]


def test_what_would_be_left_out_is_asked(tmp_path):
    for name in "abc":
        picture(tmp_path / "source" / f"{name}.png")
        picture(tmp_path / "target" / f"{name}.png", "blue")
    (tmp_path / "target" / "b.png").unlink()
    picture(tmp_path / "target" / "c.png", "blue", size=(40, 60))
    listener = Listener()
    assert listener.names(tmp_path) == ["a"]
    lonely, shape = listener.asked
    assert "source/b.png has no partner" in lonely and "c: the picture before is 40 x 40" in shape


def test_a_file_that_is_no_picture_is_asked(tmp_path):
    for name in "ab":
        picture(tmp_path / "source" / f"{name}.png")
        picture(tmp_path / "target" / f"{name}.png", "blue")
    (tmp_path / "source" / "b.png").write_text("hello")
    listener = Listener()
    assert listener.names(tmp_path) == ["a"]
    assert "source/b.png is not a picture" in listener.asked[0]


@pytest.mark.parametrize("has_originals", [False, True])
def test_half_a_picture_is_named_and_its_pair_left_out(tmp_path, has_originals):
    for number in range(4):
        picture(tmp_path / "source" / f"{number}.png")
        picture(tmp_path / "target" / f"{number}.png", "blue")
    if has_originals:  # as the doctor's repairs leave them
        shutil.copytree(tmp_path / "source", tmp_path / "originals" / "source")
        shutil.copytree(tmp_path / "target", tmp_path / "originals" / "target")
    draw_toy_pair(2, 64)[1].save(tmp_path / "target" / "2.png")
    data = (tmp_path / "target" / "2.png").read_bytes()
    (tmp_path / "target" / "2.png").write_bytes(data[: len(data) // 2])
    listener = Listener()
    assert listener.names(tmp_path) == ["0", "1", "3"]
    (question,) = listener.asked
    assert "2.png is damaged or incomplete" in question


def test_held_out_pairs_stay_held_out_under_their_new_names(tmp_path):
    for name in ("my cat", "my dog"):
        picture(tmp_path / "source" / f"{name}.png")
        picture(tmp_path / "target" / f"{name.upper()}.png", "blue")
    (tmp_path / "pairs.json").write_text(json.dumps({"format": 1, "held_out": ["my cat"]}))
    listener = Listener()
    assert listener.names(tmp_path) == ["my-cat", "my-dog"]
    assert [pair.is_held_out for pair in listener.pairs] == [True, False]


def test_no_pairs_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(PairError, match="There are no pictures in"):
        Listener().names(tmp_path)
    with pytest.raises(PairError, match="no folder and no zip file"):
        Listener().names(tmp_path / "note.txt")
    with pytest.raises(PairError, match="There is no folder"):
        Listener().names(tmp_path / "gone")
    picture(tmp_path / "source" / "a.png")
    with pytest.raises(PairError, match=r"There is no folder .*target\. Put the pictures before"):
        Listener().names(tmp_path)


def test_a_folder_of_everything_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_ENTRIES", 3)
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text("x")
    with pytest.raises(PairError, match="more than 3 files"):
        files_at(tmp_path)


def test_files_are_named_as_the_browser_does(tmp_path):
    folder = tmp_path / "mine"
    for name in ("a.png", "source/b.png", "x/y/c.png"):
        picture(folder / name)
    picture(folder / ".trash" / "d.png")
    told = {path: file for path, file in files_of(folder).items() if ".trash" not in path.parts}
    assert files_at(folder) == told and PurePosixPath("mine/x/y/c.png") in told


@needs_cases
@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("names_cli/*") if path.is_dir()))
def test_the_command_line_pairs_what_the_page_pairs(tmp_path, name):
    folder = CASES / "names_cli" / name
    plan = understood(files_of(folder), tmp_path)
    listener = Listener(agrees=False)
    assert len(listener.names(folder)) == len(plan.pairs) and plan.is_certain and not listener.asked


@needs_cases
@pytest.mark.parametrize(("name", "is_guess"), [("lightroom", False), ("mixedcopy", True), ("jfif", False)])
def test_heaps_of_a_camera_are_pairs(name, is_guess):
    listener = Listener()
    assert len(listener.names(CASES / "names_page" / name)) == 6
    assert bool(listener.asked) == is_guess


def test_progress_counts_pairs(tmp_path):
    for number in range(3):
        picture(tmp_path / f"{number}_before.png")
        picture(tmp_path / f"{number}_after.png", "blue")
    told = []
    with opened_pairs(tmp_path, say=told.append, ask=told.append, progress=lambda *done: told.append(done)) as store:
        assert np.asarray(Image.open(store.pairs()[0].target))[0, 0].tolist() == [0, 0, 255]
    assert told[1:] == [(1, 3), (2, 3), (3, 3)]
