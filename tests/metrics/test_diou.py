import pytest
import torch

from editor.metrics.diou import THRESHOLD, diou, edited_region, union_diou


def gray(count: int = 1) -> torch.Tensor:
    return torch.zeros(count, 3, 32, 32)


def with_square(left: int, side: int = 12, value: float = 1.0) -> torch.Tensor:
    image = gray()
    image[..., 10 : 10 + side, left : left + side] = value
    return image


def test_same_place_is_one_whatever_the_color():
    assert diou(source=gray(), edit=with_square(4, value=0.8), target=with_square(4, value=-0.8)) == 1


def test_other_place_is_zero():
    assert diou(source=gray(), edit=with_square(0), target=with_square(18)) == 0


def test_half_overlap():
    """Both bands grow by one pixel on each side through the 3 x 3 mean: 14 wide, shifted by 6."""
    edit, target = gray(), gray()
    edit[..., 4:16] = target[..., 10:22] = 1.0
    value = diou(source=gray(), edit=edit, target=target)
    torch.testing.assert_close(value, torch.tensor([8 / 20]))


def test_nothing_to_do():
    assert diou(source=gray(), edit=gray(), target=gray()) == 1
    assert diou(source=gray(), edit=with_square(4), target=gray()) == 0
    assert diou(source=gray(), edit=gray(), target=with_square(4)) == 0


def test_each_picture_by_itself():
    edit = torch.cat([with_square(4), with_square(0)])
    target = torch.cat([with_square(4), with_square(18)])
    torch.testing.assert_close(diou(source=gray(2), edit=edit, target=target), torch.tensor([1.0, 0.0]))


def test_threshold_and_noise():
    assert not edited_region(gray(), gray() + 2 * THRESHOLD * 0.99).any()
    assert edited_region(gray(), gray() + 2 * THRESHOLD * 1.01).all()
    speck = gray()
    speck[..., 16, 16] = 1.0  # half of the range, averaged over nine pixels
    assert not edited_region(gray(), speck).any()


def test_border_is_judged_like_the_middle():
    """Padding must not dilute a change that touches the edge."""
    edit = gray()
    edit[..., :, :3] = 2 * THRESHOLD * 1.01
    assert edited_region(gray(), edit)[0, 0, 0]


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(2, 3, 32, 32\)"):
        diou(source=gray(), edit=gray(2), target=gray())


def test_the_union_form_hides_which_picture_was_edited():
    source = torch.zeros(2, 3, 32, 32)
    target = source.clone()
    target[0, :, 8:16], target[1, :, 16:24] = 1, 1
    assert union_diou(source=source, edit=target, target=target) == 1
    assert union_diou(source=source, edit=source, target=target) == 0
    swapped = target.flip(0)
    assert union_diou(source=source, edit=swapped, target=target) == 1
    assert diou(source=source, edit=swapped, target=target).max() < 0.2
