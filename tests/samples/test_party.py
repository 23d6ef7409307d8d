import random

import numpy as np
import pytest
from PIL import Image

from editor.samples.cartoon import people
from editor.samples.cartoon.costume import draw_costume
from editor.samples.party import SEED, party_pairs


def changed(source: Image.Image, target: Image.Image) -> np.ndarray:
    return (np.asarray(source, int) != np.asarray(target, int)).any(axis=2)


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Image.Image, Image.Image]]:
    return list(party_pairs(32, 32))


def test_same_pictures_every_time(pairs):
    for (a, b), (c, d) in zip(pairs, party_pairs(32, 32)):
        assert not changed(a, c).any() and not changed(b, d).any()


def test_edit_is_visible_but_local(pairs):
    for source, target in pairs:
        assert 0.05 < changed(source, target).mean() < 0.5


def test_nobody_appears_twice(pairs):
    pictures = [np.asarray(source, int) for source, _ in pairs]
    distances = [np.abs(a - b).mean() for k, a in enumerate(pictures) for b in pictures[:k]]
    assert min(distances) > 8


def test_edit_follows_the_face():
    """Its middle moves with the head, and the tilted one leans to the same side."""
    faces = people._faces(random.Random(SEED), 32)
    middles, centers = [], []
    for face, (source, target) in zip(faces, party_pairs(32, 64)):
        rows, columns = np.nonzero(changed(source, target))
        middles.append((columns.mean() / 64, rows.mean() / 64))
        centers.append((face.center[0] + 0.5 * face.scale * np.sin(np.deg2rad(face.degrees)), face.center[1]))
    for axis in (0, 1):
        assert np.corrcoef(np.array(middles)[:, axis], np.array(centers)[:, axis])[0, 1] > 0.9


def test_faces_vary_in_place_size_and_tilt():
    faces = people._faces(random.Random(SEED), 32)
    assert len({face.skin for face in faces}) == len(people.COMPLEXIONS)
    assert len({face.hair for face in faces}) >= 12
    assert min(face.degrees for face in faces) < -8 and max(face.degrees for face in faces) > 8
    assert np.ptp([face.center[0] for face in faces]) > 0.1
    assert max(face.scale for face in faces) > 1.2 * min(face.scale for face in faces)


def test_costume_is_its_own_mirror_image():
    """Training flips pairs; an edit that knows left from right could then not be learned."""
    face = people._faces(random.Random(0), 1)[0]
    upright = type(face)(**{**vars(face), "center": (0.5, 0.6), "degrees": 0.0})
    image = Image.new("RGB", (256, 256))
    draw_costume(image, upright)
    pixels = np.asarray(image, int)
    assert (np.abs(pixels - pixels[:, ::-1]).max(axis=2) > 0).mean() < 0.02  # polygon edges round differently


@pytest.mark.parametrize("count", [0, 3, 32, 50])
def test_deal_is_even(count):
    cards = people._deal(random.Random(1), range(8), count)
    amounts = [cards.count(k) for k in range(8)]
    assert len(cards) == count and max(amounts) - min(amounts) <= 1
