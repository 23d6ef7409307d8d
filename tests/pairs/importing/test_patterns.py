"""Names in which only one picture of a pair is marked, as programs and people give them."""

from pathlib import Path, PurePosixPath

import pytest

from editor.pairs.importing.collecting import CollectedFiles
from editor.pairs.importing.matching import A_COPY, match


def planned(*names: str):
    """What is made of files of these names, none of which is there: names alone must do."""
    return match(CollectedFiles({PurePosixPath(name): Path(name) for name in names}))


def shown(plan) -> list[tuple[str, str]]:
    return [(str(pair.source.path), str(pair.target.path)) for pair in plan.pairs]


EDITED = [
    *("IMG_{}-Edit.jpg", "IMG_{} edited.jpg", "IMG_{}-edited.jpg", "IMG_{}_final.png", "edited IMG_{}.jpg"),
    *("IMG_{} bearbeitet.jpg", "IMG_{}-modifié.jpg", "IMG_{}_modifie\u0301.jpg", "IMG_{} editado.jpg"),
    *("IMG_{}_modificato.jpg", "IMG_{}-bewerkt.jpg", "IMG_{} 編集済み.jpg", "IMG_{}_编辑.jpg", "IMG_{}_ред.jpg"),
    *("IMG_{}-Edit-2.tif", "IMG_{}-Edit (1).jpg", "IMG_{}-Enhanced-NR.tif", "IMG_{} 편집됨.jpg", "IMG_{}_معدل.jpg"),
    *("IMG_E{}.JPG", "edited/IMG_{}.JPG", "Edits/IMG_{}.png"),
]


@pytest.mark.parametrize("name", EDITED)
def test_an_unmarked_name_is_before_what_is_called_edited(name):
    names = [one.format(number) for number in (1231, 1232, 1240) for one in (name, "IMG_{}.JPG")]
    plan = planned(*names)
    assert shown(plan) == [(names[at + 1], names[at]) for at in (0, 2, 4)]
    assert [pair.name for pair in plan.pairs] == ["IMG_1231", "IMG_1232", "IMG_1240"]
    assert plan.is_certain


@pytest.mark.parametrize("name", ["{}_original.jpg", "original {}.jpg", "{}-raw.png", "control/{}.png", "old/{}.png"])
def test_an_unmarked_name_is_after_what_is_called_original(name):
    names = [one.format(number) for number in ("001", "002") for one in ("{}.png", name)]
    plan = planned(*names)
    assert shown(plan) == [(names[1], names[0]), (names[3], names[2])]
    assert plan.is_certain


@pytest.mark.parametrize("way", ["_start _end", "_noisy _clean", "-Noisy -Denoised"])
def test_more_words_for_both_sides(way):
    before, after = way.split()
    plan = planned(*(f"{name}{end}.png" for name in ("cat", "dog") for end in (after, before)))
    assert shown(plan) == [(f"{name}{before}.png", f"{name}{after}.png") for name in ("cat", "dog")]
    assert plan.is_certain


COPIES = [
    *("x{} (1).jpg", "x{}(1).jpg", "x{} copy.jpg", "x{} copy 2.jpg", "x{} - Copy.jpg", "x{} - Copy (2).jpg"),
    *("Copy of x{}.jpg", "x{} - Kopie.jpg", "Kopie von x{}.jpg", "x{} - copia.jpg", "Copie de x{}.jpg"),
    *("x{}~2.jpg", "x{}-01.jpg", "x{}_1.jpg", "x{} v2.jpg", "x{}_v2.jpg", "x{} - コピー.jpg", "x{} 副本.jpg"),
]


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("numbers", [("17",), ("17", "18", "20")])
def test_a_copy_is_a_guess_for_the_picture_after(name, numbers):
    names = [one.format(number) for number in numbers for one in (name, "x{}.jpg")]
    plan = planned(*names)
    assert shown(plan) == [(names[at + 1], names[at]) for at in range(0, len(names), 2)]
    assert all(pair.is_guess and pair.rule.endswith(A_COPY) for pair in plan.pairs)
    assert [pair.name for pair in plan.pairs] == [f"x{number}" for number in numbers]


def test_of_several_copies_none_is_meant():
    assert shown(planned("cat.png", "cat (1).png", "cat (2).png", "cat (3).png")) == []


def test_a_word_counts_more_than_a_copy():
    plan = planned("a.jpg", "a (1).jpg", "a-edited.jpg")
    assert shown(plan) == [("a.jpg", "a-edited.jpg")] and plan.pairs[0].is_guess is False
    assert [str(item.path) for item in plan.left_over] == ["a (1).jpg"]


def test_an_edited_picture_without_partner_waits_for_the_one_before():
    plan = planned("cat.jpg", "cat-edited.jpg", "dog-edited.jpg", "fox.jpg")
    assert shown(plan) == [("cat.jpg", "cat-edited.jpg")]
    reasons = {str(item.path): item.reason for item in plan.left_over}
    assert "no picture before" in reasons["dog-edited.jpg"] and "Its name does not say" in reasons["fox.jpg"]


def test_leading_zeros_part_no_pair_and_join_none():
    assert shown(planned("1_before.png", "01_after.png", "2_before.png", "02_after.png")) == [
        ("1_before.png", "01_after.png"),
        ("2_before.png", "02_after.png"),
    ]
    plan = planned("source/1.png", "source/2.png", "target/001.png", "target/002.png")
    assert [pair.name for pair in plan.pairs] == ["1", "2"] and plan.is_certain
    both = planned("source/1.png", "source/01.png", "target/01.png", "target/1.png")
    assert set(shown(both)) == {("source/1.png", "target/1.png"), ("source/01.png", "target/01.png")}


@pytest.mark.parametrize("name", ["new york", "finale", "Post", "outdoor", "Edition", "cat v22"])
def test_a_word_that_marks_nothing_makes_no_pair(name):
    assert shown(planned(f"{name}.jpg", "other.jpg", "third one.jpg")) == []


def test_the_rule_says_what_was_seen():
    (pair,) = planned("a.jpg", "a-Edit.jpg").pairs
    assert pair.rule == "The file names say edit, and the picture without it is before."
    (pair,) = planned("1.png", "control/1.png").pairs
    assert pair.rule == "The folder names say control, and the picture without it is after."
    (pair,) = planned("a.jpg", "a (1).jpg").pairs
    assert pair.rule == f"The file names say (1), and the picture without it is before.{A_COPY}"
