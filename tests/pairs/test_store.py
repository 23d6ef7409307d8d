import json

import pytest
from PIL import Image

from editor.pairs.errors import PairError
from editor.pairs.held_out import default_held_out
from editor.pairs.names import safe_name
from editor.pairs.store import PairStore
from tests.conftest import draw_toy_pair, fill_with_toy_pairs
from tests.pairs.stores import files, filled, names, picture


def test_add_keeps_sides_apart(tmp_path):
    store = PairStore(tmp_path / "effect")
    assert store.pairs() == []
    store.add("cat", picture("red"), picture("blue"))
    (pair,) = store.pairs()
    assert (pair.name, pair.is_held_out) == ("cat", False)
    assert Image.open(pair.source).getpixel((0, 0)) == (255, 0, 0)
    assert Image.open(pair.target).getpixel((0, 0)) == (0, 0, 255)
    assert files(store) == ["source/cat.png", "target/cat.png"]


def test_names_are_unique_without_case_and_sorted(tmp_path):
    store = PairStore(tmp_path)
    got = [store.add(name, picture(), picture()) for name in ("b", "a", "B", "b")]
    assert got == ["b", "a", "B-2", "b-3"]
    assert names(store.pairs()) == sorted(got)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("my cat (1).v2", "my-cat-1-v2"),
        ("", "pair"),
        ("...", "pair"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("猫", "猫"),
        ("nul", "nul-"),
        ("a\0b\nc", "a-b-c"),
    ],
)
def test_safe_name(given, safe):
    assert safe_name(given) == safe


def test_long_name_is_cut(tmp_path):
    assert len((safe_name("\U00020000" * 500) + "-99.png").encode()) <= 255


def test_sides_of_another_shape_are_refused(tmp_path):
    store = PairStore(tmp_path)
    with pytest.raises(PairError, match="cat: .* 30 x 20 .* 20 x 20"):
        store.add("cat", picture(size=(30, 20)), picture(size=(20, 20)))
    assert files(store) == []
    store.add("cat", picture(size=(30, 20)), picture(size=(60, 40)))


def test_many_pairs_are_added_at_once_or_not_at_all(tmp_path):
    store = filled(tmp_path, 1)
    pairs = [
        ("cat", picture("red"), picture("blue")),
        ("00", picture("teal"), picture("pink")),
        ("CAT", *[picture()] * 2),
    ]

    def seen_before_the_end():
        for pair in pairs:
            yield pair
            assert names(store.pairs()) == ["00"]

    assert store.add_all(seen_before_the_end()) == ["cat", "00-2", "CAT-2"]
    assert [
        Image.open(path).getpixel((0, 0)) for pair in store.pairs()[1:2] for path in (pair.source, pair.target)
    ] == [
        (0, 128, 128),
        (255, 192, 203),
    ]
    before = files(store)
    with pytest.raises(PairError, match="dog"):
        store.add_all([("fox", picture(), picture()), ("dog", picture(), picture(size=(8, 4)))])
    assert store.add_all([]) == []
    assert files(store) == before


@pytest.mark.parametrize(("total", "expected"), [(0, 0), (4, 0), (5, 1), (19, 1), (20, 2), (32, 3), (100, 10)])
def test_default_held_out(total, expected):
    all_names = [f"{n:03}" for n in range(total)]
    chosen = default_held_out(all_names)
    assert len(chosen) == len(set(chosen)) == expected
    positions = [all_names.index(name) for name in chosen]
    gaps = [b - a for a, b in zip(positions, positions[1:])]
    assert positions == sorted(positions) and max(gaps, default=0) - min(gaps, default=0) <= 1


def test_default_holds_until_somebody_chooses(tmp_path):
    store = filled(tmp_path, 5)
    assert names(store.held_out()) == ["02"]
    assert not (store.directory / "pairs.json").exists()
    store.set_held_out(["00", "04"])
    assert names(store.held_out()) == ["00", "04"]
    assert names(store.training()) == ["01", "02", "03"]
    assert json.loads((store.directory / "pairs.json").read_text()) == {"format": 1, "held_out": ["00", "04"]}
    store.set_held_out([])
    assert store.held_out() == []


def test_unknown_names_change_nothing(tmp_path):
    store = filled(tmp_path, 2)
    before = files(store)
    for call in (store.set_held_out, store.remove):
        with pytest.raises(PairError, match=r"\.\./x"):
            call(["00", "../x"])
    assert files(store) == before


