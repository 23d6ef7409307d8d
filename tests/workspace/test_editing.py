import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, features

from editor.errors import UserError
from editor.image_files import ImageError
from editor.workspace import EditSettings, WorkspaceError
from tests.conftest import TINY, draw_toy_pair


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "Mein Foto.png"
    draw_toy_pair(seed=99, size=64)[0].resize((90, 64)).save(path)
    return path


@pytest.fixture
def photo(services, file):
    return services.editing.open_photo(file)


@pytest.fixture
def settings(services, trained):
    return EditSettings(run=trained, version=services.editing.version(trained))


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB"), dtype=float)


def test_an_edit_has_the_size_of_the_photo_and_differs_from_it(services, settings, photo):
    result = services.editing.edit(photo, settings)
    assert Image.open(result.before).size == Image.open(result.after).size == result.size == (90, 64)
    assert Image.open(result.after).format == "PNG"
    assert abs(pixels(result.before) - pixels(result.after)).mean() > 5
    assert result.after.is_relative_to(services.workspace.cache_dir)


def test_strength_needs_no_second_run_of_the_network(services, settings, photo, monkeypatch):
    first = services.editing.edit(photo, settings)
    editor = services.editing.editor(settings.run)
    monkeypatch.setattr(editor, "predict", lambda *_, **__: pytest.fail("the network was run again"))
    none = services.editing.edit(photo, replace(settings, strength=0.0))
    assert np.array_equal(pixels(none.after), pixels(photo.path))
    more = services.editing.edit(photo, replace(settings, strength=1.5))
    changes = [abs(pixels(result.after) - pixels(photo.path)).mean() for result in (first, more)]
    assert changes[0] < changes[1]
    assert services.editing.preview(photo, replace(settings, strength=0.5))[:2] == b"\xff\xd8"


def test_outside_the_area_nothing_changes_unless_asked_for(services, settings, file):
    """Of a grainy photo: those without grain, like what it learned from, the editor leaves alone there by itself."""
    grain = np.random.default_rng(0).normal(0, 20, (64, 90, 3))
    Image.fromarray((pixels(file) + grain).clip(0, 255).astype(np.uint8)).save(file)
    photo = services.editing.open_photo(file)
    learned = services.editing.edit(photo, settings)
    area = np.asarray(Image.open(learned.area))[..., 1]
    assert 0.02 < (area > 0).mean() < 0.98
    outside = area == 0
    assert np.array_equal(pixels(learned.after)[outside], pixels(photo.path)[outside])
    assert learned.change_outside == 0
    assert learned.jpeg_outside > 0
    everywhere = services.editing.edit(photo, replace(settings, mask="everywhere"))
    assert everywhere.change_outside > 0


def test_only_what_was_brushed_changes(services, settings, photo, tmp_path):
    drawing = Image.new("RGB", (90, 64))
    drawing.paste("white", (0, 0, 45, 64))
    drawing.save(tmp_path / "brush.png")
    result = services.editing.edit(photo, replace(settings, mask="brushed"), tmp_path / "brush.png")
    before, after = pixels(photo.path), pixels(result.after)
    assert np.array_equal(before[:, 50:], after[:, 50:])
    assert abs(before[:, :40] - after[:, :40]).mean() > 3


def test_many_photos_are_edited_as_each_by_itself(services, settings, tmp_path):
    photos = []
    for seed in range(3):
        draw_toy_pair(seed=seed, size=48)[0].save(tmp_path / f"{seed}.png")
        photos.append(services.editing.open_photo(tmp_path / f"{seed}.png"))
    together = [pixels(services.editing.edit(photo, settings).after) for photo in photos]
    last = services.editing.open_photo(tmp_path / "2.png")
    assert np.array_equal(together[2], pixels(services.editing.edit(last, settings).after))
    assert not np.array_equal(together[0], together[1])


def test_thumbnails_are_made_only_when_wanted(services, settings, photo):
    assert services.editing.thumbnail(photo, settings, is_wanted=False) is None
    made = services.editing.thumbnail(photo, settings, is_wanted=True)
    assert services.editing.thumbnail(photo, replace(settings, strength=0.2), is_wanted=False) == made
    assert services.editing.thumbnail(photo, replace(settings, seed=1), is_wanted=False) is None


