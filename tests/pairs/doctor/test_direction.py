import numpy as np
import pytest

from editor.pairs.doctor.direction import opposite


def changes(count=20, spread=0.2) -> np.ndarray:
    random = np.random.default_rng(3)
    return np.array([1.0, -0.5, 0.0, 0.2]) + spread * random.normal(size=(count, 4)) * [1, 0.5, 2, 0.5]


@pytest.mark.parametrize("turned", [[], [3], [0, 7, 8, 12, 19]])
def test_negative_rows_are_found(turned):
    rows = changes()
    rows[turned] *= -1
    assert np.flatnonzero(opposite(rows)).tolist() == turned


def test_something_else_is_not_the_opposite():
    rows = changes()
    rows[3] = -10 * rows[3]
    rows[4] = 0
    assert not opposite(rows).any()


def test_nothing_is_said_without_agreement():
    assert not opposite(changes(spread=3.0)).any()


def test_nothing_is_said_about_halves():
    rows = changes()
    rows[::2] *= -1
    assert not opposite(rows).any()
