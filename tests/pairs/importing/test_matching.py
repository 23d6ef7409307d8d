"""What people drop, and what is made of it."""

from pathlib import PurePosixPath

import pytest
from PIL import Image

from editor.pairs.importing.collecting import CollectedFiles
from editor.pairs.importing.matching import MANY_PLACES, NUMBERED, ONLY_ONE, SILENT, TWO_WAYS, match


def pile(tmp_path, *names: str, size=(4, 4)) -> CollectedFiles:
    """Pictures of these names; only their size is ever looked at."""
    files = {}
    for number, name in enumerate(names):
        files[PurePosixPath(name)] = tmp_path / f"{number}.png"
        Image.new("RGB", size).save(tmp_path / f"{number}.png")
    return CollectedFiles(files)


def shown(plan) -> list[tuple[str, str]]:
    return [(str(pair.source.path), str(pair.target.path)) for pair in plan.pairs]


def accounted(plan) -> bool:
    """Whether every file is in exactly one place."""
    used = [path for pair in plan.pairs for path in {pair.source.path, pair.target.path}]
    used += [item.path for item in plan.left_over]
    return sorted(used) == sorted(plan.files) and all(item.reason.endswith(".") for item in plan.left_over)


SUFFIX_WAYS = [
    *("_before _after", "-before -after", " (before) (after)", ".Before .AFTER", "Before After", "_source _target"),
    *("_input _output", "_in _out", "_src _dst", "_A _B", "_a _b", "_x _y", "_original _edited"),
    *("_pre _post", "_old _new", "_input _gt", "_vorher _nachher", "_avant _apre\u0300s"),
]


@pytest.mark.parametrize("way", SUFFIX_WAYS)
def test_an_ending_says_the_side(tmp_path, way):
    before, after = way.rsplit(" ", 1) if "(" not in way else (" (before)", " (after)")
    names = [f"{name}{end}.png" for name in ("cat", "dog") for end in (after, before)]
    plan = match(pile(tmp_path, *names))
    assert shown(plan) == [(f"{name}{before}.png", f"{name}{after}.png") for name in ("cat", "dog")]
    assert [pair.name for pair in plan.pairs] == ["cat", "dog"]
    assert not plan.is_guess and accounted(plan)


@pytest.mark.parametrize("way", ["before_ after_", "Input- Output-", "A_ B_", "(source) (target)"])
def test_a_beginning_says_the_side(tmp_path, way):
    before, after = way.split()
    plan = match(pile(tmp_path, *(f"{start}{name}.jpg" for name in ("cat", "dog") for start in (before, after))))
    assert shown(plan) == [(f"{before}{name}.jpg", f"{after}{name}.jpg") for name in ("cat", "dog")]
    assert not plan.is_guess


FOLDER_WAYS = [
    *("source target", "Before After", "A B", "a b", "x y", "trainA trainB", "train_A train_B", "original edited"),
    *("photos (before)|photos (after)", "in out", "my set/src|my set/dst", "before/all|after/all"),
]


@pytest.mark.parametrize("way", FOLDER_WAYS)
def test_folders_say_the_side(tmp_path, way):
    before, after = way.split("|" if "|" in way else " ")
    names = [f"{folder}/{name}" for folder in (after, before) for name in ("10.png", "9.png", "8.png")]
    plan = match(pile(tmp_path, *names))
    assert shown(plan) == [(f"{before}/{name}.png", f"{after}/{name}.png") for name in (8, 9, 10)]
    assert [pair.name for pair in plan.pairs] == ["8", "9", "10"]
    assert not plan.is_guess and "folder names say" in plan.pairs[0].rule


def test_one_folder_for_each_pair(tmp_path):
    plan = match(pile(tmp_path, "cat/before.png", "cat/after.png", "dog/after.jpg", "dog/before.jpg"))
    assert [pair.name for pair in plan.pairs] == ["cat", "dog"]
    assert shown(plan)[1] == ("dog/before.jpg", "dog/after.jpg")
    assert not plan.is_guess


