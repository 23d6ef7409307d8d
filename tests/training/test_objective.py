from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from editor.config import LossWeights
from editor.data.dataset import PairBatch
from editor.models.transform import identity_flow
from editor.training.objective import (
    UNCHANGED_FROM,
    UNCHANGED_FULL,
    Losses,
    canvas_loss,
    edge_loss,
    focal_frequency_loss,
    objective,
    unchanged_loss,
)


def test_focal_frequency_loss_by_hand():
    """A difference of 2 in one corner of 2x2 has the spectrum 1, 1, 1, 1: all weights 1, all distances 1."""
    prediction, target = torch.zeros(2, 1, 1, 2, 2)
    prediction[..., 0, 0] = 2
    torch.testing.assert_close(focal_frequency_loss(prediction, target), torch.tensor(1.0))
    # 1 more everywhere plus 1 on the diagonal only: spectrum 3, 0, 0, 1, weights 1, 0, 0, 1/3.
    prediction = torch.tensor([[2.0, 1.0], [1.0, 2.0]]).view(1, 1, 2, 2)
    expected = torch.tensor((1 * 9 + 0 + 0 + 1 / 3 * 1) / 4)
    torch.testing.assert_close(focal_frequency_loss(prediction, target), expected)


def test_without_focus_it_is_the_mean_squared_error():
    """Parseval, with the orthonormal transform."""
    prediction, target = torch.rand(2, 3, 3, 8, 16)
    mse = (prediction - target).square().mean()
    torch.testing.assert_close(focal_frequency_loss(prediction, target, alpha=0.0), mse)


def test_equal_pictures_cost_nothing():
    x = torch.rand(1, 3, 8, 8, requires_grad=True)
    loss = focal_frequency_loss(x, x.detach())
    loss.backward()
    assert loss == 0
    assert torch.isfinite(x.grad).all()


def test_edge_loss_by_hand():
    """A wrong brightness has no edge; a dot of 3 has two of each kind among the six neighbours of either direction."""
    target = torch.rand(1, 1, 3, 3)
    torch.testing.assert_close(edge_loss(target + 5, target), torch.tensor(0.0))
    dot = torch.zeros(1, 1, 3, 3)
    dot[..., 1, 1] = 3
    torch.testing.assert_close(edge_loss(target + dot, target), torch.tensor(2 * 2 * 3 / 6))


def test_an_error_counts_as_unchanged_where_the_pair_is_the_same_there_and_beside_it():
    x = torch.zeros(1, 3, 8, 8)
    y = x.clone()
    y[..., :4] = 0.5  # so that the fifth column lies beside what changes
    pair = PairBatch(x_i=x[:, None], y_i=x[:, None], x_j=x, y_j=y)
    haze = torch.zeros_like(x)
    haze[..., :5] = 1.0
    assert unchanged_loss(y + haze, pair) == 0
    torch.testing.assert_close(unchanged_loss(y + 1 - haze, pair), torch.tensor(3 / 8))
    noisy = replace(pair, y_j=y + 2 / 255)  # as a JPEG is
    torch.testing.assert_close(unchanged_loss(noisy.y_j + 1 - haze, noisy), torch.tensor(3 / 8))


def test_what_is_unchanged_counts_late():
    losses = Losses(*(torch.tensor(1.0) for _ in Losses._fields))
    weights = LossWeights(**{**dict.fromkeys(Losses._fields, 0.0), "unchanged": 4.0})
    steps = 0, UNCHANGED_FROM, (UNCHANGED_FROM + UNCHANGED_FULL) / 2, UNCHANGED_FULL, 10_000
    assert [losses.weighted_sum(weights, step).item() for step in steps] == pytest.approx([0, 0, 2, 4, 4])


def test_each_term_compares_the_right_pictures():
    x_j, y_j = torch.rand(2, 2, 3, 8, 8)
    references = torch.rand(2, 1, 3, 8, 8)
    batch = PairBatch(x_i=references, y_i=references, x_j=x_j, y_j=y_j)
    to_y_j = SimpleNamespace(x_j_hat=y_j[:, None], y_j_hat=y_j, offset=torch.zeros(2), positions=None)
    perfect = SimpleNamespace(x_j_hat=x_j[:, None], y_j_hat=y_j, offset=torch.zeros(2), positions=None)
    assert all(value == 0 for value in objective(perfect, batch).terms().values())
    losses = objective(to_y_j, batch)
    assert losses.source > 0 and losses.target == 0
    # "Without n-n", M_x goes straight to the target as well.
    assert objective(to_y_j, batch, one_to_one=True).source == 0


def moved_edit(shift):
    """A pair whose right half is edited, and a reference that lies `shift` pixels further to the right."""
    x = torch.zeros(1, 3, 32, 64)
    y = x.clone()
    y[..., 20:40] = torch.tensor([1.0, -1.0, 0.5])[:, None, None]
    y_i = y.roll(shift, dims=-1)
    return PairBatch(x_i=x[:, None], y_i=y_i[:, None], x_j=x, y_j=y)


def at(shift):
    positions = identity_flow(torch.zeros(1, 3, 32, 64))
    positions[:, 0] += shift * 2 / 63
    return positions.requires_grad_()


def test_the_canvas_is_right_where_the_reference_lies_on_the_pair():
    assert canvas_loss(at(0), moved_edit(0)) < 1e-5
    assert canvas_loss(at(8), moved_edit(8)) < 1e-3
    assert canvas_loss(at(0), moved_edit(8)) > 0.1


def test_positions_are_drawn_to_the_right_place_from_afar():
    positions = at(0)
    canvas_loss(positions, moved_edit(6)).backward()
    assert positions.grad[:, 0].sum() < 0  # further right would be better


def test_an_edit_in_another_color_still_draws_positions():
    batch = moved_edit(6)
    other = replace(batch, y_i=torch.where(batch.y_i == 0, 0.0, -batch.y_i))
    assert canvas_loss(at(6), other) < canvas_loss(at(0), other)


def test_weights_are_matched_by_name():
    losses = Losses(*(torch.tensor(10.0**power) for power in range(len(Losses._fields))))
    weights = LossWeights(**{name: 1 + power for power, name in enumerate(Losses._fields)})
    assert losses.weighted_sum(weights) == sum((1 + power) * 10**power for power in range(len(Losses._fields)))
    assert set(Losses._fields) == set(LossWeights.__dataclass_fields__)
