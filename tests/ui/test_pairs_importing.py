"""What is dropped, from the upload to the effect."""

import re
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import gradio as gr
import pytest
from PIL import Image

from editor.errors import UserError
from editor.pairs.importing import importer
from editor.pairs.importing.matching import NUMBERED
from editor.samples.catalog import SAMPLES
from editor.ui.tabs import importing
from editor.ui.undo import undo
from editor.workspace import imports
from tests.conftest import draw_toy_pair
from tests.pairs.doctor.test_location import edited, photo
from tests.ui.uploads import event, toy_pairs, upload

SKIP = {"__type__": "update"}


@pytest.fixture
def effect(services):
    return services.workspace.create_effect("New").slug


def names(services, effect):
    return [pair.name for pair in services.workspace.store(effect).pairs()]


def drop(services, effect, pictures, waiting=None, folder=""):
    """Return what waits, the plan, the report and the step back."""
    waiting, view, _, report, step, *_ = importing.add_files(
        services, effect, waiting, upload(services, pictures, folder)
    )
    return waiting, view, report, step


def correct(services, effect, waiting, action, name="", to=""):
    waiting, view, _, report, step, *_ = importing.correct(
        services, effect, waiting, event(action=action, name=name, to=to)
    )
    return waiting, view, report, step


def content(view):
    """What a plan says, whatever its revision."""
    return re.sub(r'data-revision="\d+"', "", view)


def test_pairs_that_are_dropped_on_a_sample_become_an_effect_of_their_own(services, effect):
    sample = services.workspace.create_effect(SAMPLES[0].name).slug
    pictures = toy_pairs(("cat_before.png", "cat_after.png"))
    goals = []
    for slug in (sample, sample, effect):
        *_, step, _, chosen = importing.add_files(services, slug, None, upload(services, pictures))
        goals.append(step.effect)
        assert (chosen["value"] if slug == sample else chosen) == (step.effect if slug == sample else SKIP)
        assert names(services, step.effect) == ["cat"]
    assert goals == ["my-effect", "my-effect-2", effect]
    assert names(services, sample) == []
    guess = upload(services, toy_pairs(("one/cat.png", "two/cat.png")))
    place, *_, chosen = importing.add_files(services, sample, None, guess)
    assert chosen == SKIP and len(services.workspace.effects()) == 5  # nothing is made before it is needed
    *_, chosen = importing.correct(services, sample, place, event(action="add", name="", to=""))
    assert names(services, chosen["value"]) == ["cat"] and chosen["value"] == "my-effect-3"


