from types import SimpleNamespace

import pytest
import torch

from editor.editing.frames import Frame
from editor.images import to_tensor
from editor.workspace import EditSettings, Suggestion
from editor.workspace.suggestions import Suggestions
from tests.editing.test_detection import draw_face, ground

SETTINGS = EditSettings(run="toy")
FACE = (480, 300, 170)


def edited(picture, side):
    """A square of the picture is painted over."""
    picture = picture.copy()
    picture.paste("black", (0, 0, side, side))
    return picture


@pytest.fixture
def suggest(services, tmp_path):
    """What is suggested for a photo by a run whose effect changes a square of that side of its 64 pixels."""

    def suggest(photo, side=20, frames=(), may_add=True):
        pairs = {
            f"{seed:02}": torch.stack([to_tensor(draw_face(seed)), to_tensor(edited(draw_face(seed), side))])
            for seed in range(20)
        }
        model = SimpleNamespace(may_add=may_add)
        editor = SimpleNamespace(model=model, image_size=64, references=tuple(pairs), pair=pairs.__getitem__)
        photo.save(tmp_path / "photo.png")
        opened = services.editing.open_photo(tmp_path / "photo.png")._replace(frames=frames)
        return Suggestions(SimpleNamespace(editor=lambda run: editor)).for_photo(opened, SETTINGS)

    return suggest


def with_face(size=(800, 600), face=FACE):
    photo = ground(0, size)
    photo.paste(draw_face(101, face[2]), face[:2])
    return photo


def test_the_face_in_a_large_photo_is_suggested(suggest):
    is_large, frames = suggest(with_face())
    assert is_large
    assert any(abs(found - wanted) < FACE[2] / 4 for found, wanted in zip(frames[0], FACE))
    large = suggest(with_face().resize((2400, 1800)))  # found in the small copy, in pixels of the photo
    assert any(abs(found - 3 * wanted) < 3 * FACE[2] / 4 for found, wanted in zip(large.frames[0], FACE))


def test_nothing_is_suggested_for_what_needs_no_frame(suggest):
    assert suggest(with_face(), frames=(Frame(0, 0, 100),)) == Suggestion()
    assert suggest(with_face().resize((400, 300))) == Suggestion()
    assert suggest(with_face(), side=60) == Suggestion()  # the effect changes whole pictures
    assert suggest(draw_face(101, 800)) == Suggestion()  # the face fills the photo
    assert suggest(with_face(), may_add=False) == Suggestion()  # a look, or a filter
