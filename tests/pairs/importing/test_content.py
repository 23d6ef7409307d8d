"""Pairs by what pictures show, where no name says which ones belong together."""

import shutil
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from editor.pairs.importing.content import couples, looks, partners
from tests.pairs.importing.bringing import files_of, understood

TASKS = Path(__file__).parents[4] / "shared" / "tasks"


def photo(seed, size=(120, 90)):
    """Soft blobs in colors, other ones for each seed."""
    small = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def edited(image):
    """Black and white with a dark patch, smaller: what an app may make of it."""
    gray = ImageEnhance.Contrast(ImageOps.grayscale(image)).enhance(1.4).convert("RGB")
    gray.paste((20, 20, 20), (10, 10, 30, 25))
    return gray.resize((80, 60))


def save(image, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def found(plan):
    return {pair.source.path.stem: pair.target.path.stem for pair in plan.pairs}


ORDER = [3, 0, 4, 1, 2, 5]


@pytest.mark.parametrize("folders", [("before", "after"), ("camera", "done")])
def test_two_folders_of_other_names_are_paired_by_content(tmp_path, folders):
    for number, place in enumerate(ORDER):
        save(photo(number), tmp_path / "mine" / folders[0] / f"DSC_{number}.jpg")
        save(edited(photo(number)), tmp_path / "mine" / folders[1] / f"out{place}.png")
    plan = understood(files_of(tmp_path / "mine"), tmp_path)
    assert found(plan) == {f"DSC_{number}": f"out{place}" for number, place in enumerate(ORDER)}
    assert plan.is_guess and all("by what they show" in pair.rule for pair in plan.pairs)
    assert ("alphabet" in plan.pairs[0].rule) == (folders[0] == "camera")


def test_a_picture_that_nothing_fits_is_left_over(tmp_path):
    for number, place in enumerate(ORDER):
        save(photo(number), tmp_path / "mine" / "before" / f"DSC_{number}.jpg")
        if number != 2:
            save(edited(photo(number)), tmp_path / "mine" / "after" / f"out{place}.png")
    plan = understood(files_of(tmp_path / "mine"), tmp_path)
    assert found(plan) == {f"DSC_{number}": f"out{place}" for number, place in enumerate(ORDER) if number != 2}
    assert [item.path.name for item in plan.left_over] == ["DSC_2.jpg"]


@pytest.mark.parametrize("name", ["aquarelle {}.png", "Unbenannt-{}.png"])
def test_a_heap_of_two_series_is_paired_the_camera_before(tmp_path, name):
    for number, place in enumerate(ORDER):
        save(photo(number), tmp_path / "mine" / f"DSC0{number}123.jpg")
        save(edited(photo(number)), tmp_path / "mine" / name.format(place + 70))
    plan = understood(files_of(tmp_path / "mine"), tmp_path)
    pairs = {f"DSC0{number}123": name.format(place + 70)[:-4] for number, place in enumerate(ORDER)}
    assert found(plan) == pairs and plan.is_guess and not plan.left_over


def test_a_heap_of_names_without_sense_is_paired_two_by_two(tmp_path):
    names = ["f3a9", "07bc", "e11d", "9a40", "5c5c", "b00f", "1e3d", "c0de", "d00d", "4f4f"]
    for number in range(5):
        save(photo(number), tmp_path / "mine" / f"{names[number]}.png")
        save(edited(photo(number)), tmp_path / "mine" / f"{names[9 - number]}.png")
    plan = understood(files_of(tmp_path / "mine"), tmp_path)
    pairs = {frozenset(pair) for pair in found(plan).items()}
    assert pairs == {frozenset((names[number], names[9 - number])) for number in range(5)} and plan.is_guess


def test_what_a_slip_of_the_pen_left_over_finds_its_partner(tmp_path):
    for number in range(5):
        save(photo(number), tmp_path / "mine" / f"cat{number}_before.png")
        name = f"cta{number}_after.png" if number in (1, 3) else f"cat{number}_after.png"
        save(edited(photo(number)), tmp_path / "mine" / name)
    plan = understood(files_of(tmp_path / "mine"), tmp_path)
    assert found(plan) == {
        f"cat{number}_before": f"{'cta' if number in (1, 3) else 'cat'}{number}_after" for number in range(5)
    }
    assert [pair.is_guess for pair in plan.pairs] == [False, True, False, True, False]


def test_strangers_and_plain_colors_are_not_paired(tmp_path):
    for number in range(6):
        save(photo(number), tmp_path / "mine" / f"{number}x.png")
    assert not understood(files_of(tmp_path / "mine"), tmp_path).pairs
    for number in range(4):
        save(Image.new("RGB", (40, 40), "red"), tmp_path / "plain" / f"a{number}q.png")
        save(Image.new("RGB", (40, 40), "blue"), tmp_path / "plain" / f"b{number}r.png")
    assert not understood(files_of(tmp_path / "plain"), tmp_path).pairs


def test_one_of_each_side_is_nothing_to_compare_with():
    assert partners(np.ones((1, 4096), np.complex64), np.ones((1, 4096), np.complex64)) == []
    assert partners(np.zeros((0, 4096), np.complex64), np.zeros((5, 4096), np.complex64)) == []
    assert couples(np.zeros((1, 4096), np.complex64)) == []


def test_a_file_that_is_no_picture_is_nobodys_partner(tmp_path):
    for number in range(4):
        save(photo(number), tmp_path / f"{number}.png")
    (tmp_path / "4.png").write_text("hello")
    files = {PurePosixPath(f"{number}.png"): tmp_path / f"{number}.png" for number in range(5)}
    seen = looks(list(files), files)
    assert partners(seen, seen[::-1]) == [(0, 4), (1, 3), (2, 2), (3, 1)]


@pytest.mark.skipif(not TASKS.is_dir(), reason="the real pairs are not here")
@pytest.mark.parametrize("task", sorted(path.name for path in TASKS.glob("*") if path.is_dir()))
def test_real_pairs_are_found_in_two_folders(tmp_path, task):
    order = np.random.default_rng(0).permutation(20)
    for side in ("source", "target"):
        for number, file in enumerate(sorted((TASKS / task / "train" / side).iterdir())[:20]):
            name = f"p{number}" if side == "source" else f"q{order[number]}"
            (tmp_path / "mine" / side).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, tmp_path / "mine" / side / f"{name}.png")
    plan = understood(files_of(tmp_path / "mine"), tmp_path)
    assert found(plan) == {f"p{number}": f"q{place}" for number, place in enumerate(order)}
