"""Each fault is put into one of twelve good pairs and must be the only finding."""

import shutil
import weakref
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from editor.image_files import load_image
from editor.pairs.doctor import comparison, examination
from editor.pairs.doctor.evidence import measure
from editor.pairs.doctor.examination import _first_twins, examine
from editor.pairs.doctor.flags import Flag, readiness
from editor.pairs.doctor.repair import swap_sides
from editor.pairs.store import PairStore
from editor.samples.party import party_pairs

NAME = "04"
TASKS = Path(__file__).parents[4] / "shared" / "tasks"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    store = PairStore(tmp_path_factory.mktemp("drawn") / "pairs")
    for number, (source, target) in enumerate(party_pairs(12, 160)):
        store.add(f"{number:02}", source, target)
    return store.directory


@pytest.fixture
def store(drawn, tmp_path) -> PairStore:
    shutil.copytree(drawn, tmp_path / "pairs")
    return PairStore(tmp_path / "pairs")


def change(store, name=NAME, *, source=lambda image: image, target=lambda image: image) -> None:
    (pair,) = [pair for pair in store.pairs() if pair.name == name]
    before, after = load_image(pair.source), load_image(pair.target)
    source(before).save(pair.source)
    target(after).save(pair.target)


def brighter(image: Image.Image, stops=0.7) -> Image.Image:
    light = (np.asarray(image) / 255) ** 2.2 * 2**stops
    return Image.fromarray((light.clip(0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8))


def only(store, name=NAME) -> Flag:
    (flag,) = examine(store)
    assert flag.name == name and flag.sentence.endswith(".")
    return flag


def test_good_pairs_raise_no_flags(store):
    assert examine(store) == [] == examine(store.pairs()) == examine([]) == examine(store.pairs()[:1])


@pytest.mark.parametrize(("dx", "dy"), [(4, 0), (-3, 6), (0, -8), (2, 2)])
def test_a_shift_is_found_and_measured(store, dx, dy):
    change(
        store,
        source=lambda image: image.crop((8, 8, 152, 152)),
        target=lambda image: image.crop((8 - dx, 8 - dy, 152 - dx, 152 - dy)),
    )
    flag = only(store)
    assert flag.kind == "shifted"
    assert flag.shift == pytest.approx((dx, dy), abs=0.6)
    if (dx, dy) == (-3, 6):
        assert "about 3 pixels to the left and 6 pixels down" in flag.sentence


@pytest.mark.parametrize(
    "repaint", [lambda i: i.filter(ImageFilter.FIND_EDGES), lambda i: Image.eval(i, lambda v: 255 - v)]
)
def test_an_edit_of_everything_is_no_shift(store, repaint):
    for pair in store.pairs():
        change(store, pair.name, target=repaint)
    assert [flag for flag in examine(store) if flag.kind == "shifted"] == []


def test_swapped_sides_are_found(store):
    swap_sides(store, NAME)
    assert only(store).kind == "swapped"


def test_nothing_is_called_swapped_where_changes_have_no_direction(store):
    """Every second pair has its hat off instead of on: nobody can say which half is wrong."""
    for pair in store.pairs()[::2]:
        swap_sides(store, pair.name)
    assert [flag for flag in examine(store) if flag.kind == "swapped"] == []


@pytest.mark.parametrize("side", ["source", "target"])
def test_exposure_of_one_side(store, side):
    change(store, **{side: brighter})
    flag = only(store)
    assert flag.kind == "exposure" and ("brighter" if side == "target" else "darker") in flag.sentence


def test_color_cast_of_one_side(store):
    warm = np.array([1.15, 1, 0.85])
    change(store, target=lambda image: Image.fromarray((np.asarray(image) * warm).clip(0, 255).astype(np.uint8)))
    flag = only(store)
    assert flag.kind == "exposure" and "more red" in flag.sentence


def test_an_effect_on_the_light_of_all_is_no_fault(store):
    for pair in store.pairs():
        change(store, pair.name, target=brighter)
    assert examine(store) == []


def test_a_copy_of_a_pair_is_found(store):
    first = store.pairs()[2]
    for side, path in (("source", first.source), ("target", first.target)):
        load_image(path).resize((120, 120)).save(store.directory / side / "99.jpg", quality=85)
    flag = only(store, "99")
    assert (flag.kind, flag.other) == ("duplicate", "02") and "Remove one" in flag.sentence


def test_one_source_with_two_targets_is_found(store):
    shutil.copy(store.pairs()[2].source, store.source_dir / "99.png")
    change_target = load_image(store.pairs()[2].source).filter(ImageFilter.FIND_EDGES)
    change_target.save(store.target_dir / "99.png")
    assert "the pictures after differ" in next(f.sentence for f in examine(store) if f.kind == "duplicate")


def test_before_and_after_the_same(store):
    (pair,) = [pair for pair in store.pairs() if pair.name == NAME]
    load_image(pair.source).save(store.target_dir / f"{NAME}.jpg", quality=90)
    pair.target.unlink()
    assert only(store).kind == "identical"


@pytest.mark.parametrize("number", [12, 13])
def test_a_foreign_target_is_found(store, number):
    foreign = list(party_pairs(15, 160))[number][1]
    change(store, target=lambda _: foreign)
    assert only(store).kind == "mismatch"


def test_exchanged_targets_name_each_other(store):
    first, second = (load_image(pair.target) for pair in store.pairs()[3:5])
    change(store, "03", target=lambda _: second)
    change(store, "04", target=lambda _: first)
    assert [(flag.name, flag.kind, flag.other) for flag in examine(store)] == [
        ("03", "mismatch", "04"),
        ("04", "mismatch", "03"),
    ]


def test_small_and_enlarged_pictures(store):
    change(store, "01", source=lambda i: i.resize((64, 64)), target=lambda i: i.resize((64, 64)))
    enlarge = {side: lambda i: i.resize((40, 40), Image.Resampling.BOX).resize(i.size) for side in ("source", "target")}
    change(store, "02", **enlarge)
    flags = {flag.name: flag for flag in examine(store)}
    assert {name: flag.kind for name, flag in flags.items()} == {"01": "too small", "02": "too small"}
    assert "64 x 64" in flags["01"].sentence and "enlarged" in flags["02"].sentence


def test_shapes_that_differ(store):
    change(store, "01", target=lambda image: image.crop((0, 0, 160, 120)))
    change(store, "02", target=lambda image: image.resize((480, 480)))
    kinds = {(flag.name, flag.kind) for flag in examine(store)}
    assert {("01", "shape"), ("02", "shape")} <= kinds
    assert {name for name, _ in kinds} == {"01", "02"}


def test_an_edit_unlike_the_others(store):
    def scribble(image):
        image.paste((200, 30, 160), (0, 100, 160, 160))
        return image

    change(store, target=scribble)
    assert only(store).kind == "outlier"


def test_files_without_partner_or_content_do_not_stop_the_rest(store):
    (store.target_dir / "03.png").unlink()
    (store.source_dir / "05.png").write_text("no picture")
    flags = {flag.name: (flag.kind, flag.sentence) for flag in examine(store)}
    assert flags["03"][0] == "no partner" and "source/03.png has no partner" in flags["03"][1]
    assert flags["05"][0] == "unreadable" and "05.png is not a picture" in flags["05"][1]
    assert len(flags) == 2


def test_edges_of_few_pairs_are_kept_and_each_pair_is_measured_once(store, monkeypatch):
    """So thousands of pairs take little memory."""
    monkeypatch.setattr(comparison, "MAX_STRANGERS", 3)
    edges, most = [], 0

    def measured(pair, load):
        nonlocal most
        item = measure(pair, load)
        edges.append(weakref.ref(item.source_edges.base))
        most = max(most, sum(ref() is not None for ref in edges))
        return item

    assert examine(store, evidence_of=measured) == []
    assert len(edges) == len(store.pairs()) > 5 and most <= 3 + 1


def test_the_first_of_equal_pictures_is_found_across_blocks(monkeypatch):
    monkeypatch.setattr(examination, "BLOCK", 4)
    pictures = np.random.default_rng(0).integers(0, 255, (11, 48), dtype=np.uint8)
    pictures[[3, 9]], pictures[7], pictures[10] = pictures[1], pictures[5], np.minimum(pictures[8], 250) + 4
    assert list(_first_twins(pictures)) == [-1, -1, -1, 1, -1, -1, -1, 5, -1, 1, 8]


def test_thumbnails_will_do(store):
    change(store, target=brighter)

    def small(path):
        return load_image(path).resize((128, 128))

    assert [flag.kind for flag in examine(store, load=small)] == ["exposure"]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "At least 2"),
        (1, "At least 2"),
        (3, "too few"),
        (8, "fine for a color look, thin for shapes"),
        (20, "enough to start"),
    ],
)
def test_readiness(count, words):
    assert words in readiness(count)


def test_readiness_counts_pairs_and_not_flags():
    flags = [Flag("a", "shifted", "."), Flag("a", "duplicate", "."), Flag("b", "shifted", ".")]
    assert readiness(20, flags).endswith("Look at 2 of them first.")


@pytest.mark.skipif(not TASKS.is_dir(), reason="the tasks are not here")
@pytest.mark.parametrize("task", ["photo-face-sunglasses", "openmoji-color-to-lineart", "london-neutral-to-smile"])
def test_real_pairs_raise_no_flags(task):
    assert examine(PairStore(TASKS / task / "test")) == []
