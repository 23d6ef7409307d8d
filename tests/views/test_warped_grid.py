import pytest
import torch
from PIL import ImageColor

from editor.models.transform import identity_flow
from editor.views.warped_grid import FADING, FOLD, SIDE, fold_share, grid_picture, jacobian

IDENTITY = identity_flow(torch.zeros(1, 3, 32, 32))[0]
PAPER = torch.zeros(3, 32, 32)


def folded_in_the_middle() -> torch.Tensor:
    """Return the flow that shows the left half and, on the right, its mirror image."""
    flow = IDENTITY.clone()
    flow[0] = -flow[0].abs()
    return flow


def test_nothing_is_stretched_by_the_identity():
    torch.testing.assert_close(jacobian(IDENTITY), torch.ones(32, 32), atol=1e-4, rtol=0)
    assert fold_share(IDENTITY) == 0


def test_zooming_in_fetches_less_area_and_a_mirror_turns_it_over():
    zoomed, mirrored = IDENTITY / 2, IDENTITY * torch.tensor([-1.0, 1.0]).view(2, 1, 1)
    torch.testing.assert_close(jacobian(zoomed), torch.full((32, 32), 0.25), atol=1e-4, rtol=0)
    torch.testing.assert_close(jacobian(mirrored), -torch.ones(32, 32), atol=1e-4, rtol=0)


def test_a_sheet_folded_in_the_middle_is_folded_on_one_half():
    assert fold_share(folded_in_the_middle()) == pytest.approx(0.5, abs=0.04)


def test_folds_have_the_warm_color_and_the_rest_has_not():
    picture = grid_picture(folded_in_the_middle(), PAPER)
    assert picture.size == (SIDE, SIDE)
    warm = ImageColor.getrgb(FOLD)
    cell = SIDE // 16
    x = 5 * cell + cell // 2  # between lines, on the left, where nothing is folded
    flat, folded = picture.getpixel((x, x)), picture.getpixel((SIDE - 1 - x, x))
    assert flat == pytest.approx([127.5 * (1 + FADING)] * 3, abs=2)
    assert folded == pytest.approx([0.75 * w + 0.25 * f for w, f in zip(warm, flat)], abs=3)


def test_lines_are_where_the_paper_has_them():
    """Positions on the paper are those of x_i, so content that is fetched from the right moves its line to the left."""
    cell = SIDE // 16
    shifted = IDENTITY + torch.tensor([1 / 16, 0.0]).view(2, 1, 1)  # from half a cell further right

    def darkest(flow):
        row = torch.tensor(list(grid_picture(flow, PAPER).convert("L").crop((256, 272, 256 + cell, 273)).tobytes()))
        return row.argmin().item()

    assert min(darkest(IDENTITY), cell - darkest(IDENTITY)) <= 2
    assert darkest(shifted) == pytest.approx(cell / 2, abs=2)


@pytest.mark.parametrize("bad", [torch.zeros(3, 8, 8), torch.zeros(2, 1, 8), torch.full((2, 8, 8), torch.nan)])
def test_bad_flow_is_refused(bad):
    with pytest.raises(ValueError, match="flow"):
        jacobian(bad)
