"""The figures of one editor on pairs that it was not trained on."""

from __future__ import annotations

import math
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
from editor.metrics.st_lpips import PerceptualDistance
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair
from editor.pairs.store import PairStore


@dataclass(frozen=True)
class DoNothing:
    """The baseline: figures of an editor that returns every picture as it is. It changes nothing, so it has no DIoU.

    Attributes:
        psnr: dB.
        ssim: In [-1, 1].
        st_lpips: See `st_lpips`; None where it was not measured.
    """

    psnr: float
    ssim: float
    st_lpips: float | None = None


@dataclass(frozen=True)
class MetricsReport:
    """Means over all pictures.

    Attributes:
        images: How many pictures.
        size: Side of the square at which they were compared, in pixels.
        psnr: dB, higher is better.
        ssim: In [-1, 1], higher is better.
        diou: In [0, 1], higher is better.
        do_nothing: The same for leaving every picture as it is; an editor that is not better is of no use.
        seconds_per_image: Time for one edit, without reading files.
        st_lpips: See `st_lpips`, lower is better; None where it was not measured.
    """

    images: int
    size: int
    psnr: float
    ssim: float
    diou: float
    do_nothing: DoNothing
    seconds_per_image: float
    st_lpips: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON, without those that were not measured."""
        return asdict(self, dict_factory=lambda items: {name: value for name, value in items if value is not None})


class _Figures(NamedTuple):
    """The numbers of one picture."""

    psnr: float
    ssim: float
    diou: float
    psnr_of_nothing: float
    ssim_of_nothing: float
    st_lpips: float  # NaN where it is not measured, and so is the next
    st_lpips_of_nothing: float
    seconds: float


def evaluate(
    edit: Callable[[Image.Image], Image.Image],
    store: PairStore,
    size: int,
    fit: FitMode = "whole",
    on_image: Callable[[int, int], None] | None = None,
    st_lpips: PerceptualDistance | None = None,
    at_full_size: bool = False,
) -> MetricsReport:
    """Edit the source of every pair and compare with its target.

    Source and target are both brought to a square of the model's size, as in training, so that the figures show the
    edit alone and not what scaling does.

    Args:
        edit: Takes an RGB picture and returns the edit at the same size.
        store: All its pairs are used, held out or not.
        size: Side of the square in pixels.
        fit: How a picture that is not square becomes one, see `images.square_of`.
        on_image: Called after every picture with how many are done and how many there are.
        st_lpips: Measures ST-LPIPS; without it that figure stays None.
        at_full_size: Edit the whole picture first and then bring it to the square, as a detail filter needs it.

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
        rows.append(_measure(edit, pair, size, fit, st_lpips, at_full_size))
        if on_image:
            on_image(done, len(pairs))
    mean = _Figures(*torch.tensor(rows, dtype=torch.float64).mean(dim=0).tolist())
    return MetricsReport(
        images=len(rows),
        size=size,
        psnr=mean.psnr,
        ssim=mean.ssim,
        diou=mean.diou,
        do_nothing=DoNothing(
            psnr=mean.psnr_of_nothing,
            ssim=mean.ssim_of_nothing,
            st_lpips=mean.st_lpips_of_nothing if st_lpips else None,
        ),
        seconds_per_image=mean.seconds,
        st_lpips=mean.st_lpips if st_lpips else None,
    )


def _measure(
    edit: Callable[[Image.Image], Image.Image],
    pair: Pair,
    size: int,
    fit: FitMode,
    st_lpips: PerceptualDistance | None,
    at_full_size: bool,
) -> _Figures:
    whole = load_image(pair.source)
    source, target = (square_of(image, size, fit) for image in (whole, load_image(pair.target)))
    given = whole if at_full_size else source
    start = time.perf_counter()
    edited = edit(given)
    seconds = time.perf_counter() - start
    if edited.size != given.size:
        raise ValueError(f"the edit of {pair.name} has size {edited.size}, expected {given.size}")
    before, y_j_hat, y_j = map(_batch, (source, square_of(edited, size, fit), target))
    return _Figures(
        psnr=psnr(y_j_hat, y_j).item(),
        ssim=ssim(y_j_hat, y_j).item(),
        diou=diou(source=before, edit=y_j_hat, target=y_j).item(),
        psnr_of_nothing=psnr(before, y_j).item(),
        ssim_of_nothing=ssim(before, y_j).item(),
        st_lpips=st_lpips(y_j_hat, y_j) if st_lpips else math.nan,
        st_lpips_of_nothing=st_lpips(before, y_j) if st_lpips else math.nan,
        seconds=seconds,
    )


def _batch(image: Image.Image) -> Tensor:
    return to_tensor(image)[None]  # (1, 3, h, w)
