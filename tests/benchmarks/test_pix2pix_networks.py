import pytest
import torch
from torch import nn

from editor.benchmarks.pix2pix_networks import (
    PatchDiscriminator,
    PictureNorm,
    UNet,
    adversarial_loss,
    count_downs,
)


@pytest.mark.parametrize(("size", "downs"), [(32, 5), (48, 4), (96, 5), (128, 7), (256, 8), (512, 8)])
def test_depth_follows_the_size(size, downs):
    assert count_downs(size) == downs


def test_128_px_is_the_published_network():
    network = UNet(128, width=64, dropout=0.5, output="direct")
    assert len(network.down) == 7
    assert sum(isinstance(module, nn.Dropout) for module in network.modules()) == 2  # num_downs - 5
    assert sum(parameter.numel() for parameter in network.parameters()) == 41_828_995  # as "unet_128" of its authors
    judge = PatchDiscriminator(width=64)
    assert sum(parameter.numel() for parameter in judge.parameters()) == 2_768_705


@pytest.mark.parametrize("size", [32, 48, 64])
@pytest.mark.parametrize("output", ["direct", "residual"])
def test_shapes_and_gradients(size, output):
    torch.manual_seed(0)
    network = UNet(size, width=4, dropout=0.0, output=output)
    judge = PatchDiscriminator(width=4)
    x = torch.rand(2, 3, size, size) * 2 - 1
    y_hat = network(x)
    assert y_hat.shape == x.shape
    if output == "residual":
        assert torch.equal(y_hat, x)
        nn.init.normal_(network.up[0][1].weight)  # it starts at zero, where nothing flows back
        y_hat = network(x)
    else:
        assert y_hat.abs().max() <= 1
    adversarial_loss(judge(x, y_hat), True, "vanilla").backward()
    assert all(parameter.grad is not None for parameter in (*network.parameters(), *judge.parameters()))


def test_the_discriminator_sees_70_pixels():
    judge = PatchDiscriminator(width=4)
    for module in judge.modules():
        if isinstance(module, PictureNorm):
            module.forward = lambda x: x  # a norm sees the whole picture
    x = torch.rand(1, 3, 128, 128, requires_grad=True)
    logits = judge(x, x.detach())
    logits[0, 0, 7, 7].backward()
    seen = x.grad[0].abs().sum(0) > 0
    assert (seen.any(0).sum().item(), seen.any(1).sum().item()) == (70, 70)


def test_norm_is_batch_norm_of_one_picture():
    x = torch.rand(1, 4, 8, 8) * 3 + 1
    torch.testing.assert_close(PictureNorm(4)(x), nn.BatchNorm2d(4).train()(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["vanilla", "lsgan"])
def test_adversarial_loss_is_lower_when_the_judge_is_right(kind):
    logits = torch.tensor([3.0])
    assert adversarial_loss(logits, True, kind) < adversarial_loss(-logits, True, kind)
    assert adversarial_loss(torch.tensor([1.0]), True, "lsgan") == 0