def test_a_drop_on_a_sample_in_which_every_pair_is_bad_makes_no_effect(services, monkeypatch):
    sample = services.workspace.create_effect(SAMPLES[0].name).slug
    before, picture = services.workspace.effects(), BytesIO()
    draw_toy_pair(0)[0].save(picture, format="PNG")
    bad = upload(services, dict.fromkeys(("cat_before.png", "cat_after.png"), picture.getvalue()[:-200]))
    *_, report, _, _, chosen = importing.add_files(services, sample, None, bad)
    assert "No pair was added" in report and chosen == SKIP
    monkeypatch.setattr(imports.PendingImport, "store", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        importing.add_files(services, sample, None, upload(services, toy_pairs(("a_before.png", "a_after.png"))))
    assert services.workspace.effects() == before


GUESS = toy_pairs(("one/cat.png", "two/cat.png"), ("one/dog.png", "two/dog.png"))
WAYS = {
    "ends-in-before-after": ("cat_before.png cat_after.png", "dog_before.png dog_after.png"),
    "brackets": ("cat (before).jpg cat (after).jpg", "dog (before).jpg dog (after).jpg"),
    "source-target": ("cat_source.png cat_target.png", "dog-source.png dog-target.png"),
    "a-b": ("cat_A.png cat_B.png", "dog_A.png dog_B.png"),
    "x-y-folders": ("x/cat.png y/cat.png", "x/dog.png y/dog.png"),
    "begins": ("before_cat.png after_cat.png", "before_dog.png after_dog.png"),
    "folders": ("set/Before/cat.png set/After/cat.png", "set/Before/dog.png set/After/dog.jpg"),
    "A-B-folders": ("A/cat.png B/cat.png", "A/dog.png B/dog.png"),
    "train_A-train_B": ("d/train_A/cat.png d/train_B/cat.png", "d/train_A/dog.png d/train_B/dog.png"),
    "folder-for-each": ("cat/input.png cat/output.png", "dog/input.png dog/output.png"),
    "original-edited": ("cat original.png cat edited.png", "dog original.png dog edited.png"),
    "german": ("cat_vorher.png cat_nachher.png", "dog_vorher.png dog_nachher.png"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_certain_is_stored_at_once(services, effect, way):
    pairs = [pair.split(" ") if way not in ("brackets", "original-edited") else halves(pair) for pair in WAYS[way]]
    waiting, view, report, step = drop(services, effect, toy_pairs(*map(tuple, pairs)))
    assert view == ""
    assert "Added 2 pairs." in report
    assert len(names(services, effect)) == 2
    undo(services, step)
    assert names(services, effect) == []


def halves(pair):
    words = pair.split(" ")
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


def test_a_zip_with_clutter_is_stored_at_once(services, effect):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, picture in toy_pairs(("source/a.png", "target/a.png"), ("source/b.png", "target/b.png")).items():
            packed = BytesIO()
            picture.save(packed, format="PNG")
            archive.writestr(name, packed.getvalue())
        archive.writestr("notes.txt", b"x")
    _, _, report, _ = drop(services, effect, {"mine.zip": file.getvalue()})
    assert "Added 2 pairs." in report
    assert "mine/notes.txt" in report  # no file is skipped without a word
    assert names(services, effect) == ["a", "b"]


def test_a_photo_of_a_phone(services, effect):
    heif = pytest.importorskip("pillow_heif")
    files = {}
    for side, picture in zip(("before", "after"), draw_toy_pair(0, 64)):
        file = BytesIO()
        heif.from_pillow(picture).save(file)
        files[f"IMG_1_{side}.HEIC"] = file.getvalue()
    drop(services, effect, files)
    assert names(services, effect) == ["IMG_1"]


def test_both_halves_in_one_picture_are_a_guess_to_be_confirmed(services, effect):
    pictures = {}
    for seed in range(2):
        both = Image.new("RGB", (64, 32))
        for x, picture in zip((0, 32), draw_toy_pair(seed)):
            both.paste(picture, (x, 0))
        pictures[f"{seed}.png"] = both
    waiting, view, _, _ = drop(services, effect, pictures)
    assert "This is a guess" in view and 'data-part="left"' in view and "Add 2 pairs" in view
    assert names(services, effect) == []
    waiting, view, report, _ = correct(services, effect, waiting, "add")
    assert view == "" and "Added 2 pairs." in report
    stored = services.workspace.pairs(effect)[0]
    assert Image.open(stored.source).tobytes() == draw_toy_pair(0)[0].tobytes()


@pytest.mark.parametrize("ends", [("0", "1"), ("1", "2")])
def test_numbers_are_a_guess_to_be_confirmed(services, effect, ends):
    pairs = [tuple(f"{name}_{end}.png" for end in ends) for name in ("cat", "dog")]
    waiting, view, _, _ = drop(services, effect, toy_pairs(*pairs))
    assert "This is a guess" in view and NUMBERED.strip() in view and names(services, effect) == []
    _, view, report, _ = correct(services, effect, waiting, "add")
    assert view == "" and "Added 2 pairs." in report and names(services, effect) == ["cat", "dog"]


def test_a_guess_is_corrected(services, effect):
    pictures = toy_pairs(("one/cat.png", "two/cat.png"), ("one/dog.png", "two/dog.png"))
    waiting, view, _, _ = drop(services, effect, pictures)
    assert "guess by alphabet" in view
    waiting, view, _, _ = correct(services, effect, waiting, "swap-all")
    assert "You swapped the sides." in view
    waiting, swapped, _, _ = correct(services, effect, waiting, "swap", "cat")
    waiting, view, _, _ = correct(services, effect, waiting, "apart", "dog")
    assert "Left over: 2 pictures" in view
    waiting, view, _, _ = correct(services, effect, waiting, "undo")
    assert content(view) == content(swapped) and "plan-undo" in view
    for _ in range(2):
        waiting, view, _, _ = correct(services, effect, waiting, "undo")
    assert "guess by alphabet" in view and "You swapped" not in view and "plan-undo" not in view
    assert "nothing to take back" in correct(services, effect, waiting, "undo")[2]
    for action, name in (("swap-all", ""), ("swap", "cat"), ("apart", "dog")):
        waiting, view, _, _ = correct(services, effect, waiting, action, name)
    waiting, view, _, _ = correct(services, effect, waiting, "pair", "two/dog.png", "one/dog.png")
    assert "You chose these two." in view and "Left over" not in view
    # A partner can also be taken out of another pair, and more can be dropped without losing what was corrected.
    waiting, view, _, _ = correct(services, effect, waiting, "pair", "two/dog.png", "two/cat.png")
    assert "Left over: 2 pictures" in view
    waiting, view, _, _ = drop(services, effect, toy_pairs(("eel_before.png", "eel_after.png")), waiting)
    assert "2 pairs found, 2 pictures left over" in view
    waiting, view, report, _ = correct(services, effect, waiting, "add")
    assert "Added 2 pairs." in report
    assert names(services, effect) == ["dog", "eel"]
    assert "2 pictures without a partner" in view  # still there
    waiting, view, _, _ = correct(services, effect, waiting, "discard")
    assert view == ""
    assert list((services.workspace.cache_dir / "imports").iterdir()) == []


def test_the_two_sides_one_after_the_other(services, effect):
    pictures = toy_pairs(*((f"before/{name}.png", f"after/{name}.png") for name in ("cat", "dog")))
    sides = {
        side: {n[len(side) + 1 :]: p for n, p in pictures.items() if n.startswith(side)} for side in ("before", "after")
    }
    waiting, view, _, _ = drop(services, effect, sides["before"], folder="before")
    assert "There is no picture after with the same name" in view and "plan-add" not in view
    late = {"dog.png": sides["after"].pop("dog.png")}
    waiting, view, _, _ = drop(services, effect, sides["after"], waiting, folder="after")
    assert "1 pair found, 1 picture left over" in view
    waiting, view, report, _ = drop(services, effect, late, waiting, folder="after")
    assert view == "" and "Added 2 pairs." in report


def test_two_drops_of_equal_names_are_told_apart(services, effect):
    pictures = toy_pairs(("a/cat.png", "b/cat.png"), ("a/dog.png", "b/dog.png"))
    first, second = ({n[2:]: p for n, p in pictures.items() if n.startswith(side)} for side in "ab")
    waiting, *_ = drop(services, effect, first)
    waiting, view, *_ = drop(services, effect, first, waiting)  # the very same files again are no second side
    assert view.count("data-path") == 2
    waiting, view, *_ = drop(services, effect, second, waiting)
    assert "2 pairs found." in view and "guess" in view
    correct(services, effect, waiting, "add")
    assert Image.open(services.workspace.pairs(effect)[0].source).tobytes() == first["cat.png"].tobytes()


def test_a_bad_file_is_named_and_loses_only_its_pair(services, effect):
    pictures = toy_pairs(("cat_before.png", "cat_after.png"), ("dog_before.png", "dog_after.png"))
    _, _, report, _ = drop(services, effect, pictures | {"dog_after.png": b"no picture"})
    assert "dog_after.png is not a picture" in report and "Added 1 pair." in report
    assert names(services, effect) == ["cat"]


def test_files_that_are_no_pictures_are_named(services, effect):
    waiting, view, report, _ = drop(services, effect, {"film.mov": b"x", "fake.zip": b"x"})
    assert view == ""
    assert "film.mov" in report and "fake.zip is not a zip file" in report


def test_what_is_dropped_needs_an_effect(services):
    with pytest.raises(gr.Error, match="effect"):
        drop(services, None, toy_pairs(("a_before.png", "a_after.png")))


@pytest.mark.parametrize("data", [{"files": []}, {"files": [], "failed": True}, {}, {"files": [], "folder": "../x"}])
def test_an_empty_drop_is_told(services, effect, data):
    with pytest.raises(gr.Error):
        importing.add_files(services, effect, None, event(**data))


def test_too_many_files_are_told_before_they_are_uploaded(services, effect):
    with pytest.raises(gr.Error, match=r"10,001 files, and at most 10,000.* zip file"):
        importing.add_files(services, effect, None, event(files=[], total=10_001, unreadable=0))


def test_what_the_browser_could_not_read_is_counted_and_the_rest_comes(services, effect, monkeypatch):
    told = []
    monkeypatch.setattr(gr, "Warning", told.append)
    data = upload(services, toy_pairs(("cat_before.png", "cat_after.png")))._data
    importing.add_files(services, effect, None, event(**data, total=5, unreadable=3))
    assert names(services, effect) == ["cat"]
    assert told == ["Your browser could not read 3 items of what you dropped."]
    with pytest.raises(gr.Error, match="Reload"):
        importing.add_files(services, effect, None, event(**data, unreadable="3"))


def test_where_nothing_could_be_read_nothing_is_here(services, effect):
    with pytest.raises(gr.Error, match="could not read 1 item of"):
        importing.add_files(services, effect, None, event(files=[], total=1, unreadable=1))


def test_only_uploads_are_taken(services, effect, tmp_path):
    draw_toy_pair(0)[0].save(tmp_path / "secret.png")
    files = [{"path": str(tmp_path / "secret.png"), "name": "a_before.png"}]
    with pytest.raises(UserError):
        importing.add_files(services, effect, None, event(files=files))
    assert (tmp_path / "secret.png").is_file()


@pytest.mark.parametrize("action", ["add", "swap-all", "discard"])
def test_a_plan_that_is_gone_is_told_and_shown_no_longer(services, effect, action):
    """Another page may have stored it."""
    waiting, *_ = drop(services, effect, GUESS)
    other, *_ = importing.restore(services)
    correct(services, effect, other, "add")
    _, view, report, _ = correct(services, effect, waiting, action)
    assert view == "" and "no longer wait" in report
    assert names(services, effect) == ["cat", "dog"]


def test_a_plan_knows_only_its_own_files(services, effect):
    waiting, view, *_ = drop(services, effect, GUESS)
    for action, name, to in (("swap", "x", ""), ("pair", "../x", "one/cat.png")):
        _, now, report, _ = correct(services, effect, waiting, action, name, to)
        assert "pb-bad" in report and content(now) == content(view)
    with pytest.raises(gr.Error, match="Reload"):
        correct(services, effect, waiting, "explode")


def test_a_page_that_is_opened_takes_up_what_waits(services, effect):
    waiting, *_ = drop(services, effect, GUESS)
    _, view, *_ = correct(services, effect, waiting, "apart", "dog")
    restored, shown, _ = importing.restore(services)
    assert restored.key == waiting.key and shown == view
    correct(services, effect, restored, "discard")
    fresh, shown, _ = importing.restore(services)
    assert shown == "" and fresh.key != waiting.key


def test_names_are_escaped(services, effect):
    _, view, _, _ = drop(services, effect, toy_pairs(("<b>/cat.png", "<i>/cat.png"), ("<b>/dog.png", "<i>/dog.png")))
    assert "<b>" not in view.replace("<b>drop", "") and "<i>" not in view


def test_a_page_that_is_opened_while_files_come_in_shows_them(services, effect, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    understand = imports.extend_plan

    def slowly(*args):
        begun.set()
        assert go_on.wait(20)
        return understand(*args)

    monkeypatch.setattr(imports, "extend_plan", slowly)
    with ThreadPoolExecutor() as others:
        dropped = others.submit(drop, services, effect, GUESS)
        assert begun.wait(20)
        waiting, view, clock = importing.restore(services)  # does not wait, so that nobody can block others by it
        assert view == SKIP and clock.active
        go_on.set()
        assert importing.show(services, waiting)[1] in (SKIP, dropped.result(20)[1])
    assert importing.show(services, waiting)[1] == dropped.result()[1] != ""


def test_storing_is_counted_for_those_who_wait(services, effect, monkeypatch):
    """The page that dropped the files does not know their key yet, or knows it already."""
    pairs = toy_pairs(*((f"one/{name}.png", f"two/{name}.png") for name in "abc"))
    waiting, *_ = drop(services, effect, pairs)
    assert importing.count_stored(services, waiting) == ""
    told, require = [], importer.require_same_shape

    def look(*arguments):
        told.extend(importing.count_stored(services, page) for page in (waiting, None))
        require(*arguments)

    monkeypatch.setattr(importer, "require_same_shape", look)
    correct(services, effect, waiting, "add")
    assert len(names(services, effect)) == 3
    assert ["Looking at" in words for words in told] == [True, True, False, False, False, False]
    assert ["Storing pair 1 of 3" in words for words in told[2:4]] == [True, True]
    assert ["Storing pair 2 of 3" in words for words in told[4:]] == [True, True]
    assert importing.count_stored(services, waiting) == importing.count_stored(services, None) == ""


def test_a_crop_is_found_for_pictures_that_are_paired_by_hand_too(services, effect):
    left, right = photo(7), edited(photo(7)).crop((60, 0, 420, 360))
    files = upload(services, {"sea.png": left, "Untitled.png": right})
    waiting, *_ = importing.add_files(services, effect, None, files)
    waiting, view, *_ = correct(services, effect, waiting, "pair", "sea.png", "Untitled.png")
    assert "cropped to what the other shows" in view
    correct(services, effect, waiting, "add")
    assert names(services, effect) == ["sea"]
