"""ST-LPIPS: how different two pictures look, where a shift by a pixel counts for little (Ghildyal and Liu, 2207.13686).

LPIPS compares the features of a network trained to recognize things (Zhang et al., arXiv 1801.03924). ST-LPIPS makes
that network shift-tolerant: every stride becomes a low-pass filter before the subsampling, with wide mirrored margins.
So a blurred picture is far from a sharp one and a shifted one is near, where PSNR says the opposite.

The network is AlexNet's convolutions. Its weights are in the package stlpips-pytorch, which need not be there; of the
package only that file is used. This is a measure of finished edits: nothing is ever trained or selected by it.
"""

from __future__ import annotations

from pathlib import Path

import torch
from einops import reduce
from torch import Tensor, nn
from torch.nn import functional

from editor.metrics.installed import installed_file

PACKAGE = "stlpips_pytorch"
WEIGHTS = "weights/vST0.0/alex_shift_tolerant.pth"  # in the package
CONVOLUTIONS = ("slice1.0", "slice2.5", "slice3.9", "slice4.11", "slice5.13")  # what the file calls them
MISSING = (
    "ST-LPIPS is left out, for the weights of its network are not there. Install them with: "
    ".venv/bin/pip install stlpips-pytorch"
)
# Of the pictures that AlexNet was trained on, for pictures in [-1, 1].
MEAN, DEVIATION = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
BLUR = (0.25, 0.5, 0.25)  # binomial low-pass filter
MARGIN = 2  # pixels, mirrored, around what is blurred


class STLPIPS(nn.Module):
    """The shift-tolerant AlexNet and the weights of its channels. Fresh: random features, all channels count alike."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            (
                nn.Conv2d(3, 64, 11, padding=2),
                nn.Conv2d(64, 192, 5, padding=2),
                nn.Conv2d(192, 384, 3, padding=1),
                nn.Conv2d(384, 256, 3, padding=1),
                nn.Conv2d(256, 256, 3, padding=1),
            )
        )
        self.channel_weights = nn.ParameterList(torch.ones(layer.out_channels) for layer in self.convolutions)

    @classmethod
    def load(cls, path: Path) -> STLPIPS:
        """Return the network with the weights of a file of the package.

        Args:
            path: A dictionary of tensors, written by `torch.save`.
        """
        tensors = torch.load(path, map_location="cpu", weights_only=True)  # executes no code of the file
        with torch.device("meta"):  # no random weights are drawn, so that no other draw changes
            model = cls()
        state = {f"channel_weights.{k}": tensors[f"lin{k}.model.1.weight"].flatten() for k in range(len(CONVOLUTIONS))}
        for k, name in enumerate(CONVOLUTIONS):
            state |= {f"convolutions.{k}.{kind}": tensors[f"net.{name}.{kind}"] for kind in ("weight", "bias")}
        model.load_state_dict(state, assign=True)
        return model.eval().requires_grad_(False)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the distance of each two pictures; lower is more alike, 0 is equal (Eq. 1 of LPIPS).

        Args:
            a: (b, 3, h, w) in [-1, 1], at least 32 x 32 pixels.
            b: The same shape.

        Returns:
            (b,)

        Raises:
            ValueError: The shapes differ.
        """
        if a.shape != b.shape or a.ndim != 4:
            raise ValueError(f"expected two tensors (b, 3, h, w), got {tuple(a.shape)} and {tuple(b.shape)}")
        total = a.new_zeros(len(a))
        for of_a, of_b, weights in zip(self._features(a), self._features(b), self.channel_weights):
            squared = (_normalized(of_a) - _normalized(of_b)).square()
            total = total + reduce(squared * weights.view(1, -1, 1, 1), "b c h w -> b c", "mean").sum(dim=1)
        return total

    def _features(self, images: Tensor) -> list[Tensor]:
        """Return the output of each of the five layers."""
        mean, deviation = (images.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
        features = [functional.relu(_halved(self.convolutions[0]((images - mean) / deviation)))]
        for k, layer in enumerate(self.convolutions[1:], start=1):
            x = features[-1]
            if k <= 2:
                x = _halved(functional.max_pool2d(x, kernel_size=3, stride=1))
            features.append(functional.relu(layer(x)))
        return features


class PerceptualDistance:
    """The mean ST-LPIPS of sets of pictures, with the weights that were published."""

    def __init__(self, model: STLPIPS, device: torch.device) -> None:
        """Use `PerceptualDistance.find` instead.

        Args:
            model: The network.
            device: Where to compute.
        """
        self._model = model.to(device)
        self._device = device

    @classmethod
    def find(cls, device: torch.device) -> PerceptualDistance | None:
        """Return the measure; None where the package with the weights is not installed, see `MISSING`.

        Args:
            device: Where to compute.
        """
        path = installed_file(PACKAGE, WEIGHTS)
        return cls(STLPIPS.load(path), device) if path else None

    @torch.inference_mode()
    def __call__(self, edit: Tensor, target: Tensor) -> float:
        """Return the mean distance of pictures (b, 3, h, w) in [-1, 1]; what lies outside is clamped."""
        pairs = zip(edit.split(1), target.split(1))  # one at a time, so that memory does not grow with their number
        values = [self._model(*(image.to(self._device).float().clamp(-1, 1) for image in pair)) for pair in pairs]
        return torch.cat(values).mean().item()


def _halved(x: Tensor) -> Tensor:
    """Blur a map (b, c, h, w), then keep every second row and column (BlurPool, arXiv 1904.11486)."""
    taps = x.new_tensor(BLUR)
    kernel = (taps[:, None] * taps).expand(x.shape[1], 1, 3, 3)
    return functional.conv2d(functional.pad(x, [MARGIN] * 4, mode="reflect"), kernel, stride=2, groups=x.shape[1])


def _normalized(features: Tensor) -> Tensor:
    """Scale the vector of channels at each pixel to length 1."""
    return features / (features.norm(dim=1, keepdim=True) + 1e-10)
