import pytest
import torch

from editor.training.crispness import MOST, fitting_crispness


@pytest.fixture
def pictures():
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) - 0.5


def test_it_makes_up_for_what_is_missing(pictures):
    """Four fifths of every detail and a quarter of that are all of it."""
    crisp = 2 * 0.8 * pictures
    assert fitting_crispness(plain=0.8 * pictures, crisp=crisp, y=pictures) == pytest.approx(1 / 4, abs=1e-3)


def test_what_is_crisp_enough_stays_as_it_is(pictures):
    assert fitting_crispness(plain=pictures, crisp=2 * pictures, y=0.8 * pictures) == 0


def test_what_softens_gets_no_more_than_it_needs(pictures):
    """Detail that counteracts the source's: more of it takes away, and far more comes out on the other side."""
    assert fitting_crispness(plain=0.7 * pictures, crisp=0.2 * pictures, y=0.6 * pictures) == pytest.approx(0.2)
    assert fitting_crispness(plain=0.5 * pictures, crisp=0.1 * pictures, y=0.6 * pictures) == 0


def test_there_is_a_limit(pictures):
    assert fitting_crispness(plain=0.1 * pictures, crisp=0.2 * pictures, y=pictures) == MOST


def test_an_edit_without_detail_gets_none(pictures):
    nothing = torch.zeros_like(pictures)
    assert fitting_crispness(plain=nothing, crisp=nothing, y=pictures) == 0
    assert fitting_crispness(plain=nothing, crisp=nothing, y=nothing) == 0
