import pytest
import torch
from PIL import ImageColor

from editor.images import to_image
from editor.views.palette import DIVERGING, SEQUENTIAL, Palette, Tick, color_bar


def color_at(palette: Palette, share: float) -> tuple[int, ...]:
    return to_image(palette(torch.full((1, 1), float(share)))).getpixel((0, 0))


@pytest.mark.parametrize("palette", [DIVERGING, SEQUENTIAL])
def test_stops_ends_and_clamping(palette):
    steps = len(palette.colors) - 1
    for k, color in enumerate(palette.colors):
        assert color_at(palette, k / steps) == ImageColor.getrgb(color)
    assert color_at(palette, -3) == color_at(palette, 0)
    assert color_at(palette, 3) == color_at(palette, 1)


def test_between_stops_colors_are_mixed():
    assert color_at(Palette(("#000000", "#ffffff")), 0.5) == pytest.approx((128, 128, 128), abs=1)


def test_lightness_carries_the_order():
    """So that the maps also work in gray and for color-blind people."""
    sequential = SEQUENTIAL(torch.linspace(0, 1, 50)[None]).mean(dim=0)[0]
    assert (sequential.diff() > 0).all()
    diverging = DIVERGING(torch.linspace(0, 1, 51)[None]).mean(dim=0)[0]
    assert diverging.argmax() == 25


def test_bar_shows_title_ticks_and_marks():
    ticks = [Tick(0, "0"), Tick(1, "1")]
    bar = color_bar(SEQUENTIAL, "Title", ticks, "note")
    assert bar.size == (560, 150)
    for other in (
        color_bar(SEQUENTIAL, "Other", ticks, "note"),
        color_bar(SEQUENTIAL, "Title", [Tick(0, "0"), Tick(1, "2")], "note"),
        color_bar(SEQUENTIAL, "Title", ticks, "another"),
        color_bar(SEQUENTIAL, "Title", ticks, "note", found=[Tick(0.5, "mean")]),
    ):
        assert other.tobytes() != bar.tobytes()