def test_few_edits_of_one_photo_stay_on_disk(services, settings, photo):
    for strength in range(10):
        result = services.editing.edit(photo, replace(settings, strength=strength / 10))
    assert result.after.is_file()
    assert len(list(result.after.parent.iterdir())) <= 4


def test_photos_in_use_are_kept_and_others_go(services, photo, file, monkeypatch):
    other = services.editing.open_photo(file)
    later = time.monotonic() + 5000
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert services.editing.touch([photo]) == [photo]
    new = services.editing.open_photo(file)  # drops what is old
    assert services.editing.touch([photo, other, new]) == [photo, new]
    assert photo.source == new.source == file


def test_what_was_painted_in_the_page_has_the_size_of_the_photo(services, photo, tmp_path):
    Image.new("RGB", (180, 128)).save(tmp_path / "large.png")
    kept = services.editing.save_correction(photo, tmp_path / "large.png")  # from another program, it may be larger
    assert Image.open(kept).size == (180, 128)
    with pytest.raises(WorkspaceError, match="180 x 128 pixels and Mein Foto.png is 90 x 64"):
        services.editing.save_correction(photo, tmp_path / "large.png", is_painted=True)


def test_the_reference_can_be_chosen(services, settings, photo):
    name = services.training.pairs(settings.run)[0].name
    assert services.editing.edit(photo, replace(settings, reference=name)).references == (name,)
    with pytest.raises(UserError):
        services.editing.edit(photo, replace(settings, reference="../0000"))
    average = services.editing.edit(photo, replace(settings, choice="average"))
    assert len(average.references) == 5
    assert Image.open(average.heat).size[0] == 32


def test_takes_lie_side_by_side(services, settings, photo):
    takes = services.editing.variants(photo, [replace(settings, seed=seed) for seed in range(4)])
    assert [take.settings.seed for take in takes] == [0, 1, 2, 3]
    assert len({take.picture for take in takes}) == 4
    assert all(take.picture.is_file() and take.psnr > 0 for take in takes)


def test_a_take_that_cannot_be_made_names_its_run(services, settings, photo):
    copy = services.library.duplicate_run(settings.run)
    name = services.training.open(copy).name
    with pytest.raises(WorkspaceError, match=f"{name}: This run has learned nothing yet"):
        services.editing.variants(photo, [settings, replace(settings, run=copy)])


def test_examples_were_never_learned_from(services, trained):
    held_out = [pair.name for pair in services.training.pairs(trained) if pair.is_held_out]
    assert [pair.name for pair in services.editing.examples(trained)] == held_out


def test_a_file_that_is_no_picture_is_named(services, tmp_path):
    bad = tmp_path / "holiday.png"
    bad.write_text("not a picture")
    with pytest.raises(ImageError, match=r"holiday\.png"):
        services.editing.open_photo(bad)


def test_a_run_without_weights_says_so(services, photo):
    run = services.training.start("toy", TINY, 10)
    services.training.stop()
    services.training.wait(30)
    services.training.open(run).weights_path.unlink(missing_ok=True)
    assert services.editing.version(run) == 0
    with pytest.raises(WorkspaceError, match="learned nothing yet"):
        services.editing.edit(photo, EditSettings(run=run))


def test_new_weights_are_noticed(services, trained):
    first = services.editing.editor(trained)
    assert services.editing.editor(trained) is first
    services.training.resume(trained, 0.005)
    services.training.wait(30)
    assert services.editing.editor(trained).step > first.step


@pytest.mark.parametrize(("suffix", "format"), [("jfif", "JPEG"), ("avif", "AVIF")])
def test_pictures_of_less_common_suffixes_are_opened(services, tmp_path, suffix, format):
    if format == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    Image.new("RGB", (40, 30), "red").save(tmp_path / f"me.{suffix}", format=format)
    opened = services.editing.open_photo(tmp_path / f"me.{suffix}")
    assert Image.open(opened.path).getpixel((9, 9))[0] > 240
