import numpy as np
import pytest
from PIL import Image

from editor.views.clip import NUM_WIPED, SIZES, framed, save_clip

RED, BLUE = (Image.new("RGB", (300, 200), color) for color in ("#d02020", "#2020d0"))


@pytest.mark.parametrize("shape", SIZES)
@pytest.mark.parametrize("format", ["gif", "webp"])
def test_a_clip_wipes_from_before_to_after_and_back(tmp_path, shape, format):
    path = tmp_path / f"clip.{format}"
    save_clip(RED, BLUE, path, shape)
    with Image.open(path) as film:
        assert film.size == SIZES[shape] and film.n_frames == 2 + 2 * NUM_WIPED
        middle = film.size[1] // 2
        blue = []
        for index in range(film.n_frames):
            film.seek(index)
            row = np.asarray(film.convert("RGB"), float)[middle]
            blue.append((row[:, 2] > row[:, 0] + 50).mean())
    assert blue[0] == 0 and blue[NUM_WIPED + 1] == 1
    assert blue[: NUM_WIPED + 2] == sorted(blue[: NUM_WIPED + 2])
    assert blue[NUM_WIPED + 1 :] == sorted(blue[NUM_WIPED + 1 :], reverse=True)


def test_a_film_can_be_played(tmp_path):
    av = pytest.importorskip("av")
    save_clip(RED, BLUE, tmp_path / "clip.mp4", "portrait")
    with av.open(tmp_path / "clip.mp4") as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == SIZES["portrait"]


def test_all_of_the_picture_is_in_the_frame():
    picture = Image.effect_noise((400, 100), 80).convert("RGB")
    picture.paste("#00ff00", (0, 0, 400, 100))
    frame = np.asarray(framed(picture, (200, 200)))
    is_green = (frame == (0, 255, 0)).all(axis=2)
    assert is_green.sum() == 200 * 50, "scaled, not cropped"
    assert frame[0].max() < 130, "and what is around it is dim"
