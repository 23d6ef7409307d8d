import pytest
from PIL import Image

from editor.views.strip import GAP, HEADING, LABEL, MARGIN, StripRow, strip


def picture(color: str, size=(32, 32)) -> Image.Image:
    return Image.new("RGB", size, color)


def middle(row: int, column: int, side: int, label: int = LABEL) -> tuple[int, int]:
    x = MARGIN + column * (side + GAP) + side // 2
    return x, MARGIN + HEADING + row * (side + label + GAP) + side // 2


def test_pictures_stand_where_their_heading_is():
    colors = [["red", "lime", "blue"], ["black", "yellow", "cyan"]]
    rows = [StripRow(f"row {k}", [picture(color) for color in line]) for k, line in enumerate(colors)]
    result = strip(["source", "prediction", "truth"], rows, side=64)
    for r, line in enumerate(colors):
        for c, color in enumerate(line):
            assert result.getpixel(middle(r, c, 64)) == picture(color).getpixel((0, 0))
    assert result.width == 2 * MARGIN + 3 * 64 + 2 * GAP
    assert result.getpixel((0, 0)) == (255, 255, 255)


def test_labels_take_room_only_where_there_are_some():
    rows = [StripRow("", [picture("red")]), StripRow("", [picture("blue")])]
    plain = strip(["a"], rows, side=32)
    labelled = strip(["a"], [StripRow("x", row.images) for row in rows], side=32)
    assert labelled.height - plain.height == 2 * LABEL
    assert plain.getpixel(middle(1, 0, 32, label=0)) == (0, 0, 255)


def test_shape_is_kept():
    result = strip(["a"], [StripRow("", [picture("red", (64, 16))])], side=64)
    x, y = middle(0, 0, 64)
    assert result.getpixel((x, y)) == (255, 0, 0)
    assert result.getpixel((x, y - 12)) == (255, 255, 255)
    assert result.getpixel((x - 30, y)) == (255, 0, 0)


def test_long_texts_are_cut_and_do_not_widen_the_strip():
    rows = [StripRow("y" * 300, [picture("red")])]
    assert strip(["x" * 300], rows, side=64).width == 2 * MARGIN + 64


def test_texts_are_drawn():
    one = [StripRow("one", [picture("red")])]
    two = [StripRow("two", [picture("red")])]
    assert strip(["a"], one).tobytes() != strip(["a"], two).tobytes() != strip(["b"], two).tobytes()


def test_rows_must_match_the_columns():
    with pytest.raises(ValueError, match="'cat' has 1 pictures for 2 columns"):
        strip(["a", "b"], [StripRow("cat", [picture("red")])])
    with pytest.raises(ValueError, match="at least one"):
        strip(["a"], [])
