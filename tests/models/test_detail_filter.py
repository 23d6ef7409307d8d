import pytest
import torch

from editor.models import tiles
from editor.models.detail_filter import MARGIN, MULTIPLE, DetailFilter
from editor.models.tiles import in_tiles


@pytest.fixture
def trained() -> DetailFilter:
    """A filter that does something: all its weights are random."""
    torch.manual_seed(0)
    model = DetailFilter().eval().requires_grad_(False)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model


def test_an_untrained_filter_changes_nothing():
    pictures = torch.rand(2, 3, 32, 40) * 2 - 1
    assert torch.equal(DetailFilter()(pictures), pictures)


@pytest.mark.parametrize("place", range(MULTIPLE))
def test_nothing_beyond_the_margin_has_an_influence(trained, place):
    side = 3 * MARGIN
    pictures = torch.rand(1, 3, side, side, requires_grad=True)
    pixel = side // 2 // MULTIPLE * MULTIPLE + place
    trained(pictures)[0, :, pixel, pixel].sum().backward()
    rows = pictures.grad.abs().sum(dim=(0, 1, 3)).nonzero()
    assert MARGIN / 2 < (rows - pixel).abs().max() <= MARGIN


@pytest.mark.parametrize("size", [(104, 240), (97, 131), (8, 9), (1, 1)])
def test_tiles_are_as_one_piece(trained, monkeypatch, size):
    picture = torch.rand(3, *size) * 2 - 1

    def filtered():
        return in_tiles(trained, picture, margin=MARGIN, multiple=MULTIPLE)

    whole = filtered()
    monkeypatch.setattr(tiles, "TILE", 32)
    assert whole.shape == picture.shape
    torch.testing.assert_close(filtered(), whole, atol=1e-4, rtol=0)
