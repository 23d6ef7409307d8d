"""The whole model: shapes, every switch of Table 2, and what must not leak."""

import inspect
from dataclasses import replace

import pytest
import torch

from editor.metrics.sharpness import fine_detail
from editor.models.editing_model import EditingModel
from editor.models.noise import noise_from

SWITCHES = [
    {},
    {"output": "direct"},
    {"output": "residual"},
    {"output": "warp"},
    {"output": "canvas"},
    {"output": "canvas", "group_size": 3},
    {"group_size": 3},
    {"one_to_one": True},
    {"use_x_j": False, "output": "direct"},
    {"use_transform": False},
    {"use_skips": False},
    {"use_noise": True},
]


def inputs(b=2, r=1, h=32, w=32, seed=0):
    generator = torch.Generator().manual_seed(seed)
    x_i, y_i = torch.rand(2, b, r, 3, h, w, generator=generator) * 2 - 1
    x_j = torch.rand(b, 3, h, w, generator=generator) * 2 - 1
    t = torch.randint(1000, (b,), generator=generator)
    return {"x_i": x_i, "y_i": y_i, "x_j": x_j, "t": t, "noise": noise_from(torch.Generator().manual_seed(seed))}


def awake(model):
    """Move every weight off its zero start, so that information flows everywhere."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)
    return model


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda s: " ".join(f"{k}={v}" for k, v in s.items()) or "default")
def test_shapes_and_gradients_with_every_switch(tiny_config, switches):
    config = replace(tiny_config, **switches)
    r = config.group_size - 1
    model = awake(EditingModel(config))
    output = model(**inputs(r=r))
    assert output.y_j_hat.shape == (2, 3, 32, 32)
    assert output.x_j_hat.shape == (2, r, 3, 32, 32)
    assert output.transform.flow.shape == (2 * r, 2, 32, 32)

    (output.y_j_hat.square().mean() + output.x_j_hat.square().mean()).backward()
    dead = {n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0}
    if not config.use_transform:
        # Nothing reads M_e then, and there is nothing to choose between where the context is one constant.
        dead = {name for name in dead if not name.startswith("m_e.") and "cross_attention.to_q" not in name}
    assert not dead


@pytest.mark.parametrize("output", ["residual", "blend", "warp", "canvas"])
def test_an_untrained_model_does_nothing(tiny_config, output):
    data = inputs()
    result = EditingModel(replace(tiny_config, output=output))(**data)
    torch.testing.assert_close(result.y_j_hat, data["x_j"])
    torch.testing.assert_close(result.x_j_hat[:, 0], data["x_i"][:, 0])  # F and C start as the identity


@pytest.mark.parametrize("output", ["residual", "blend", "warp", "canvas"])
def test_crispness_adds_to_the_detail_of_the_edit_alone(tiny_config, output):
    config = replace(tiny_config, output=output)
    untrained = EditingModel(config).eval()
    untrained.crispness = 0.5
    given = inputs()
    torch.testing.assert_close(untrained(**given).y_j_hat, given["x_j"], atol=1e-5, rtol=0)

    model = awake(EditingModel(config)).eval()
    plain = model(**inputs())
    edits = []
    for model.crispness in (0.2, 0.4):
        output = model(**inputs())
        assert torch.equal(output.offset, plain.offset)
        edits.append(output.y_j_hat)
    assert fine_detail(edits[0]).square().sum() > 1.01 * fine_detail(plain.y_j_hat).square().sum()
    torch.testing.assert_close(edits[1] - edits[0], edits[0] - plain.y_j_hat, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(model.train()(**inputs()).y_j_hat, plain.y_j_hat)


def test_the_model_cannot_see_y_j():
    assert set(inspect.signature(EditingModel.forward).parameters) == {"self", "x_i", "y_i", "x_j", "t", "noise"}


def test_one_to_one_ignores_the_reference(tiny_config):
    model = awake(EditingModel(replace(tiny_config, one_to_one=True)))
    first, second = inputs(), inputs()
    second["x_i"], second["y_i"] = -second["x_i"], -second["y_i"]
    torch.testing.assert_close(model(**first).y_j_hat, model(**second).y_j_hat)


def test_without_x_j_it_arrives_through_the_transform_only(tiny_config):
    model = awake(EditingModel(replace(tiny_config, use_x_j=False, use_transform=False, output="direct")))
    first, second = inputs(), inputs()
    second["x_j"] = -second["x_j"]
    torch.testing.assert_close(model(**first).y_j_hat, model(**second).y_j_hat)


def test_the_reference_matters_most_when_it_is_clean(tiny_config):
    """At the last t, y_i(t) is almost pure noise."""
    model = awake(EditingModel(tiny_config))
    change = []
    for t in (0, 999):
        first, second = inputs(), inputs()
        first["t"] = second["t"] = torch.full((2,), t)
        second["y_i"] = second["y_i"].flip(-1)
        change.append((model(**first).y_j_hat - model(**second).y_j_hat).abs().mean())
    assert change[0] > 5 * change[1]


def test_same_seed_same_picture(tiny_config):
    model = awake(EditingModel(tiny_config))
    a, b, other = inputs(), inputs(), inputs()
    other["noise"] = noise_from(torch.Generator().manual_seed(7))
    assert torch.equal(model(**a).y_j_hat, model(**b).y_j_hat)
    assert not torch.equal(model(**inputs()).y_j_hat, model(**other).y_j_hat)


def test_any_multiple_of_the_patch_goes_in(tiny_config):
    assert EditingModel(tiny_config)(**inputs(h=32, w=64)).y_j_hat.shape == (2, 3, 32, 64)
