"""Hostile and damaged picture files: refused with a message before memory is allocated, or decoded correctly."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from editor.image_files import ImageError, load_image, picture_size
from tests.faults.pictures import BOMBS, NOISE, NOT_PICTURES, WHOLE, encoded, png_chunk
from tests.faults.sentences import check_sentence


def refused(tmp_path, data: bytes, name: str = "holiday.png") -> str:
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(ImageError) as caught:
        load_image(path, name)
    sentence = check_sentence(str(caught.value))
    assert name in sentence and str(tmp_path) not in sentence
    return sentence


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS)
def test_a_pixel_bomb_is_refused_from_its_header(tmp_path, data):
    assert len(data) < 20_000
    assert "too large" in refused(tmp_path, data)


@pytest.mark.parametrize("data", NOT_PICTURES.values(), ids=NOT_PICTURES)
def test_what_is_no_picture_is_refused(tmp_path, data):
    refused(tmp_path, data)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "bmp", "tiff", "tiff-lzw", "gif"])
def test_half_a_picture_is_refused(tmp_path, kind, share):
    data = WHOLE[kind]
    refused(tmp_path, data[: int(len(data) * share)])


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_every_kind_of_picture_becomes_plain_rgb(tmp_path, data):
    path = tmp_path / "wrong.suffix"
    path.write_bytes(data)
    image = load_image(path)
    assert (image.mode, image.info) == ("RGB", {})


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif", "bmp"])
@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x05\x06" + b"\0" * 18, b"#!/bin/sh\nrm -rf /\n"])
def test_of_a_polyglot_only_the_pixels_are_kept(tmp_path, kind, tail):
    """A picture that is also a page, an archive or a program."""
    path = tmp_path / "a.html"
    path.write_bytes(WHOLE[kind] + tail)
    image = load_image(path)
    assert image.size == NOISE.size
    assert tail not in encoded(image, "PNG")


EXIF = {
    "garbage": bytes(range(200)),
    "nothing": b"",
    "half-a-header": b"II*\0",
    "directory-far-away": b"II*\0" + b"\xff" * 4,
    "orientation-99": b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0",
    "orientation-as-text": b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0abcd\0\0\0\0",
    "orientation-4-billion-times": b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xff\xff\xff\xff\x06\0\0\0\0\0\0\0",
    "points-to-itself": b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0",
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", EXIF.values(), ids=EXIF)
def test_bad_exif_does_not_lose_the_picture(tmp_path, kind, exif):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(Image.new("RGB", (8, 6), "red"), kind, exif=b"Exif\0\0" + exif))
    image = load_image(path)
    assert image.getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=3)
    assert picture_size(path) == image.size


@pytest.mark.parametrize(
    "profile", [b"\0" * 128, b"ICC" * 999, NOT_PICTURES["text"], struct.pack(">I", 2**31) + b"\0" * 200]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_bad_color_profile_does_not_lose_the_picture(tmp_path, kind, profile):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(Image.new("RGB", (8, 8), "red"), kind, icc_profile=profile))
    assert load_image(path).getpixel((4, 4)) == pytest.approx((255, 0, 0), abs=3)


def test_a_profile_that_unpacks_to_gigabytes_is_refused(tmp_path):
    bomb = png_chunk(b"iCCP", b"a\0\0" + zlib.compress(b"\0" * 2**24))
    data = WHOLE["png"]
    refused(tmp_path, data[:33] + bomb + data[33:])


@pytest.mark.filterwarnings("ignore")
@given(st.binary(max_size=400))
@example(b"GIF89a")
@example(b"RIFF\xff\xff\xff\xffWEBPVP8 ")
def test_any_bytes_are_a_picture_or_a_sentence(tmp_path, data):
    path = tmp_path / "upload"
    path.write_bytes(data)
    try:
        assert load_image(path, "a.png").mode == "RGB"
    except ImageError as error:
        check_sentence(str(error))


@pytest.mark.filterwarnings("ignore")
@given(
    kind=st.sampled_from(sorted(WHOLE)), edits=st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1)
)
def test_a_picture_with_wrong_bytes_is_a_picture_or_a_sentence(tmp_path, kind, edits):
    data = bytearray(WHOLE[kind])
    for place, value in edits:
        data[place % len(data)] = value
    path = tmp_path / "upload"
    path.write_bytes(data)
    try:
        image = load_image(path, "a.png")
        assert image.mode == "RGB" and min(image.size) > 0
    except ImageError as error:
        check_sentence(str(error))


@pytest.mark.parametrize("shape", [(1, 1), (1, 16_384), (16_384, 1), (3, 500)])
def test_extreme_shapes_are_read(tmp_path, shape):
    data = BytesIO()
    Image.fromarray(np.zeros((shape[1], shape[0]), dtype=np.uint8)).save(data, format="PNG")
    (tmp_path / "a.png").write_bytes(data.getvalue())
    assert load_image(tmp_path / "a.png").size == shape
