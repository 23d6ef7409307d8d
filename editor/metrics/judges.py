"""Pretrained networks that judge finished edits. All are optional; nothing is ever trained or selected by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from editor.metrics import frechet, st_lpips
from editor.metrics.frechet import FrechetDistance
from editor.metrics.perceptual import Perceptual
from editor.metrics.st_lpips import PerceptualDistance


class Judgement(NamedTuple):
    """What the networks say of edits; None where one is not there. Lower is better.

    Attributes:
        st_lpips: See `metrics.st_lpips`.
        frechet: See `metrics.frechet`.
        lpips: See `metrics.perceptual`, and so is the next.
        fid: Of the pictures as sets.
    """

    st_lpips: float | None
    frechet: float | None
    lpips: float | None
    fid: float | None


@dataclass(frozen=True)
class Judges:
    """Those that are there.

    Attributes:
        st_lpips: Its weights come with a package.
        frechet: Likewise.
        perceptual: Its networks are downloaded, so only if asked for.
    """

    st_lpips: PerceptualDistance | None = None
    frechet: FrechetDistance | None = None
    perceptual: Perceptual | None = None

    @classmethod
    def find(cls, device: torch.device, *, may_download: bool = False) -> Judges:
        """Load what is installed.

        Args:
            device: Where to compute.
            may_download: Also what has to be downloaded.
        """
        return cls(
            PerceptualDistance.find(device),
            FrechetDistance.find(device),
            Perceptual(device) if may_download else None,
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each that is missing."""
        packages = ((self.st_lpips, st_lpips.MISSING), (self.frechet, frechet.MISSING))
        missing = (text for measure, text in packages if measure is None)
        return (*(self.perceptual.notes if self.perceptual else ()), *missing)

    def judge(self, edit: Tensor, target: Tensor) -> Judgement:
        """Compare edits with their true targets, (b, 3, h, w) in [-1, 1] each."""
        return Judgement(
            st_lpips=self.st_lpips(edit, target) if self.st_lpips else None,
            frechet=self.frechet(edit, target) if self.frechet else None,
            lpips=self.perceptual.lpips(edit, target) if self.perceptual else None,
            fid=self.perceptual.fid(edit, target) if self.perceptual else None,
        )


NO_JUDGES = Judges()
