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
from editor.metrics.frechet import frechet_distance
from editor.metrics.judges import NO_JUDGES, Judges
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
        st_lpips: See `st_lpips`; None where it was not measured, and so is the next.
        frechet: See `frechet`.
    """

    psnr: float
    ssim: float
    st_lpips: float | None = None
    frechet: float | None = None


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
        st_lpips: See `st_lpips`, lower is better; None where it was not measured, and so is the next.
        frechet: See `frechet`, lower is better; no mean, but of the pictures as sets.
    """

    images: int
    size: int
    psnr: float
    ssim: float
    diou: float
    do_nothing: DoNothing
    seconds_per_image: float
    st_lpips: float | None = None
    frechet: float | None = None

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
    judges: Judges = NO_JUDGES,
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
        judges: Measure what needs pretrained networks; a figure whose network is not there stays None.
        at_full_size: Edit the whole picture first and then bring it to the square, as a detail filter needs it.

    Raises:
        PairError: There are no pairs.
        ImageError: A picture cannot be read.
        ValueError: `edit` changed the size.
    """
    pairs = store.pairs()
    if not pairs:
        raise PairError(f"There are no pairs in {store.directory} to compare with. Choose a folder with pairs.")
    rows, seen = [], []
    for done, pair in enumerate(pairs, start=1):
        edited = _edited(edit, pair, size, fit, at_full_size)
        rows.append(_measure(edited, judges.st_lpips))
        if judges.frechet:
            seen.append(judges.frechet.features(torch.cat([edited.x, edited.y_hat, edited.y])))
        if on_image:
            on_image(done, len(pairs))
    mean = _Figures(*torch.tensor(rows, dtype=torch.float64).mean(dim=0).tolist())
    st_lpips, st_lpips_of_nothing = (
        value if judges.st_lpips else None for value in (mean.st_lpips, mean.st_lpips_of_nothing)
    )
    frechet = frechet_of_nothing = None
    if seen:
        of_x, of_y_hat, of_y = torch.stack(seen, dim=1)
        frechet, frechet_of_nothing = frechet_distance(of_y_hat, of_y), frechet_distance(of_x, of_y)
    return MetricsReport(
        images=len(rows),
        size=size,
        psnr=mean.psnr,
        ssim=mean.ssim,
        diou=mean.diou,
        do_nothing=DoNothing(
            psnr=mean.psnr_of_nothing,
            ssim=mean.ssim_of_nothing,
            st_lpips=st_lpips_of_nothing,
            frechet=frechet_of_nothing,
        ),
        seconds_per_image=mean.seconds,
        st_lpips=st_lpips,
        frechet=frechet,
    )


class _Edited(NamedTuple):
    """A pair and its edit, (1, 3, h, w) in [-1, 1] each, and how long the edit took."""

    x: Tensor
    y_hat: Tensor
    y: Tensor
    seconds: float


def _edited(
    edit: Callable[[Image.Image], Image.Image], pair: Pair, size: int, fit: FitMode, at_full_size: bool
) -> _Edited:
    whole = load_image(pair.source)
    source, target = (square_of(image, size, fit) for image in (whole, load_image(pair.target)))
    given = whole if at_full_size else source
    start = time.perf_counter()
    edited = edit(given)
    seconds = time.perf_counter() - start
    if edited.size != given.size:
        raise ValueError(f"the edit of {pair.name} has size {edited.size}, expected {given.size}")
    return _Edited(*map(_batch, (source, square_of(edited, size, fit), target)), seconds)


def _measure(edited: _Edited, st_lpips: PerceptualDistance | None) -> _Figures:
    x, y_hat, y, seconds = edited
    return _Figures(
        psnr=psnr(y_hat, y).item(),
        ssim=ssim(y_hat, y).item(),
        diou=diou(source=x, edit=y_hat, target=y).item(),
        psnr_of_nothing=psnr(x, y).item(),
        ssim_of_nothing=ssim(x, y).item(),
        st_lpips=st_lpips(y_hat, y) if st_lpips else math.nan,
        st_lpips_of_nothing=st_lpips(x, y) if st_lpips else math.nan,
        seconds=seconds,
    )


def _batch(image: Image.Image) -> Tensor:
    return to_tensor(image)[None]  # (1, 3, h, w)
