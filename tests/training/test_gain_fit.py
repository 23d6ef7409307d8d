"""Gains by the place are found beside the colors."""

import torch

from editor.data.colors import PairColors, to_place
from editor.models.color_map import ColorMap, gains_at, places_in
from editor.training import gain_fit
from editor.training.color_fit import NUM_SAMPLES, fit_color_map
from editor.training.gain_fit import fit_table_and_gains
from tests.training.test_color_fit import bumps, colors, graded


def test_a_vignette_is_recovered_beside_the_colors():
    pairs, generator = colors(graded, num_pairs=6), torch.Generator().manual_seed(1)
    places = torch.randint(256, (*pairs.values.shape[:2], 2), generator=generator).to(torch.uint8)

    def gain(place):  # of places in [-1, 1]
        return 1 - 0.35 * place.square().sum(dim=-1, keepdim=True)

    dark = (pairs.values[:, :, 1] * gain(to_place(places))).round().to(torch.uint8)
    darkened = PairColors(torch.stack([pairs.values[:, :, 0], dark], dim=2), places)
    even, found = fit_color_map(PairColors(darkened.values), seed=0), fit_color_map(darkened, seed=0)
    assert even.explained < 0.5 and found.explained > 0.9
    at = places_in((0, 0, 9, 9), (9, 9))
    read, truth = gains_at(found.gains, at), gain(at).movedim(-1, 1)
    assert (read * (truth.mean() / read.mean()) - truth).abs().max() < 0.03
    color_map = ColorMap()
    found.fill(color_map)
    x = torch.rand(1, 3, 40, 40, generator=generator) * 2 - 1
    at = places_in((0, 0, 40, 40), (40, 40))
    truth = (graded(x.movedim(1, -1)) + 1) * gain(at) - 1
    assert (color_map(x, places=at).movedim(1, -1) - truth).square().mean().sqrt() * 127.5 < 2


def test_what_is_black_beyond_a_steep_vignette_says_nothing_of_the_colors(monkeypatch):
    pairs, generator = colors(graded, num_pairs=6), torch.Generator().manual_seed(2)
    places = torch.randint(256, (*pairs.values.shape[:2], 2), generator=generator).to(torch.uint8)
    gain = (6 - 6 * to_place(places).norm(dim=-1, keepdim=True)).clamp(0, 1)
    dark = (pairs.values[:, :, 1] * gain).round().to(torch.uint8)
    darkened = PairColors(torch.stack([pairs.values[:, :, 0], dark], dim=2), places)
    without = fit_table_and_gains(darkened, NUM_SAMPLES, torch.Generator().manual_seed(0))
    monkeypatch.setattr(gain_fit, "DARKEST", 0.0)
    with_all = fit_table_and_gains(darkened, NUM_SAMPLES, torch.Generator().manual_seed(0))
    assert bumps(without.table) < 0.9 * bumps(with_all.table)
