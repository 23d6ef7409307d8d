from types import SimpleNamespace

import torch

from editor.config import LossWeights
from editor.data.dataset import PairBatch
from editor.models.canvas import Fetched
from editor.training.objective import Losses, canvas_loss, edge_loss, focal_frequency_loss, objective


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


def test_each_term_compares_the_right_pictures():
    x_j, y_j = torch.rand(2, 2, 3, 8, 8)
    references = torch.rand(2, 1, 3, 8, 8)
    batch = PairBatch(x_i=references, y_i=references, x_j=x_j, y_j=y_j)
    to_y_j = SimpleNamespace(x_j_hat=y_j[:, None], y_j_hat=y_j, offset=torch.zeros(2), fetched=None)
    perfect = SimpleNamespace(x_j_hat=x_j[:, None], y_j_hat=y_j, offset=torch.zeros(2), fetched=None)
    assert all(value == 0 for value in objective(perfect, batch).terms().values())
    losses = objective(to_y_j, batch)
    assert losses.source > 0 and losses.target == 0
    # "Without n-n", M_x goes straight to the target as well.
    assert objective(to_y_j, batch, one_to_one=True).source == 0


def test_what_is_fetched_is_compared_with_what_lies_in_the_pair():
    x_j, y_j = torch.rand(2, 1, 3, 8, 8)
    x_j[..., :4] = y_j[..., :4]  # edited on the right only
    truth = Fetched.of(x_j, y_j)
    assert canvas_loss(truth, x_j, y_j) == 0
    on_the_left = torch.where(torch.arange(8) < 4, y_j + 1, y_j)
    assert canvas_loss(truth._replace(canvas=on_the_left), x_j, y_j) == 0
    assert canvas_loss(truth._replace(canvas=y_j + 1), x_j, y_j) > 0
    assert canvas_loss(truth._replace(mask=1 - truth.mask), x_j, y_j) > 0


def test_weights_are_matched_by_name():
    losses = Losses(*(torch.tensor(10.0**power) for power in range(len(Losses._fields))))
    weights = LossWeights(**{name: 1 + power for power, name in enumerate(Losses._fields)})
    assert losses.weighted_sum(weights) == sum((1 + power) * 10**power for power in range(len(Losses._fields)))
    assert set(Losses._fields) == set(LossWeights.__dataclass_fields__)
