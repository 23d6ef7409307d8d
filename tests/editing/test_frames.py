from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editor.cli import parse_frame
from editor.editing.errors import EditorError
from editor.editing.frames import FADE, Frame, FramedPrediction
from editor.editing.masks import confine
from editor.errors import UserError
from editor.image_files import save_png
from tests.conftest import draw_toy_pair


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A large photo with two small pictures like those that were learned."""
    noise = np.random.default_rng(0).integers(60, 200, (300, 400, 3), dtype=np.uint8)
    photo = Image.fromarray(noise)
    photo.paste(draw_toy_pair(3, 80)[0], (40, 50))
    photo.paste(draw_toy_pair(4, 100)[0], (260, 150))
    return photo


FRAMES = (Frame(40, 50, 80), Frame(260, 150, 100))


def box_of(frame, inset=0):
    return (slice(frame.top + inset, frame.top + frame.side - inset),) + (
        slice(frame.left + inset, frame.left + frame.side - inset),
    )


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_outside_nothing_changes_and_the_core_is_the_edit_of_the_crop(editor, photo, strength):
    edit = np.asarray(editor.edit(photo, frames=FRAMES, strength=strength).image)
    before = np.asarray(photo)
    outside = np.ones(before.shape[:2], bool)
    for frame in FRAMES:
        outside[box_of(frame)] = False
        core = round(FADE * frame.side) + 1
        crop = Image.fromarray(before[box_of(frame)])
        alone = np.asarray(editor.edit(crop, strength=strength).image)
        assert np.array_equal(edit[box_of(frame, core)], alone[core:-core, core:-core])
        assert np.abs(edit[box_of(frame)].astype(int) - before[box_of(frame)]).max() > 20
    assert np.array_equal(edit[outside], before[outside])


def test_strength_0_is_the_photo(editor, photo):
    assert np.array_equal(np.asarray(editor.edit(photo, frames=FRAMES, strength=0).image), np.asarray(photo))


def test_the_edge_is_soft_but_not_at_the_edge_of_the_photo(editor, photo):
    white = FramedPrediction(photo.size, (Frame(0, 100, 60),), (Painting("white"),))
    black = Image.new("RGB", photo.size)
    edit = np.asarray(white.apply(black))[..., 0].astype(int)
    middle = edit[130]
    assert (middle[: 60 - 7] == 255).all() and middle[60] == 0
    assert (np.diff(middle[60 - 7 : 61]) <= 0).all() and 0 < middle[57] < 255
    column = edit[:, 30]
    assert column[99] == column[100] == 0 and column[107] == 255


def test_the_later_of_two_frames_lies_over_the_earlier(photo):
    frames = (Frame(50, 50, 100), Frame(90, 90, 100))
    two = FramedPrediction(photo.size, frames, (Painting("red"), Painting("blue")))
    edit = two.apply(photo)
    assert edit.getpixel((120, 120)) == (0, 0, 255)
    assert edit.getpixel((70, 70)) == (255, 0, 0)
    alone = FramedPrediction(photo.size, frames[:1], (Painting("red"),)).apply(photo)
    assert edit.getpixel((90, 120)) == alone.getpixel((90, 120))  # where the edge of the later one is 0


def test_the_mask_is_that_of_each_frame_and_nothing_outside(editor, photo):
    prediction = FramedPrediction.of(photo, FRAMES, editor.predict)
    mask = np.asarray(prediction.mask(photo.size))
    for frame in FRAMES:
        alone = editor.predict(photo.crop(frame.box(1.0, photo.size))).mask((frame.side, frame.side))
        assert np.array_equal(mask[box_of(frame)], np.asarray(alone))
    assert mask[:50].max() == mask[:, :40].max() == 0
    small = photo.resize((100, 75))
    confined = np.asarray(confine(prediction.apply(small), small, prediction.mask(small.size)))
    assert confined.shape == (75, 100, 3)
    assert np.array_equal(confined[:12], np.asarray(small)[:12])


def test_disagreement_is_put_together(editor, photo):
    assert FramedPrediction.of(photo, FRAMES, editor.predict).disagreement_in_content() is None
    several = FramedPrediction.of(photo, FRAMES, lambda crop: editor.predict(crop, choice="average"))
    heat = several.disagreement_in_content()
    assert heat.shape == (300, 400) and heat[:50].max() == 0 and heat.max() > 0
    assert len(several.references) >= 5


@pytest.mark.parametrize("frame", [(350, 0, 80), (-1, 0, 80), (0, 0, 301), (10, 10, 31), (0, 0, 0)])
def test_what_does_not_fit_is_told(editor, photo, frame):
    with pytest.raises(EditorError, match="does not fit"):
        editor.edit(photo, frames=[Frame(*frame)])
    with pytest.raises(EditorError, match="at most 12 frames"):
        editor.edit(photo, frames=[Frame(0, 0, 40)] * 13)


def test_a_frame_is_moved_into_the_photo():
    assert Frame(-5, 290, 50).within((400, 300)) == Frame(0, 250, 50)
    assert Frame(10, 10, 900).within((400, 300)) == Frame(10, 0, 300)
    assert Frame(100, 100, 100).box(0.1, (40, 30)) == (10, 10, 20, 20)
    assert Frame(300, 200, 100).box(0.001, (1, 1)) == (0, 0, 1, 1)


def test_the_command_line_names_frames(tmp_path, editor, photo, trained_run):
    from typer.testing import CliRunner

    from editor.cli import app

    save_png(photo, tmp_path / "group.png")
    flags = ["--frame", "40,50,80", "--frame", "260,150,100", "--output", str(tmp_path / "out"), "--device", "cpu"]
    result = CliRunner().invoke(app, ["edit", str(trained_run.path), str(tmp_path / "group.png"), *flags])
    assert result.exit_code == 0, result.output
    edit = np.asarray(Image.open(Path(tmp_path / "out" / "group.png")))
    assert np.array_equal(edit, np.asarray(editor.edit(photo, frames=FRAMES).image))
    for bad in ("40,50", "a,b,c", "1,2,3,4", ""):
        with pytest.raises(UserError, match="LEFT,TOP,SIDE"):
            parse_frame(bad)


class Painting:
    """Stands for an answer that paints everything in one color."""

    def __init__(self, color):
        self.color = color

    def apply(self, image, *, strength):
        return Image.new("RGB", image.size, self.color)
