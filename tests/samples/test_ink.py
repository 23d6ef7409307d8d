import numpy as np
from PIL import Image, ImageDraw

from editor.samples.ink import INK, LINE, PAPER, ink, ink_pairs


def test_a_line_is_drawn_where_a_color_ends_and_nowhere_else():
    picture = Image.new("RGB", (64, 64), "#ffd0b0")
    ImageDraw.Draw(picture).rectangle((32, 0, 63, 63), fill="#ffe8d8")
    drawn = np.asarray(ink(picture), float)
    is_ink = np.abs(drawn - INK).max(axis=2) < 2
    assert is_ink.sum(axis=1).tolist() == [LINE] * 64 and is_ink[:, 32].all()
    assert np.abs(drawn[~is_ink] - PAPER).max() < 2


def test_what_is_darker_has_more_ink():
    tones = [np.asarray(ink(Image.new("RGB", (8, 8), (level,) * 3)), float).mean() for level in (20, 100, 150, 220)]
    assert tones == sorted(tones) and len(set(tones)) == 4


def test_shades_have_no_lines():
    shade = np.broadcast_to(np.linspace(180, 250, 128)[None, :, None], (64, 128, 3)).astype(np.uint8)
    assert np.ptp(np.asarray(ink(Image.fromarray(shade)), int), axis=(0, 1)).max() == 0


def test_the_same_pictures_every_time():
    for pairs in zip(ink_pairs(2, 32), ink_pairs(2, 32)):
        assert [picture.tobytes() for picture in pairs[0]] == [picture.tobytes() for picture in pairs[1]]
