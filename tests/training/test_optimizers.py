import torch
from torch import nn

from editor.config import OptimizerConfig
from editor.models.editing_model import EditingModel
from editor.training import optimizers
from editor.training.optimizers import (
    ENDS,
    Muon,
    _iterate,
    _iterate_gram,
    build_optimizers,
    orthogonalize,
    orthogonalize_all,
)
from tests.standins.on_card import OnCard


def test_singular_values_go_near_one_and_directions_stay():
    for shape in ((24, 64), (64, 24)):
        matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        other = torch.randn(shape, generator=torch.Generator().manual_seed(1))
        result, _ = orthogonalize(torch.stack([matrix, 100 * other])).float()
        torch.testing.assert_close(result, orthogonalize(matrix[None])[0].float())  # whoever else is there
        assert result.shape == shape
        values = torch.linalg.svdvals(result)
        assert values.min() > 0.5 and values.max() < 1.35
        u, _, vh = torch.linalg.svd(matrix, full_matrices=False)
        assert (result * (u @ vh)).sum() / (result.norm() * (u @ vh).norm()) > 0.98


def test_iterating_on_the_gram_matrix_is_the_same():
    """Also where singular values are small, whose squares are lost in the Gram matrix."""
    draws = torch.Generator().manual_seed(0)
    u, v = (torch.linalg.qr(torch.randn(2, n, 24, generator=draws))[0] for n in (24, 96))
    x = u @ (torch.logspace(0, -5, 24)[:, None] * v.mT)
    torch.testing.assert_close(_iterate_gram(x, 5), _iterate(x, 5), rtol=0, atol=2e-3)


def test_a_card_computes_similar_shapes_together(monkeypatch):
    """The zeros around a matrix stay zeros, and what is inside is as if it were alone."""
    draws, shapes = (
        torch.Generator().manual_seed(0),
        [(2, 32, 64), (1, 48, 432), (3, 64, 33), (2, 192, 64), (1, 100, 100)],
    )
    stacks = [torch.randn(shape, generator=draws) for shape in shapes]
    given = []
    monkeypatch.setattr(optimizers, "orthogonalize", lambda stack: given.append(stack) or orthogonalize(stack))
    found = orthogonalize_all([stack.as_subclass(OnCard) for stack in stacks])
    assert len(given) == 2, "with a side of less than 64, and with one of less than 128"
    for stack, together in zip(stacks, found):
        torch.testing.assert_close(together.as_subclass(torch.Tensor), orthogonalize(stack), rtol=0.05, atol=0.02)


def test_every_parameter_has_one_optimizer(tiny_config):
    model = EditingModel(tiny_config)
    owned = [p for o in build_optimizers(model, OptimizerConfig()) for g in o.param_groups for p in g["params"]]
    assert len(owned) == len({id(p) for p in owned})
    assert {id(p) for p in owned} == {id(p) for p in model.parameters()}


def test_muon_solves_an_ill_conditioned_problem():
    """Directions with a hundredth of the curvature are learned as fast as the others."""
    layer = nn.Linear(32, 32, bias=False)
    goal = torch.randn(32, 32, generator=torch.Generator().manual_seed(0)) / 6
    inputs = torch.randn(256, 32, generator=torch.Generator().manual_seed(1)) * torch.logspace(0, -1, 32)
    optimizer = Muon(layer.parameters(), lr=0.05, weight_decay=0.0)
    start = (layer.weight - goal).norm().item()
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.05 * (1 - step / 200)
        optimizer.zero_grad()
        (layer(inputs) - inputs @ goal.T).square().mean().backward()
        optimizer.step()
    assert (layer.weight - goal).norm() < 0.05 * start  # gradient descent with momentum is left with a third


def test_parameters_of_one_shape_keep_to_themselves():
    """They are updated together, and yet as if each were alone, a kernel as the matrix that it is."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(16, 18), (16, 2, 3, 3), (16, 18), (18, 16)]
    starts, gradients = ([torch.randn(shape, generator=generator) for shape in shapes] for _ in range(2))

    def updated(indices: list[int]) -> list[torch.Tensor]:
        parameters = [nn.Parameter(starts[index].clone()) for index in indices]
        optimizer = Muon(parameters, lr=0.1, weight_decay=0.1)
        for parameter, index in zip(parameters, indices):
            parameter.grad = gradients[index].clone()
        optimizer.step()
        return [parameter.detach() for parameter in parameters]

    alone = [updated([index])[0] for index in range(len(shapes))]
    for together, one in zip(updated([0, 1, 2, 3]), alone):
        torch.testing.assert_close(together, one)


def test_weight_decay_shrinks():
    parameter = nn.Parameter(torch.ones(16, 16))
    optimizer = Muon([parameter], lr=0.1, weight_decay=0.5)
    parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    torch.testing.assert_close(parameter.data, torch.full((16, 16), 0.95))


def test_only_weights_of_layers_decay(tiny_config):
    """Not biases, norms, gates of adaLN and strengths of the decoder's noise."""
    model = EditingModel(tiny_config)
    names = {parameter: name for name, parameter in model.named_parameters()}
    groups = [g for o in build_optimizers(model, OptimizerConfig(weight_decay=0.5)) for g in o.param_groups]
    decayed, others = (
        {names[p] for g in groups if g["weight_decay"] == rate for p in g["params"]} for rate in (0.5, 0)
    )
    assert decayed | others == set(names.values())
    assert all(model.get_parameter(name).ndim >= 2 and name.endswith("weight") for name in decayed)
    assert {"m_y.blocks.0.modulation", "m_y.modulation.bias", "m_e.norm.weight"} <= others
    assert {"m_y.modulation.weight", "m_x.stem.weight", "m_y.decoder.head.weight"} <= decayed


def test_the_ends_of_the_model_are_all_there(tiny_config):
    """A renamed layer would silently change its optimizer."""
    parts = {part for name, _ in EditingModel(tiny_config).named_parameters() for part in name.split(".")}
    assert parts >= ENDS
