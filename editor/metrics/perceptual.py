"""LPIPS and FID as torchmetrics computes them. Both need pretrained networks, which are downloaded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn

Metric = TypeVar("Metric", bound=nn.Module)


class Perceptual:
    """Distances between the features of pretrained networks; each is None where its network cannot be downloaded.

    FID uses the original weights of Inception, so it is comparable with other standard FIDs of as many pictures, but
    not with the paper's (Tab. 1), which lie on an unusual scale. From a few dozen pictures it is biased upwards.

    Attributes:
        notes: One sentence for each distance that is missing, with the reason.
    """

    def __init__(self, device: torch.device) -> None:
        """Load the networks, from the cache or from the internet.

        Args:
            device: Where to compute.
        """
        from torchmetrics.image.fid import FrechetInceptionDistance
        from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

        self.notes: list[str] = []
        self._device = device
        self._lpips = self._fetch("LPIPS", lambda: LearnedPerceptualImagePatchSimilarity(net_type="alex"))
        self._fid = self._fetch("FID", lambda: FrechetInceptionDistance(feature=2048, normalize=True))

    def _fetch(self, name: str, build: Callable[[], Metric]) -> Metric | None:
        try:
            return build().to(self._device).eval()
        except (OSError, ImportError, RuntimeError) as error:  # no network, no torch-fidelity, a damaged download
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            reason = first_line.split(". ")[0].rstrip(".")
            self.notes.append(f"{name} is left out, for its network cannot be had: {reason}.")
            return None

    @torch.no_grad()
    def lpips(self, edit: Tensor, target: Tensor) -> float | None:
        """Return the mean LPIPS (AlexNet) of pictures (b, 3, h, w) in [-1, 1]; lower is better."""
        if self._lpips is None:
            return None
        self._lpips.reset()
        for a, b in zip(edit.split(1), target.split(1)):
            self._lpips.update(a.to(self._device).clamp(-1, 1), b.to(self._device).clamp(-1, 1))
        return self._lpips.compute().item()

    @torch.no_grad()
    def fid(self, edit: Tensor, target: Tensor) -> float | None:
        """Return the FID between two sets of pictures (b, 3, h, w) in [-1, 1]; lower is better. Needs b >= 2."""
        if self._fid is None or len(edit) < 2:
            return None
        self._fid.reset()
        for images, is_real in ((edit, False), (target, True)):
            for image in images.split(1):
                self._fid.update(((image.clamp(-1, 1) + 1) / 2).to(self._device), real=is_real)
        return self._fid.compute().item()
