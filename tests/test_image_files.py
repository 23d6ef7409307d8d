import base64
import struct
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from editor import image_files
from editor.image_files import (
    ImageError,
    PixelBudget,
    load_image,
    load_layers,
    load_small,
    picture_size,
    save_png,
)


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def smooth(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([x * 255 / width, y * 255 / height, x * 0 + 90], -1).astype(np.uint8))


def save(tmp_path, image, name, **options):
    image.save(tmp_path / name, **options)
    return tmp_path / name


@pytest.mark.parametrize(("suffix", "exact"), [("png", 1), ("bmp", 1), ("tiff", 1), ("jpg", 0), ("webp", 0)])
def test_formats(tmp_path, suffix, exact):
    image = smooth(20, 12)
    loaded = load_image(save(tmp_path, image, f"a.{suffix}"))
    difference = np.abs(np.asarray(loaded, int) - np.asarray(image, int))
    assert loaded.mode == "RGB" and difference.max() <= (0 if exact else 24)


# 16 x 8 pixels, left half red and right half blue, taken with the camera turned: shown 8 wide and 16 high.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAcdtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB6wABAAAAAAAAADoAAgAAAAACJQABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABBmlwcnAAAADlaXBjbwAAAHVodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "rprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFw"
    "AAAAEAAAAAEAAAAIAAAAAf///9AAAAAC////yAAAAAIAAAAQcGl4aQAAAAADCAgIAAAACWlyb3QDAAAAGWlwbWEAAAAAAAAAAQAB"
    "BoECAwWEhgAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAZm1kYXQAAAA2KAGvEyFwgsDlMPv9cT7GT5cNX62KMA37qcNesPZx"
    "IDggAqQddAjp8VtA49ntoYkxqL8JL1sQAAAABkV4aWYAAE1NACoAAAAIAAEBEgADAAAAAQAGAAAAAAAA"
)


def test_heic_of_a_phone_is_read(tmp_path):
    pytest.importorskip("pillow_heif")
    (tmp_path / "a.heic").write_bytes(HEIC)
    image = load_image(tmp_path / "a.heic")
    assert image.size == picture_size(tmp_path / "a.heic") == (8, 16)
    assert image.getpixel((4, 3)) == pytest.approx((220, 40, 30), abs=8)
    assert image.getpixel((4, 12)) == pytest.approx((30, 60, 220), abs=8)


def test_heic_without_its_decoder_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(HEIC)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="a.jpg is a HEIC picture.*.venv/bin/pip install pillow-heif.*JPEG"):
        load_image(tmp_path / "a.jpg")
    monkeypatch.undo()  # it is installed: no restart is needed
    pytest.importorskip("pillow_heif")
    assert load_image(tmp_path / "a.jpg").size == (8, 16)


def test_size_is_that_of_the_upright_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path, noise(8, 4), "a.jpg", exif=exif)
    assert picture_size(path) == load_image(path).size == (4, 8)
    (tmp_path / "b.jpg").write_text("no picture")
    with pytest.raises(ImageError, match="b.jpg is not a picture"):
        picture_size(tmp_path / "b.jpg")


def test_orientation_is_applied_and_metadata_dropped(tmp_path):
    image = Image.new("RGB", (8, 4), "black")
    image.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show rotated by 90 degrees clockwise
    exif[0x010E] = "secret place"
    loaded = load_image(save(tmp_path, image, "a.png", exif=exif))
    assert loaded.size == (4, 8) and loaded.getpixel((3, 0)) == (255, 255, 255)
    assert not loaded.info
    save_png(loaded, tmp_path / "b.png")
    assert b"secret" not in (tmp_path / "b.png").read_bytes()


def test_save_png_drops_metadata_of_any_picture(tmp_path):
    image = noise(4, 4)
    image.info |= {"exif": b"Exif\0\0secret", "icc_profile": b"secret", "comment": "secret"}
    save_png(image, tmp_path / "a.png")
    assert b"secret" not in (tmp_path / "a.png").read_bytes()
    assert "comment" in image.info
    assert np.array_equal(np.asarray(load_image(tmp_path / "a.png")), np.asarray(image))


def test_alpha_is_flattened_on_white(tmp_path):
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 128))
    loaded = load_image(save(tmp_path, image, "a.png"))
    assert loaded.getpixel((0, 0)) == (255, 255, 255)
    assert loaded.getpixel((1, 0)) == pytest.approx((255, 127, 127), abs=1)


