"""Eq. 1-3 and the paper's own example of a shared transformation."""

import torch

from editor.models.transform import Transform, apply_transform, identity_flow, shift_color, warp


def neutral_affine(x):
    b, _, h, w = x.shape
    return torch.stack([torch.ones(b, h, w), torch.zeros(b, h, w)], dim=1)


def test_identity_transform_changes_nothing():
    x_i = torch.rand(2, 3, 8, 12) * 2 - 1
    transform = Transform(flow=identity_flow(x_i), affine=neutral_affine(x_i))
    torch.testing.assert_close(apply_transform(x_i, transform), x_i)


def test_mirrored_flow_is_a_horizontal_flip():
    """Fig. 4: the flip that takes x_i to x_j takes y_i to y_j as well."""
    x_i, y_i = torch.rand(2, 1, 3, 8, 8)
    mirror = torch.tensor([-1.0, 1.0]).view(1, 2, 1, 1)
    transform = Transform(flow=identity_flow(x_i) * mirror, affine=neutral_affine(x_i))
    torch.testing.assert_close(apply_transform(x_i, transform), x_i.flip(-1))
    torch.testing.assert_close(apply_transform(y_i, transform), y_i.flip(-1))


def test_flow_is_a_backward_sampling_position():
    """A flow that looks one pixel to the right moves the picture one pixel to the left."""
    x_i = torch.rand(1, 3, 5, 9)
    one_pixel = torch.tensor([2 / 8, 0.0]).view(1, 2, 1, 1)
    moved = warp(x_i, identity_flow(x_i) + one_pixel)
    torch.testing.assert_close(moved[..., :-1], x_i[..., 1:], atol=1e-5, rtol=0)
    torch.testing.assert_close(moved[..., -1], x_i[..., -1], atol=1e-5, rtol=0)  # the border repeats


def test_affine_scales_and_shifts_each_pixel():
    x_i = torch.rand(1, 3, 4, 4)
    affine = torch.rand(1, 2, 4, 4)
    expected = affine[:, :1] * x_i + affine[:, 1:]
    torch.testing.assert_close(shift_color(x_i, affine), expected)


def test_space_comes_before_color():
    x_i = torch.rand(1, 3, 6, 6)
    flow = identity_flow(x_i).flip(-1)
    affine = torch.rand(1, 2, 6, 6)
    result = apply_transform(x_i, Transform(flow=flow, affine=affine))
    torch.testing.assert_close(result, shift_color(warp(x_i, flow), affine))
