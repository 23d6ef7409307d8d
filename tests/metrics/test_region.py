import pytest
import torch

from editor.metrics.region import region_errors


@pytest.fixture
def pictures():
    """Two gray pictures; the effect raises the left half of the first by 0.5 and leaves the second alone."""
    source = torch.zeros(2, 3, 32, 32)
    target = source.clone()
    target[0, :, :, :16] = 0.5
    return source, target


def test_perfect_edit_has_no_error(pictures):
    source, target = pictures
    errors = region_errors(source=source, edit=target, target=target)
    assert errors.inside[0] == 0 and errors.outside.tolist() == [0, 0]
    assert errors.inside[1].isnan()  # nothing should change there


def test_do_nothing_is_wrong_inside_only(pictures):
    source, target = pictures
    errors = region_errors(source=source, edit=source, target=target)
    # The region is found with a 3 x 3 mean, so it reaches one column into the part that stays.
    assert errors.inside[0].item() == pytest.approx(0.5 * 127.5 * (16 / 17) ** 0.5, rel=1e-4)
    assert errors.outside.tolist() == [0, 0]


def test_a_disturbed_background_is_wrong_outside_only(pictures):
    source, target = pictures
    edit = target.clone()
    edit[:, :, :, 20:] += 2 / 127.5  # two levels
    errors = region_errors(source=source, edit=edit, target=target)
    assert errors.inside[0] == 0
    assert errors.outside[0].item() == pytest.approx(2 * (12 / 15) ** 0.5, rel=1e-4)


def test_shapes_must_agree(pictures):
    source, target = pictures
    with pytest.raises(ValueError, match="one shape"):
        region_errors(source=source, edit=source[:1], target=target)
