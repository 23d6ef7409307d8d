import torch

from editor.models.color_map import SIZE, ColorMap, identity_table, look_up


def pictures(seed=0):
    return torch.rand(2, 3, 9, 7, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_the_identity_gives_every_picture_back_bit_by_bit():
    x = pictures()
    assert torch.equal(ColorMap()(x), x)
    torch.testing.assert_close(look_up(identity_table(), x), x, atol=1e-6, rtol=0)


def test_axes_are_red_green_and_blue():
    matrix = torch.tensor([[0.5, 0.2, 0.1], [0.0, 0.3, 0.4], [0.1, 0.0, 0.6]])  # linear, so a table is exact
    x = pictures()
    expected = torch.einsum("dc,nchw->ndhw", matrix, x)
    torch.testing.assert_close(look_up(identity_table() @ matrix.T, x), expected, atol=1e-6, rtol=0)


def test_entries_are_met_and_colors_beyond_are_clamped():
    table = torch.rand(SIZE, SIZE, SIZE, 3, generator=torch.Generator().manual_seed(1))
    at = identity_table()[3, 5, 7]
    torch.testing.assert_close(look_up(table, at.view(1, 3, 1, 1)).flatten(), table[3, 5, 7])
    beyond = torch.tensor([3.0, -2.0, 1.5]).view(1, 3, 1, 1)
    torch.testing.assert_close(look_up(table, beyond).flatten(), table[-1, 0, -1])


def test_strength_blends_from_the_picture():
    color_map, x = ColorMap(), pictures()
    color_map.table.copy_(-identity_table())
    color_map.explained.fill_(1.0)
    assert torch.equal(color_map(x, 0.0), x)
    torch.testing.assert_close(color_map(x, 0.25), 0.5 * x, atol=1e-6, rtol=0)
    torch.testing.assert_close(color_map(x), -x, atol=1e-6, rtol=0)
