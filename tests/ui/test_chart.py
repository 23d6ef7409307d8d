import re

import pytest

from editor.ui.components.chart import Series, line_chart, linear_axis, log_axis, smooth


def chart(*series, **options):
    return line_chart(series, title="Losses", unit="log", empty="nothing yet", **options)


def points_of(svg):
    return [
        [tuple(map(float, point.split(","))) for point in line.split()] for line in re.findall(r'points="([^"]+)"', svg)
    ]


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.9), (0.011, 0.012), (1e-6, 3), (5, 5), (1, 1000)])
def test_log_axis_holds_the_data_between_round_ticks(low, high):
    axis = log_axis(low, high)
    assert axis.low <= low * 1.001
    assert axis.high >= high * 0.999
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 12
    assert all(f"{tick:.0e}"[0] in "125" for tick in axis.ticks)


@pytest.mark.parametrize(("low", "high"), [(17.5, 18.5), (20, 20), (0, 1), (-3, 40)])
def test_linear_axis_holds_the_data(low, high):
    axis = linear_axis(low, high, count=4)
    assert axis.low <= low <= high <= axis.high
    assert axis.low < axis.high
    assert 2 <= len(axis.ticks) <= 7


def test_a_tight_axis_ends_with_the_data():
    axis = linear_axis(0, 27, count=4, is_tight=True)
    assert axis.place(27) == 1
    assert max(axis.ticks) <= 27


def test_equal_ratios_are_equal_distances_on_a_log_scale():
    svg = chart(Series("edit", "red", [(0, 1.0), (1, 0.1), (2, 0.01)], value="0.01"), is_log=True)
    ((_, top), (_, middle), (_, bottom)) = points_of(svg)[0]
    assert middle - top == pytest.approx(bottom - middle, abs=0.02)
    assert top < bottom


def test_lines_stay_in_the_frame_and_are_told_in_words():
    svg = chart(Series("<edit>", "red", [(1, 0.5)], value="0.5", trace=[(1, 0.9), (2, 0.1)]), is_log=True)
    assert all(0 <= value <= 100 for line in points_of(svg) for point in line for value in point)
    assert 'aria-label="Losses: &lt;edit&gt; 0.5"' in svg
    assert "<edit>" not in svg


def test_one_point_is_a_dot():
    assert points_of(chart(Series("edit", "red", [(5, 0.5)], value="0.5"))) == [[(100, 100), (100, 100)]]


def test_nothing_to_draw():
    assert "nothing yet" in chart()
    assert "nothing yet" in chart(Series("edit", "red", [], value=""))


def test_smoothing_keeps_what_is_level_and_calms_what_is_not():
    level = [(step, 0.3) for step in range(20)]
    assert [y for _, y in smooth(level, span=5)] == pytest.approx([0.3] * 20)
    noisy = [(step, 10.0 ** (-1 + step % 2)) for step in range(100)]
    calm = [y for _, y in smooth(noisy, span=20)][50:]
    assert max(calm) / min(calm) < 1.3
