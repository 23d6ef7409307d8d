import numpy as np
import pytest
from PIL import Image, ImageDraw

from editor.editing.detection import MIN_PICTURES, FeatureSpace

FACE = 64


def draw_face(seed, size=FACE):
    """A face in front of a light ground, never quite the same."""
    random = np.random.default_rng(seed)
    skin = tuple(int(level) for level in random.integers(120, 190, 3))
    picture = ground(1000 + seed, (256, 256))
    draw = ImageDraw.Draw(picture)
    x, y = random.integers(-14, 15, 2)
    draw.ellipse((50 + x, 24 + y, 206 + x, 236 + y), fill=skin)
    draw.pieslice((50 + x, 16 + y, 206 + x, 200 + y), 190, 350, fill=(50, 40, 30))
    for eye in (95, 160):
        draw.ellipse((eye - 14 + x, 105 + y, eye + 14 + x, 125 + y), fill=(30, 30, 40))
    draw.ellipse((100 + x, 180 + y, 156 + x, 196 + y), fill=(130, 40, 50))
    return picture.resize((size, size), Image.Resampling.BOX)


@pytest.fixture(scope="module")
def space():
    return FeatureSpace.of([draw_face(seed) for seed in range(20)])


def ground(seed=0, size=(800, 600)):
    small = np.random.default_rng(seed).integers(40, 220, (12, 16, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def test_faces_are_found_at_their_place_and_size(space):
    places = [(90, 80, 110), (480, 300, 170)]
    photo = ground()
    for number, (x, y, side) in enumerate(places):
        photo.paste(draw_face(100 + number, side), (x, y))
    found = space.find(photo)
    assert len(found) == 2
    for x, y, side in places:
        assert any(
            abs(f.left - x) < side / 5 and abs(f.top - y) < side / 5 and 0.75 < f.side / side < 1.3 for f in found
        )


NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (300, 400), dtype=np.uint8))


@pytest.mark.parametrize("photo", [Image.linear_gradient("L"), NOISE], ids=["sky", "noise"])
def test_where_there_is_none_nothing_is_found(space, photo):
    assert space.find(photo.convert("RGB").resize((800, 600))) == []


def test_pictures_that_have_nothing_in_common_find_nothing():
    alike_nothing = FeatureSpace.of([ground(seed, (64, 64)) for seed in range(20)])
    assert alike_nothing.find(ground(50)) == []


def test_of_few_pictures_nothing_is_known():
    assert FeatureSpace.of([draw_face(seed) for seed in range(MIN_PICTURES - 1)]) is None


def test_odd_photos(space):
    for size in ((1, 1), (16, 16), (300, 17), (2000, 40)):
        assert space.find(Image.new("RGB", size)) == []