def test_palette_with_transparency(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    loaded = load_image(save(tmp_path, image, "a.gif", transparency=0))
    assert [loaded.getpixel((x, 0)) for x in (0, 1)] == [(255, 255, 255), (0, 0, 255)]


def test_sixteen_bit_gray_is_scaled_not_clipped(tmp_path):
    image = Image.fromarray(np.array([[0, 32768, 65535]], dtype=np.uint16))
    for name in ("a.png", "a.tiff"):
        loaded = load_image(save(tmp_path, image, name))
        assert [loaded.getpixel((x, 0))[0] for x in range(3)] == [0, 128, 255]


def test_cmyk_gray_and_first_frame(tmp_path):
    cmyk = load_image(save(tmp_path, Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "a.jpg"))
    assert cmyk.getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=4)
    gray = load_image(save(tmp_path, Image.new("L", (8, 8), 70), "gray.png"))
    assert gray.getpixel((0, 0)) == (70, 70, 70)
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    path = save(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert load_image(path).getpixel((0, 0)) == (255, 0, 0)


def test_color_profile_is_applied_and_a_broken_one_ignored(tmp_path):
    swapped = _profile_with_swapped_primaries()
    image = Image.new("RGB", (4, 4), (255, 0, 0))
    loaded = load_image(save(tmp_path, image, "a.png", icc_profile=swapped))
    red, green, _ = loaded.getpixel((0, 0))
    assert green > red
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert load_image(save(tmp_path, image, "b.png", icc_profile=srgb)).getpixel((0, 0)) == (255, 0, 0)
    assert load_image(save(tmp_path, image, "c.png", icc_profile=b"junk")).getpixel((0, 0)) == (255, 0, 0)


def _profile_with_swapped_primaries() -> bytes:
    """Return an sRGB profile in which red and green trade places, so that applying it is easy to see."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = data.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")
    name = "sRGB".encode("utf-16-be")
    return data.replace(name, "test".encode("utf-16-be"))


def test_huge_picture_is_refused_before_decoding(tmp_path):
    """The header promises 20000 x 20000 pixels and no data follows: decoding would fail differently."""
    path = tmp_path / "bomb.png"
    path.write_bytes(_png_header(20_000, 20_000))
    with pytest.raises(ImageError, match=r"holiday\.png is too large .*megapixels"):
        load_image(path, name="holiday.png")
    path.write_bytes(_png_header(image_files.MAX_SIDE + 1, 1))
    with pytest.raises(ImageError, match="too large"):
        load_image(path)


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_bad_files_are_named_with_a_way_out(tmp_path):
    whole = BytesIO()
    noise(64, 64).save(whole, format="PNG")
    contents = {
        "empty.png": b"",
        "text.png": b"hello, this is not a picture",
        "half.png": whole.getvalue()[:2000],
        "page.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ImageError, match=f"^{name} is ") as caught:
            load_image(tmp_path / name)
        assert str(tmp_path) not in str(caught.value)
    with pytest.raises(ImageError, match="no file gone.png"):
        load_image(tmp_path / "gone.png")


def test_half_a_jpeg_is_refused(tmp_path):
    data = BytesIO()
    noise(64, 64).save(data, format="JPEG")
    (tmp_path / "a.jpg").write_bytes(data.getvalue()[: len(data.getvalue()) // 2])
    with pytest.raises(ImageError, match="damaged or incomplete"):
        load_image(tmp_path / "a.jpg")


def test_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    save_png(noise(4, 4), tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()

    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr(image_files.Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        save_png(noise(4, 4, seed=1), tmp_path / "a.png")
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == before


def test_a_file_that_is_removed_at_this_moment_is_told_as_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "is_file", lambda _: True)  # it was there when this was asked
    with pytest.raises(ImageError, match="There is no file gone.png"):
        load_image(tmp_path / "gone.png")


def test_a_budget_of_pixels_is_shared_by_all_threads():
    budget, most = PixelBudget(100), []
    used, lock = 0, threading.Lock()

    def use(pixels: int) -> None:
        nonlocal used
        with budget.take(pixels):
            with lock:
                used += pixels
                most.append(used)
            time.sleep(0.002)
            with lock:
                used -= pixels

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, [60, 40, 30, 500, 10, 100, 99, 1] * 5))
    assert most.count(500) == 5 and all(sum_ <= 100 for sum_ in most if sum_ < 500) and max(most) == 500
    with pytest.raises(ValueError), budget.take(100):  # what fails gives back what it has
        raise ValueError
    with budget.take(100):
        pass


def test_every_picture_is_decoded_within_the_budget(tmp_path, monkeypatch):
    path, taken = tmp_path / "a.png", []

    class Noted(PixelBudget):
        def take(self, pixels):
            taken.append(pixels)
            return super().take(pixels)

    monkeypatch.setattr(image_files, "DECODING", Noted(1))
    Image.new("RGB", (40, 30)).save(path)
    for load in (load_image, load_layers, partial(load_small, side=8)):
        load(path)
    assert taken == [1200] * 3
    Image.new("RGB", (400, 300)).save(path.with_suffix(".jpg"))
    load_small(path.with_suffix(".jpg"), 8)
    assert taken[3] < 5000, "JPEG is decoded at a smaller size"


PEAKS = """
import sys
from pathlib import Path
from PIL import Image
from editor.image_files import load_image

def kilobytes(name):
    return int(Path("/proc/self/status").read_text().partition(f"{name}:")[2].split()[0])

for mode in ("RGB", "RGBA", "L", "P"):
    Image.new(mode, (4000, 4000)).save(sys.argv[1])
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = kilobytes("VmRSS")
    load_image(Path(sys.argv[1]))
    print(mode, 1024 * (kilobytes("VmHWM") - before) / 16e6)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_pixel_takes_ten_bytes_at_most(tmp_path):
    """Pillow takes 4 for one of color. In a process of its own, for its peaks."""
    told = subprocess.run(
        [sys.executable, "-c", PEAKS, tmp_path / "a.png"], capture_output=True, text=True, check=True
    ).stdout
    peaks = {mode: float(bytes_) for mode, bytes_ in map(str.split, told.splitlines())}
    assert len(peaks) == 4 and all(3 < peak < 10 for peak in peaks.values()), peaks
