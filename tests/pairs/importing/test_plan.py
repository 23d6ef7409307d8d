from pathlib import Path, PurePosixPath

import pytest
from PIL import Image

from editor.pairs.errors import PairError
from editor.pairs.importing.importer import store_plan
from editor.pairs.importing.plan import ImportPlan, LeftOver, Picture, PlannedPair
from editor.pairs.store import PairStore
from tests.pairs.importing.bringing import files_of, understood

COLORS = {"red": (255, 0, 0), "blue": (0, 0, 255)}
P = PurePosixPath


@pytest.fixture
def plan() -> ImportPlan:
    files = {P(name): Path(name) for name in ("a1.png", "a2.png", "b1.png", "b2.png", "c.png", "d.png")}
    pairs = tuple(
        PlannedPair(name, Picture(P(f"{name}1.png")), Picture(P(f"{name}2.png")), "Numbers.", is_guess=name == "b")
        for name in "ab"
    )
    return ImportPlan(
        files, pairs, (LeftOver(P("c.png"), "Why."), LeftOver(P("d.png"), "Why."), LeftOver(P("e"), "No."))
    )


def sides(plan) -> dict[str, tuple[str, str]]:
    return {pair.name: (pair.source.path.stem, pair.target.path.stem) for pair in plan.pairs}


def left(plan) -> set[str]:
    return {item.path.name for item in plan.left_over}


def test_swapping_one_or_all_and_back(plan):
    assert sides(plan.swapped("a")) == {"a": ("a2", "a1"), "b": ("b1", "b2")}
    assert sides(plan.swapped()) == {"a": ("a2", "a1"), "b": ("b2", "b1")}
    assert "swapped" in plan.swapped("a").pairs[0].rule
    assert plan.swapped().swapped() == plan
    with pytest.raises(PairError, match="named x"):
        plan.swapped("x")


def test_left_overs_become_a_pair(plan):
    made = plan.paired(P("d.png"), P("c.png"))
    assert sides(made)["d"] == ("d", "c") and left(made) == {"e"}
    for source, target in ((P("a1.png"), P("c.png")), (P("c.png"), P("c.png")), (P("c.png"), P("e"))):
        with pytest.raises(PairError, match="Take its pair apart|its own partner"):
            plan.paired(source, target)


def test_a_pair_taken_apart_can_be_put_together_otherwise(plan):
    apart = plan.without("a")
    assert list(sides(apart)) == ["b"] and left(apart) == {"a1.png", "a2.png", "c.png", "d.png", "e"}
    assert sides(apart.paired(P("a1.png"), P("c.png"))) == {"b": ("b1", "b2"), "a1": ("a1", "c")}


def test_rules_are_counted(plan):
    assert plan.rules() == [("Numbers.", 1, False), ("Numbers.", 1, True)]


def test_names_stay_unique_whatever_their_case(plan):
    files = {P("x/A.png"): Path("1"), P("x/B.png"): Path("2")}
    more = ImportPlan(files, plan.pairs, tuple(LeftOver(path, "Why.") for path in files))
    assert list(sides(more.paired(*files))) == ["a", "b", "A-2"]


def test_halves_are_stored_as_two_pictures(tmp_path):
    (tmp_path / "both").mkdir()
    for name in "12":
        image = Image.new("RGB", (21, 10), "red")
        image.paste(COLORS["blue"], (11, 0, 21, 10))
        image.save(tmp_path / "both" / f"{name}.png")
    plan = understood(files_of(tmp_path / "both"), tmp_path)
    store = PairStore(tmp_path / "store")
    assert store_plan(store, plan.swapped("2")) == (["1", "2"], [])
    for pair, colors in zip(store.pairs(), (("red", "blue"), ("blue", "red"))):
        for path, color in zip((pair.source, pair.target), colors):
            with Image.open(path) as image:
                assert image.size == (10, 10) and image.getcolors() == [(100, COLORS[color])]


def test_everything_dropped_together_is_in_the_plan(tmp_path):
    import zipfile

    for path in ("heap/cat_before.png", "heap/cat_after.png", "heap/.DS_Store", "heap/film.mp4", "heap/notes.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / path, format="PNG")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        for side in ("source", "target"):
            archive.write(tmp_path / "heap" / "cat_before.png", f"{side}/dog.png")
    files = files_of(tmp_path / "heap") | {P("more.zip"): tmp_path / "more.zip"}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    plan = understood(files, scratch)
    assert sides(plan) == {"cat": ("cat_before", "cat_after"), "dog": ("dog", "dog")}
    assert {item.path.name: item.is_clutter for item in plan.left_over} == {
        ".DS_Store": True,
        "film.mp4": False,
        "notes.txt": True,
    }
    added, (problem,) = store_plan(PairStore(tmp_path / "store"), plan)
    assert added == ["cat", "dog"] and "heap/film.mp4 was left out. It is not a picture" in problem
