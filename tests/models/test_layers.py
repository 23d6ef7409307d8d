import torch
from torch.nn import functional

from editor.models.layers import ChannelNorm, Downsample, Upsample, attend, position_embedding


def test_attention_is_the_textbook_one():
    q = torch.randn(2, 3, 5, 8)
    k, v = torch.randn(2, 2, 3, 7, 8)
    torch.testing.assert_close(attend(q, k, v), functional.scaled_dot_product_attention(q, k, v))


def test_channel_norm_is_per_pixel():
    x = torch.randn(2, 16, 4, 4) * 5 + 3
    y = ChannelNorm(16, affine=False)(x)
    torch.testing.assert_close(y.mean(dim=1), torch.zeros(2, 4, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(y.std(dim=1, unbiased=False), torch.ones(2, 4, 4), atol=1e-3, rtol=0)


def test_sizes_double_and_halve():
    x = torch.randn(1, 8, 6, 10)
    assert Upsample(8, 4)(x).shape == (1, 4, 12, 20)
    assert Downsample(8, 4)(x).shape == (1, 4, 3, 5)


def test_every_position_has_its_own_embedding():
    embedding = position_embedding(8, 6, 32, torch.device("cpu"))[0]
    assert embedding.shape == (48, 32)
    distance = torch.cdist(embedding, embedding) + torch.eye(48)
    assert distance.min() > 0.1


def test_upsampling_starts_without_a_pattern():
    enlarged = Upsample(8, 4)(torch.randn(1, 8, 5, 5))
    corners = torch.nn.functional.pixel_unshuffle(enlarged, 2).unflatten(1, (4, 4))
    torch.testing.assert_close(corners, corners[:, :, :1].expand_as(corners))