def test_beginnings_and_endings_may_be_mixed(tmp_path):
    names = (
        "before_cat.png",
        "CAT-after.jpg",
        "Zo\u00eb (Source).png",
        "zoe\u0308_target.png",
        "in-fox.png",
        "fox.out.png",
    )
    plan = match(pile(tmp_path, *names))
    assert {pair.name for pair in plan.pairs} == {"cat", "Zo\u00eb", "fox"}
    assert not plan.is_guess and not plan.left_over
    assert {use.rule for use in plan.rules()} == {
        "The file names say before and after.",
        "The file names say source and target.",
        "The file names say in and out.",
    }


def test_folder_and_file_may_both_say_it(tmp_path):
    plan = match(pile(tmp_path, "source/cat_1.png", "source/dog_1.png", "target/cat_2.png", "target/dog_2.png"))
    assert shown(plan) == [("source/cat_1.png", "target/cat_2.png"), ("source/dog_1.png", "target/dog_2.png")]


def test_weak_words_never_contradict_strong_ones(tmp_path):
    """cat_1 and cat_2 look like a pair, but the folder says that both are before."""
    plan = match(pile(tmp_path, "source/cat_1.png", "source/cat_2.png", "source/dog.png", "target/dog.png"))
    assert shown(plan) == [("source/dog.png", "target/dog.png")]
    assert all("no picture after" in item.reason for item in plan.left_over) and accounted(plan)


def test_what_has_no_partner_is_left_over_with_its_reason(tmp_path):
    names = ("cat_before.png", "cat_after.png", "cat_after.jpg", "dog_before.png", "eel_after.png", "holiday.png")
    plan = match(pile(tmp_path, *names))
    reasons = {str(item.path): item.reason for item in plan.left_over}
    assert shown(plan) == [("cat_before.png", "cat_after.png")]
    assert "cat_after.png has the same name" in reasons["cat_after.jpg"]
    assert "no picture after" in reasons["dog_before.png"]
    assert "no picture before" in reasons["eel_after.png"]
    assert reasons["holiday.png"] == SILENT
    assert accounted(plan)


def test_a_longer_row_says_nothing_about_sides(tmp_path):
    plan = match(
        pile(tmp_path, "cat_a.png", "cat_b.png", "cat_c.png", "dog_a.png", "dog_b.png", "fox_a.png", "fox_b.png")
    )
    assert shown(plan) == [("dog_a.png", "dog_b.png"), ("fox_a.png", "fox_b.png")]
    assert match(pile(tmp_path, "A/1.png", "B/1.png", "C/1.png")).pairs == ()


def test_a_single_pair_may_be_chance(tmp_path):
    for names in (("IMG_1.png", "IMG_2.png"), ("cat_0.png", "cat_1.png")):
        plan = match(pile(tmp_path, *names))
        assert shown(plan) == [names] and plan.is_guess
    letters = match(pile(tmp_path, "cat_A.png", "cat_B.png"))
    assert letters.is_guess and letters.pairs[0].rule.endswith(ONLY_ONE)


def test_numbers_that_can_be_read_two_ways_are_a_guess(tmp_path):
    plan = match(pile(tmp_path, "1_1.png", "1_2.png", "2_1.png", "2_2.png"))
    assert len(plan.pairs) == 2
    assert all(pair.is_guess and pair.rule.endswith(TWO_WAYS) for pair in plan.pairs)


def test_two_numbered_folders_of_two_are_a_guess(tmp_path):
    plan = match(pile(tmp_path, "winter/1.png", "winter/2.png", "summer/1.png", "summer/2.png"))
    assert len(plan.pairs) == 2 and plan.is_guess
    three = match(pile(tmp_path, *(f"{place}/{number}.png" for place in ("cat", "dog", "fox") for number in "12")))
    assert [pair.name for pair in three.pairs] == ["cat", "dog", "fox"]
    assert all(pair.is_guess and pair.rule.endswith(NUMBERED) for pair in three.pairs)


@pytest.mark.parametrize("way", ["{}_0 {}_1", "{}_1 {}_2", "1_{} 2_{}", "0/{} 1/{}", "1/{} 2/{}"])
def test_numbers_are_a_guess(tmp_path, way):
    """Words are certain; a number may as well count pictures."""
    pairs = [tuple(f"{end.format(name)}.png" for end in way.split()) for name in ("cat", "dog", "fox")]
    plan = match(pile(tmp_path, *(path for pair in pairs for path in pair)))
    assert shown(plan) == pairs and accounted(plan)
    assert all(pair.is_guess and pair.rule.endswith(NUMBERED) for pair in plan.pairs)


