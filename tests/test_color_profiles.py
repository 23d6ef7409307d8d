"""Colors of files: what a viewer that honors profiles shows."""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from editor import color_profiles
from editor.color_profiles import to_srgb
from editor.image_files import ImageError, load_image

CASES = Path(__file__).parents[2] / "shared" / "cases"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the files that people had trouble with are not here")


def levels(image):
    return np.asarray(image.convert("RGB"), int)


def off(one, other):
    """The largest difference in levels."""
    return int(np.abs(levels(one) - levels(other)).max())


def card():
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))


def profile(space, gamma, *, name="sRGB v2"):
    """An ICC profile (version 2.1) of sRGB's primaries, or of gray, with a curve of its own."""
    curve = b"curv" + bytes(4) + struct.pack(">IHxx", 1, round(gamma * 256))

    def xyz(*values):
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))

    text = name.encode() + b"\0"
    words = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    tags = {b"desc": words, b"wtpt": xyz(0.9642, 1.0, 0.8249)}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
        tags[b"rXYZ"] = xyz(0.4361, 0.2225, 0.0139)
        tags[b"gXYZ"] = xyz(0.3851, 0.7169, 0.0971)
        tags[b"bXYZ"] = xyz(0.1431, 0.0606, 0.7141)
    table, data, start = b"", b"", 132 + 12 * len(tags)
    for tag, value in tags.items():
        value += bytes(-len(value) % 4)
        table += tag + struct.pack(">II", start + len(data), len(value))
        data += value
    head = bytes(8) + b"\x02\x10\0\0" + b"mntr" + space.ljust(4) + b"XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)
    whole = head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data
    return struct.pack(">I", len(whole)) + whole[4:]


def encoded(linear):
    """Linear light in [0, 1] as levels of sRGB (IEC 61966-2-1)."""
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.6])
@pytest.mark.parametrize("name", ["sRGB v2", "mine"])
def test_what_a_profile_does_counts_and_not_its_name(gamma, name):
    values = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    shown = levels(to_srgb(Image.fromarray(values), profile(b"RGB", gamma, name=name)))
    assert np.abs(shown - encoded((values / 255) ** gamma)).max() <= 1


def test_pixels_with_a_profile_of_srgb_are_kept_to_the_bit():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other_name = srgb.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    assert off(to_srgb(card(), srgb), card()) == off(to_srgb(card(), other_name), card()) == 0


@pytest.mark.parametrize("gamma", [1.0, 2.2])
def test_gray_profiles_count_for_8_and_16_bits(tmp_path, gamma):
    gray = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    icc = profile(b"GRAY", gamma)
    for image, values in (
        (Image.fromarray(gray), gray / 65535),
        (Image.fromarray((gray >> 8).astype(np.uint8)), (gray >> 8) / 255),
    ):
        image.save(tmp_path / "a.png", icc_profile=icc)
        shown = levels(load_image(tmp_path / "a.png"))
        assert np.abs(shown - encoded(values**gamma)[..., None]).max() <= 1.5


def test_gray_with_transparency_keeps_its_profile(tmp_path):
    image = Image.merge("LA", [Image.new("L", (4, 4), 128), Image.new("L", (4, 4), 255)])
    image.save(tmp_path / "a.png", icc_profile=profile(b"GRAY", 1.0))
    assert load_image(tmp_path / "a.png").getpixel((1, 1)) == pytest.approx((188, 188, 188), abs=1)


def test_a_gray_picture_with_an_rgb_profile_is_shown_by_it(tmp_path):
    Image.new("L", (4, 4), 128).save(tmp_path / "a.png", icc_profile=profile(b"RGB", 1.0))
    assert load_image(tmp_path / "a.png").getpixel((1, 1)) == pytest.approx((188, 188, 188), abs=1)


def test_a_profile_for_other_colors_or_without_sense_is_ignored(tmp_path):
    for icc in (profile(b"GRAY", 1.0), b"junk", profile(b"RGB", 1.0)[:200]):
        card().save(tmp_path / "a.png", icc_profile=icc)
        assert off(load_image(tmp_path / "a.png"), card()) == 0


