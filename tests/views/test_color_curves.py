import numpy as np

from editor.models.color_map import identity_table
from editor.views.color_curves import MARGIN, SIDE, SLICE_SIDE, SLICES, cube_picture, curve_picture


def colors_at(picture, x):
    """The rows of the chart in which a clearly red, green or blue line crosses the column x."""
    column = np.asarray(picture, int)[MARGIN - 4 : SIDE - MARGIN + 4, x]
    dominant = column - np.sort(column, axis=1)[:, 1:2] > 40
    return [
        np.flatnonzero(dominant[:, channel]).mean() + MARGIN - 4 for channel in range(3) if dominant[:, channel].any()
    ]


def test_curves_lie_on_the_diagonal_for_a_map_that_changes_nothing_and_where_the_map_takes_gray():
    table = identity_table()
    middle = SIDE // 2 + 20
    (on_top,) = colors_at(curve_picture(table), middle)
    assert abs(on_top - (SIDE - middle)) < 3
    table[..., 0] = 0.5 + 0.5 * table[..., 0]  # red lifted, by half of what is missing
    red, blue = colors_at(curve_picture(table), middle)
    assert abs(blue - (SIDE - middle)) < 3
    assert abs(red - (MARGIN + (SIDE - middle - MARGIN) / 2)) < 3


def test_the_cube_is_the_same_above_and_below_for_the_identity_and_gray_below_for_black_and_white():
    same = np.asarray(cube_picture(identity_table()), int)
    table = identity_table().mean(dim=-1, keepdim=True).expand(-1, -1, -1, 3)
    gray = np.asarray(cube_picture(table), int)
    assert same.shape == gray.shape and same.shape[1] > len(SLICES) * SLICE_SIDE
    above, below = (slice(row, row + SLICE_SIDE - 20) for row in (66, 200))  # inside the slices, without words
    assert np.ptp(same[above], axis=2).max() > 200
    assert (same[above] == same[below]).all() and (same[above] == gray[above]).all()
    assert np.ptp(gray[below], axis=2).max() <= 2 and np.ptp(gray[below]) > 200