def test_train_and_test_are_both_offered_with_a_warning(tmp_path):
    names = [f"{split}/{side}/1.png" for split in ("train", "test") for side in ("source", "target")]
    plan = match(pile(tmp_path, *names))
    assert [pair.name for pair in plan.pairs] == ["test-1", "train-1"]
    assert plan.is_guess and MANY_PLACES.format(places="test (1), train (1)") in plan.pairs[0].rule
    topics = match(pile(tmp_path, *(f"{topic}/{side}/1.png" for topic in ("cats", "dogs") for side in ("in", "out"))))
    assert [pair.name for pair in topics.pairs] == ["cats-1", "dogs-1"] and not topics.is_guess


def test_equal_names_in_two_folders_are_ordered_by_alphabet(tmp_path):
    plan = match(pile(tmp_path, "winter/1.png", "summer/1.png", "summer/2.png", "winter/2.png", "winter/3.png"))
    assert shown(plan) == [("summer/1.png", "winter/1.png"), ("summer/2.png", "winter/2.png")]
    assert all(pair.is_guess and "alphabet" in pair.rule for pair in plan.pairs)
    assert [str(item.path) for item in plan.left_over] == ["winter/3.png"]


def test_equal_counts_in_two_folders_are_paired_in_order(tmp_path):
    plan = match(pile(tmp_path, "target/p2.png", "target/p10.png", "source/b.png", "source/a.png"))
    assert shown(plan) == [("source/a.png", "target/p2.png"), ("source/b.png", "target/p10.png")]
    assert plan.is_guess and "order of their names" in plan.pairs[0].rule and "alphabet" not in plan.pairs[0].rule
    assert "alphabet" in match(pile(tmp_path, "m/1.png", "n/a.png")).pairs[0].rule
    uneven = match(pile(tmp_path, "source/a.png", "source/b.png", "target/1.png"))
    assert not uneven.pairs and "no picture before" in uneven.left_over[2].reason


@pytest.mark.parametrize(
    ("size", "parts"),
    [((512, 256), ("left", "right")), ((64, 128), ("top", "bottom")), ((513, 256), ("left", "right"))],
)
def test_both_halves_in_one_picture(tmp_path, size, parts):
    plan = match(pile(tmp_path, "train/1.jpg", "train/2.jpg", "val/1.jpg", size=size))
    assert len(plan.pairs) == 3 and plan.is_guess and accounted(plan)
    assert (plan.pairs[0].source.part, plan.pairs[0].target.part) == parts


def test_names_count_more_than_shapes(tmp_path):
    panoramas = match(pile(tmp_path, "source/1.png", "target/1.png", size=(200, 100)))
    assert shown(panoramas) == [("source/1.png", "target/1.png")]


def test_numbered_pictures_are_paired_with_their_neighbours(tmp_path):
    plan = match(pile(tmp_path, *(f"img{number:03}.png" for number in range(1, 41))))
    assert len(plan.pairs) == 20 and plan.is_guess and accounted(plan)
    assert shown(plan)[0] == ("img001.png", "img002.png") and shown(plan)[-1] == ("img039.png", "img040.png")


@pytest.mark.parametrize(
    ("numbers", "words"), [(range(1, 40), "39 of them cannot make pairs"), ((1, 2, 4, 6), "numbers are missing")]
)
def test_numbers_that_cannot_make_pairs(tmp_path, numbers, words):
    plan = match(pile(tmp_path, *(f"img{number}.png" for number in numbers)))
    assert not plan.pairs and accounted(plan)
    assert all(words in item.reason for item in plan.left_over)


def test_one_side_only_says_what_is_missing(tmp_path):
    plan = match(pile(tmp_path, *(f"source/{number}.png" for number in range(4))))
    assert not plan.pairs and all("no picture after" in item.reason for item in plan.left_over)


def test_nothing_understood_says_what_to_do(tmp_path):
    plan = match(pile(tmp_path, "cat.png", "dog.png", "somewhere/fox.png"))
    assert not plan.pairs and all("folder named source" in item.reason for item in plan.left_over)
    assert match(CollectedFiles()).pairs == ()