def test_remove_takes_both_sides_and_the_choice(tmp_path):
    store = filled(tmp_path, 3)
    store.set_held_out(["00", "01"])
    store.remove(["01"])
    assert names(store.pairs()) == ["00", "02"] and names(store.held_out()) == ["00"]
    assert files(store) == ["pairs.json", "source/00.png", "source/02.png", "target/00.png", "target/02.png"]


def test_folder_made_by_hand(tmp_path):
    for side in ("source", "target"):
        (tmp_path / side).mkdir()
    picture("red").save(tmp_path / "source" / "a.b.JPG", format="JPEG")
    picture("blue").save(tmp_path / "target" / "a.b.webp")
    (tmp_path / "source" / ".DS_Store").write_text("")
    (tmp_path / "target" / "Thumbs.db").write_text("")
    before = sorted(tmp_path.rglob("*"))
    store = PairStore(tmp_path)
    (pair,) = store.pairs()
    assert (pair.name, pair.source.name, pair.target.name) == ("a.b", "a.b.JPG", "a.b.webp")
    assert store.problems() == []
    assert sorted(tmp_path.rglob("*")) == before


def test_problems_name_every_file(tmp_path):
    store = filled(tmp_path, 2)
    picture().save(store.source_dir / "lonely.png")
    picture().save(store.target_dir / "late.jpg")
    picture().save(store.target_dir / "00.jpg")
    (store.source_dir / "phone.cr2").write_bytes(b"x")
    problems = store.problems()
    assert len(problems) == 4
    for part in (
        "source/lonely.png has no partner",
        "target/late.jpg has",
        "target/00.jpg and target/00.png",
    ):
        assert sum(part in problem for problem in problems) == 1
    assert any("source/phone.cr2 is not a picture" in problem for problem in problems)
    assert names(store.pairs()) == ["01"]
    store.remove(["lonely", "late"])
    assert len(store.problems()) == 2


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"format": "x", "held_out": []}', '{"format": 1}', '{"format": 1, "held_out": [3]}']
)
def test_bad_pairs_json_is_explained_and_can_be_replaced(tmp_path, content):
    store = filled(tmp_path, 2)
    (store.directory / "pairs.json").write_text(content)
    with pytest.raises(PairError, match=r"pairs\.json"):
        store.pairs()
    store.set_held_out(["00"])
    assert names(store.held_out()) == ["00"]


def test_require_says_what_is_missing(tmp_path):
    store = PairStore(tmp_path / "effect")
    with pytest.raises(PairError, match=r"no folder .*effect\."):
        store.require()
    store.add("a", picture(), picture())
    with pytest.raises(PairError, match="There is 1 pair, but at least 2"):
        store.require()
    store.require(minimum=1)
    store.add("b", picture(), picture())
    store.require()
    store.set_held_out(["a"])
    with pytest.raises(PairError, match="1 of 2 pairs are held out"):
        store.require()
    picture().save(store.source_dir / "c.png")
    with pytest.raises(PairError, match=r"source/c\.png has no partner"):
        store.require()


@pytest.mark.parametrize("side", ["source", "target"])
def test_require_names_the_missing_side(tmp_path, side):
    (tmp_path / side).mkdir()
    missing = "target" if side == "source" else "source"
    with pytest.raises(PairError, match=f"no folder .*{missing}"):
        PairStore(tmp_path).require()


def test_a_newer_pairs_json_is_left_alone(tmp_path):
    store = filled(tmp_path, 2)
    newer = '{"format": 2, "held_out": {"00": "why"}}'
    (store.directory / "pairs.json").write_text(newer)
    for use in (store.pairs, lambda: store.set_held_out(["00"]), lambda: store.move(["00"], PairStore(tmp_path / "b"))):
        with pytest.raises(PairError, match="newer version"):
            use()
    assert (store.directory / "pairs.json").read_text() == newer
    assert len(files(store)) == 5


def test_rename_takes_both_sides_and_the_choice(tmp_path):
    store = filled(tmp_path, 3)
    store.set_held_out(["00"])
    assert store.rename("00", "My cat/1") == "My-cat-1"
    assert store.rename("01", "02") == "02-2"
    assert store.rename("02", "02") == "02"
    assert names(store.pairs()) == ["02", "02-2", "My-cat-1"] and names(store.held_out()) == ["My-cat-1"]
    assert store.problems() == []
    with pytest.raises(PairError, match="no pair named 77"):
        store.rename("77", "78")