@needs_cases
@pytest.mark.parametrize("name", ["print.jpg", "print.tif"])
def test_cmyk_with_its_profile_looks_as_in_a_viewer(name):
    assert off(load_image(CASES / "cmyk" / name), Image.open(CASES / "cmyk" / "expected.png")) <= 2


@needs_cases
def test_a_linear_profile_called_srgb_is_no_srgb():
    folder = CASES / "profile_named_srgb"
    stored = levels(Image.open(folder / "linear_srgb.png"))
    shown = load_image(folder / "linear_srgb.png")
    assert np.abs(levels(shown) - encoded(stored / 255)).max() <= 1
    is_fine = stored.min(axis=2) > 12  # below, one level of the file is more than one of the card
    assert np.abs(levels(shown) - levels(Image.open(folder / "card.png")))[is_fine].max() <= 1


def tiff(samples, order, rows, *, photometric=2):
    """A TIFF of separate planes of 16 bits that are not compressed: (h, w, c), in strips of some rows."""
    height, width, count = samples.shape
    data = [
        plane[top : top + rows].astype(f"{order}u2").tobytes()
        for plane in np.moveaxis(samples, 2, 0)
        for top in range(0, height, rows)
    ]
    lengths = [len(strip) for strip in data]
    start = 8 + 2 + 12 * 10 + 4
    bits, offsets_at = start, start + 2 * count
    counts_at = offsets_at + 4 * len(data)
    first = counts_at + 4 * len(data)
    offsets = [first + sum(lengths[:index]) for index in range(len(data))]
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, count, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, len(data), offsets_at),
        (277, 3, 1, count),
        (278, 3, 1, rows),
        (279, 4, len(data), counts_at),
        (284, 3, 1, 2),
    ]

    def entry(tag, kind, number, value):
        packed = struct.pack(f"{order}HHI", tag, kind, number)
        return packed + (
            struct.pack(f"{order}HH", value, 0) if kind == 3 and number == 1 else struct.pack(f"{order}I", value)
        )

    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    head += b"".join(entry(*fields) for fields in entries) + bytes(4)
    head += struct.pack(f"{order}{count}H", *[16] * count)
    head += struct.pack(f"{order}{2 * len(data)}I", *offsets, *lengths)
    return head + b"".join(data)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("rows", [24, 7])
def test_planes_of_16_bits_are_read(tmp_path, order, rows):
    (tmp_path / "a.tif").write_bytes(tiff(levels(card()) * 257, order, rows))
    assert off(load_image(tmp_path / "a.tif"), card()) <= 1


def test_planes_that_cannot_be_read_are_refused_in_words(tmp_path):
    samples = np.random.default_rng(0).integers(0, 65536, (24, 32, 4))
    (tmp_path / "a.tif").write_bytes(tiff(samples, "<", 24, photometric=5))
    with pytest.raises(ImageError, match=r"a\.tif holds its channels one after the other.*Save it"):
        load_image(tmp_path / "a.tif")


@needs_cases
def test_the_planar_tiff_is_the_card():
    card = Image.open(CASES / "profile_named_srgb" / "card.png")
    assert off(load_image(CASES / "tiff_planar16" / "rgb16_planar.tif"), card) <= 1


def test_profiles_are_compared_once(monkeypatch):
    icc = profile(b"RGB", 1.37)
    to_srgb(card(), icc)
    opened = []
    monkeypatch.setattr(color_profiles, "_transformed", lambda image, _: opened.append(image.size) or image)
    to_srgb(card(), icc)
    assert opened == [card().size]  # the picture, and no chart


def test_the_profiles_here_can_be_read():
    for space in (b"RGB", b"GRAY"):
        assert ImageCms.ImageCmsProfile(BytesIO(profile(space, 1.0))).profile.xcolor_space.strip() == space.decode()
