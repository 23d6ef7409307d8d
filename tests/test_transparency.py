"""Transparent pictures: shown on a color on which they show, and as transparent as before once they are edited."""

import numpy as np
import pytest
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from editor.image_files import load_image, load_layers, load_small, save_png
from editor.transparency import GRAY, WHITE, Layers, as_transparent


def sticker(ink, fill, size=64):
    """A disc with a soft rim on transparent ground."""
    color = ImageColor.getrgb(ink) if isinstance(ink, str) else ink
    image = Image.new("RGBA", (size, size), (*color, 0))
    ImageDraw.Draw(image).ellipse((10, 10, 54, 54), outline=ink, width=4, fill=fill)
    opacity = image.getchannel("A").filter(ImageFilter.GaussianBlur(1.5))
    image.putalpha(opacity)
    return image


def layers(image):
    return Layers(image.convert("RGB"), image.getchannel("A"))


@pytest.mark.parametrize(
    ("ink", "fill", "backdrop"),
    [
        ("white", None, GRAY),
        ("white", (250, 250, 240), GRAY),
        ("black", None, WHITE),
        ("black", "white", WHITE),
        ("black", "yellow", WHITE),
        ("white", (90, 160, 255), WHITE),
    ],
)
def test_the_backdrop_is_one_on_which_the_picture_shows(ink, fill, backdrop):
    art = layers(sticker(ink, fill))
    assert art.backdrop == backdrop
    shown = np.asarray(art.shown(), int)
    assert np.abs(shown - backdrop).max() > 100
    assert Layers(Image.new("RGB", (4, 4), "white")).backdrop == WHITE


def test_a_file_keeps_its_transparency_or_is_laid_on_a_color(tmp_path):
    art = sticker("white", None)
    save_png(art, tmp_path / "a.png")
    read = load_layers(tmp_path / "a.png")
    assert np.array_equal(np.asarray(read.merged()), np.asarray(art))
    assert load_image(tmp_path / "a.png").getextrema() == ((255, 255),) * 3  # to those who ask for white
    assert np.ptp(np.asarray(load_small(tmp_path / "a.png", 16))) > 100
    Image.new("RGBA", (8, 8), (1, 2, 3, 255)).save(tmp_path / "b.png")
    assert load_layers(tmp_path / "b.png").opacity is None


def test_what_is_not_edited_keeps_every_bit_also_at_soft_rims():
    photo = layers(sticker((240, 10, 10), (10, 60, 200)))
    assert np.array_equal(np.asarray(as_transparent(photo.shown(), photo)), np.asarray(photo.merged()))


def test_an_edit_has_the_photos_opacity_and_no_rim_of_the_backdrop():
    photo, truth = layers(sticker("black", (240, 200, 60))), layers(sticker("black", (60, 200, 240)))
    edit = as_transparent(truth.shown(), photo)
    assert np.array_equal(np.asarray(edit.getchannel("A")), np.asarray(photo.opacity))
    opaque = np.asarray(photo.opacity) > 60
    off = np.abs(np.asarray(edit.convert("RGB"), int) - np.asarray(truth.colors, int))[opaque]
    assert off.max() <= 4  # rounding, divided by the opacity


def test_an_opaque_photo_has_an_opaque_edit():
    photo = Layers(Image.new("RGB", (8, 8), "red"))
    assert as_transparent(photo.colors, photo).mode == "RGB"


def test_colors_of_what_is_transparent_show_nowhere(tmp_path):
    clean = sticker("black", (240, 200, 60))
    garbage = np.array(clean)
    nothing = garbage[..., 3] == 0
    garbage[nothing, :3] = np.random.default_rng(0).integers(0, 256, (int(nothing.sum()), 3))
    save_png(clean, tmp_path / "clean.png")
    save_png(Image.fromarray(garbage), tmp_path / "garbage.png")
    one, other = (load_layers(tmp_path / name) for name in ("clean.png", "garbage.png"))
    assert np.ptp(np.asarray(other.colors)[nothing]) > 200  # or there would be nothing to see
    assert one.backdrop == other.backdrop
    assert np.array_equal(np.asarray(one.shown()), np.asarray(other.shown()))
    for size in ((23, 23), (150, 150)):
        shown = [np.asarray(art.resized(size).shown(), int) for art in (one, other)]
        assert np.array_equal(*shown)
        assert np.abs(shown[0] - np.asarray(one.shown().resize(size, Image.Resampling.LANCZOS), int)).max() <= 30
    assert np.array_equal(*(np.asarray(load_small(tmp_path / f"{name}.png", 16)) for name in ("clean", "garbage")))


def test_layers_at_another_size():
    half = layers(sticker("black", "yellow")).resized((32, 32))
    assert half.colors.size == half.opacity.size == (32, 32)
    assert Layers(Image.new("RGB", (8, 8))).resized((4, 4)).opacity is None
