"""One table row for an editor: how close it comes to the truth on pairs that it has never seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from PIL import Image
from torch import Tensor

from editor.config import FitMode
from editor.image_files import load_image
from editor.images import square_of, to_tensor
from editor.metrics.diou import diou
from editor.metrics.psnr import psnr, ssim
from editor.pairs.store import Pair, PairError, PairStore


@dataclass(frozen=True)
class DoNothing:
    """What an editor reaches that gives every picture back as it is. It changes nothing, so it has no DIoU.

    Attributes:
        psnr: dB.
        ssim: In [-1, 1].
    """

    psnr: float
    ssim: float


@dataclass(frozen=True)
class MetricsReport:
    """Means over all pictures.

    Attributes:
        images: How many pictures.
        size: Side of the square at which they were compared, in pixels.
        psnr: dB, higher is better.
        ssim: In [-1, 1], higher is better.
        diou: In [0, 1], higher is better.
        do_nothing: The same for leaving every picture as it is; a useful editor is better.
        seconds_per_image: Time for one edit, without reading files.
    """

    images: int
    size: int
    psnr: float
    ssim: float
    diou: float
    do_nothing: DoNothing
    seconds_per_image: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)


class _Figures(NamedTuple):
    """The numbers of one picture."""

    psnr: float
    ssim: float
    diou: float
    psnr_of_nothing: float
    ssim_of_nothing: float
    seconds: float


def evaluate(
    edit: Callable[[Image.Image], Image.Image],
    store: PairStore,
    size: int,
    fit: FitMode = "whole",
    on_image: Callable[[int, int], None] | None = None,
) -> MetricsReport:
    """Edit the source of every pair and compare with its target.

    Source and target are both brought to a square of the model's size as in training, so that nothing is measured but
    the edit.

    Args:
        edit: Takes an RGB picture and returns the edit at the same size.
        store: All its pairs are used, held out or not.
        size: Side of the square in pixels.
        fit: How what is not square becomes square, see `images.square_of`.
        on_image: Called after every picture with how many are done and how many there are.

    Raises:
        PairError: There are no pairs.
        ImageError: A picture cannot be read.
        ValueError: `edit` changed the size.
    """
    pairs = store.pairs()
    if not pairs:
        raise PairError(f"There are no pairs in {store.directory} to compare with. Choose a folder with pairs.")
    rows = []
    for done, pair in enumerate(pairs, start=1):
        rows.append(_measure(edit, pair, size, fit))
        if on_image:
            on_image(done, len(pairs))
    mean = _Figures(*torch.tensor(rows, dtype=torch.float64).mean(dim=0).tolist())
    return MetricsReport(
        images=len(rows),
        size=size,
        psnr=mean.psnr,
        ssim=mean.ssim,
        diou=mean.diou,
        do_nothing=DoNothing(psnr=mean.psnr_of_nothing, ssim=mean.ssim_of_nothing),
        seconds_per_image=mean.seconds,
    )


def _measure(edit: Callable[[Image.Image], Image.Image], pair: Pair, size: int, fit: FitMode) -> _Figures:
    source, target = (square_of(load_image(path), size, fit) for path in (pair.source, pair.target))
    start = time.perf_counter()
    edited = edit(source)
    seconds = time.perf_counter() - start
    if edited.size != source.size:
        raise ValueError(f"the edit of {pair.name} has size {edited.size}, expected {source.size}")
    before, y_j_hat, y_j = map(_batch, (source, edited, target))
    return _Figures(
        psnr=psnr(y_j_hat, y_j).item(),
        ssim=ssim(y_j_hat, y_j).item(),
        diou=diou(source=before, edit=y_j_hat, target=y_j).item(),
        psnr_of_nothing=psnr(before, y_j).item(),
        ssim_of_nothing=ssim(before, y_j).item(),
        seconds=seconds,
    )


def _batch(image: Image.Image) -> Tensor:
    return to_tensor(image)[None]  # (1, 3, h, w)
