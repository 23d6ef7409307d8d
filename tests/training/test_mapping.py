import torch

from editor.data.colors import Source
from editor.images import box_in_square
from editor.models.color_map import ColorMap, places_in
from editor.training import mapping
from editor.training.mapping import SourceMap, map_pixels


def test_places_run_from_edge_to_edge_of_the_picture_and_are_mirrored_beside_it():
    places = places_in((1, 0, 5, 2), (6, 2))
    assert places.shape == (1, 2, 6, 2)
    assert places[0, 0, :, 0].tolist() == [-0.75, -0.75, -0.25, 0.25, 0.75, 0.75]
    assert places[0, :, 0, 1].tolist() == [-0.5, 0.5]


def test_a_picture_lies_in_its_square_where_square_of_puts_it():
    assert box_in_square((40, 20), 20) == (0, 5, 20, 15)
    assert box_in_square((40, 20), 20, "crop") == (-10, 0, 30, 20)


def darkening_downward():
    color_map = ColorMap()
    color_map.gains.mul_(torch.linspace(1, 0, color_map.gains.shape[1])[:, None])
    color_map.explained.fill_(1.0)
    return color_map


def test_bands_change_nothing(monkeypatch):
    pixels = torch.full((3, 50, 4), 200, dtype=torch.uint8)
    whole = map_pixels(darkening_downward(), pixels, (0, 0, 4, 50))
    monkeypatch.setattr(mapping, "ROWS", 7)
    assert torch.equal(map_pixels(darkening_downward(), pixels, (0, 0, 4, 50)), whole)
    assert whole[0, :, 0].tolist() == sorted(whole[0, :, 0].tolist(), reverse=True)
    assert (whole[0, 0, 0] - 198).abs() <= 1 and whole[0, -1, 0] <= 2


def test_only_sources_are_mapped_and_by_the_frame_of_their_file():
    pair = torch.full((2, 3, 8, 8), 100, dtype=torch.uint8)
    sources = SourceMap(darkening_downward(), {"wide": Source((8, 4))}, "whole")
    wide, square = sources.pair("wide", pair), sources.pair("square", pair)
    assert torch.equal(wide[1], pair[1]) and torch.equal(square[1], pair[1])
    expected = torch.tensor([62, 87, 87, 62, 38, 12, 12, 38])
    assert (wide[0, 0, :, 0].int() - expected).abs().max() <= 1
    assert square[0, 0, 0, 0] == 94