def test_a_new_name_holds_out_no_other_pair_by_default(tmp_path):
    store = filled(tmp_path, 5)
    store.rename("03", "07")
    assert names(store.held_out()) == ["02"] and not (store.directory / "pairs.json").exists()
    store.rename("00", "99")
    assert names(store.held_out()) == ["02"]
    store.rename("02", "zz")
    assert names(store.held_out()) == ["zz"]


def test_the_case_of_a_name_can_be_changed(tmp_path):
    store = PairStore(tmp_path)
    store.add("cat", picture(), picture())
    assert store.rename("cat", "Cat") == "Cat"
    assert names(store.pairs()) == ["Cat"]


def test_a_name_that_differs_by_case_or_encoding_is_in_use(tmp_path):
    """Where names are compared without these, one pair would otherwise be written over the other."""
    store = PairStore(tmp_path)
    for side in (store.source_dir, store.target_dir):
        side.mkdir()
        picture().save(side / "Zoe\u0308.png")
    assert store.add("zo\u00eb", picture(), picture()) == "zo\u00eb-2"
    store.add("cat", picture(), picture())
    assert store.rename("zo\u00eb-2", "CAT") == "CAT-2"


def test_moved_pairs_stay_held_out_and_get_free_names(tmp_path):
    store, other = filled(tmp_path, 6), PairStore(tmp_path / "other")
    other.add("01", picture(), picture())
    other.add("01-2", picture(), picture())
    store.set_held_out(["01", "02"])
    assert store.move(["01", "03"], other) == ["01-3", "03"]
    assert names(store.pairs()) == ["00", "02", "04", "05"] and names(store.held_out()) == ["02"]
    assert names(other.pairs()) == ["01", "01-2", "01-3", "03"] and names(other.held_out()) == ["01-3"]
    assert other.move(["01-3"], store) == ["01-3"]
    assert names(store.held_out()) == ["01-3", "02"]


def test_a_name_that_is_used_again_does_not_inherit_being_held_out(tmp_path):
    store = filled(tmp_path, 2)
    store.set_held_out(["00"])
    store.remove(["00"])
    assert store.add("00", picture(), picture()) == "00"
    assert store.held_out() == []


def test_a_picture_without_partner_can_be_moved(tmp_path):
    store, other = filled(tmp_path, 1), PairStore(tmp_path / "other")
    picture().save(store.source_dir / "lonely.jpg")
    store.move(["lonely"], other)
    assert store.problems() == []
    assert files(other) == ["source/lonely.jpg"]
    assert other.names() == ["lonely"]


def test_a_copy_has_the_same_bytes_and_choice(tmp_path):
    store, other = filled(tmp_path, 3), PairStore(tmp_path / "copy")
    store.set_held_out(["01"])
    picture().save(store.source_dir / "lonely.png")
    store.copy_to(other)
    assert names(other.pairs()) == ["00", "01", "02"] and names(other.held_out()) == ["01"]
    for mine, copied in zip(store.pairs(), other.pairs()):
        assert mine.target.read_bytes() == copied.target.read_bytes()


def test_no_more_pairs_than_there_may_be(tmp_path):
    store = fill_with_toy_pairs(PairStore(tmp_path, max_pairs=2), 2)
    with pytest.raises(PairError, match="at most 2 pairs"):
        fill_with_toy_pairs(store, 1)
    store.remove(["0000"])
    fill_with_toy_pairs(store, 1)


def test_removing_a_pair_makes_no_held_out_pair_one_to_learn_from(tmp_path):
    for gone in range(20):
        store = PairStore(tmp_path / f"pairs {gone}")
        store.add_all((f"{number:02}", *draw_toy_pair(number, 16)) for number in range(20))
        trash = PairStore(tmp_path / f"trash {gone}")
        held_out = {pair.name for pair in store.held_out()}
        store.move([f"{gone:02}"], trash)
        assert held_out - {f"{gone:02}"} <= {pair.name for pair in store.held_out()}
        trash.move([f"{gone:02}"], store)
        assert {pair.name for pair in store.held_out()} == held_out
        store.remove([f"{gone:02}"])
        assert held_out - {f"{gone:02}"} <= {pair.name for pair in store.held_out()}
