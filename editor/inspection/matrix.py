"""The pair matrix: every pair of a run as the reference of every other, which shows the pairs that do not fit in."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, stdev

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.data.dataset import to_pixels
from editor.device import autocast
from editor.editing.editor import Editor
from editor.editing.errors import require_usable
from editor.images import to_image
from editor.inspection.trace import SEED
from editor.metrics.psnr import psnr
from editor.models.noise import noise_from

MAX_NAMES = 32  # rows and columns; of more pairs some are left out
THUMBNAIL = 48  # pixels
BATCH_PIXELS = 8 * 128**2  # that go through the network at once: it bounds the memory and how long others wait
STANDS_OUT = 1.5  # dB that the hardest pair must lie below the typical one to be worth a sentence
FEW = 3  # with fewer pairs of a kind, their median says nothing

Values = tuple[tuple[float | None, ...], ...]  # dB by i and j; None where it is not computed yet


@dataclass(frozen=True, slots=True, kw_only=True)
class PairMatrix:
    """A matrix as far as it is computed: row i is the reference, column j the pair to predict.

    Attributes:
        names: Names of the pairs, in the order of rows and columns.
        held_out: Names of those that were not trained on.
        num_pairs: How many pairs the run has; more than `names` where some were left out.
        step: Training step of the weights.
        is_newest: Whether there are no newer weights.
        num_done: How many cells are computed, row by row.
        seconds_left: Estimate for the others; None before the first.
        source: PSNR of x_j_hat against x_j.
        target: PSNR of y_j_hat against y_j.
        sheets: Pictures of all x_j_hat and of all y_j_hat, `THUMBNAIL` pixels each; None until all are computed.
    """

    names: tuple[str, ...]
    held_out: frozenset[str]
    num_pairs: int
    step: int
    is_newest: bool
    num_done: int
    seconds_left: float | None
    source: Values
    target: Values
    sheets: tuple[Path, Path] | None

    @property
    def num_edits(self) -> int:
        """Number of cells, each of which takes one edit."""
        return len(self.names) ** 2

    @property
    def is_done(self) -> bool:
        """Whether every cell is computed."""
        return self.num_done == self.num_edits


class MatrixJob:
    """Computes a matrix, a part at each call. Safe to use from any thread.

    It keeps the pairs of its rows and no others, so its memory does not grow with the number of pairs of the run.

    Attributes:
        names: Names of the pairs, at most `MAX_NAMES`.
        held_out: Names of those that were not trained on.
        step: Training step of the weights.
    """

    def __init__(self, editor: Editor, truth: Tensor) -> None:
        """Choose the pairs; nothing is computed yet.

        Args:
            editor: Brings model and pairs.
            truth: Targets to compare with, (m, 3, s, s), in the order of the editor's pairs.
        """
        references = set(editor.references)
        self.names = evenly_chosen(editor.pairs.names, [name for name in editor.pairs.names if name not in references])
        self.held_out = frozenset(self.names) - references
        self.step = editor.step
        self._model, self._device = editor.model, editor.device
        indices = [editor.index(name) for name in self.names]
        self._images, self._truth = editor.pairs[indices].images, truth[indices]
        m = len(self.names)
        self._values = torch.full((2, m * m), torch.nan)
        self._thumbnails = torch.zeros(2, m * m, 3, THUMBNAIL, THUMBNAIL, dtype=torch.uint8)
        self._lock = threading.Lock()  # guards all results and counts below
        self.num_done = 0
        self._seconds = 0.0

    def advance(self, seconds: float) -> None:
        """Compute for about `seconds`, at least one batch."""
        with self._lock:
            start = time.perf_counter()
            while self.num_done < self._values.shape[1]:
                self._compute_batch()
                if time.perf_counter() - start >= seconds:
                    break
            self._seconds += time.perf_counter() - start

    @property
    def seconds_left(self) -> float | None:
        """Estimated computing time of the other cells, from the mean of those that are done; None before the first."""
        left = self._values.shape[1] - self.num_done
        return self._seconds / self.num_done * left if self.num_done else None

    def values(self) -> tuple[Values, Values]:
        """Return the PSNR of x_j_hat and of y_j_hat, in dB."""
        m = len(self.names)
        tables = self._values.view(2, m, m).tolist()
        return tuple(tuple(tuple(None if v != v else v for v in row) for row in table) for table in tables)

    def sheets(self) -> tuple[Image.Image, Image.Image]:
        """Return all x_j_hat and all y_j_hat as one picture each, in rows of i and columns of j."""
        m = len(self.names)
        sheets = self._thumbnails.view(2, m, m, 3, THUMBNAIL, THUMBNAIL).permute(0, 3, 1, 4, 2, 5)
        return tuple(to_image(sheet.reshape(3, m * THUMBNAIL, m * THUMBNAIL) / 127.5 - 1) for sheet in sheets)

    @torch.inference_mode()
    def _compute_batch(self) -> None:
        m, model, device = len(self.names), self._model, self._device
        size = max(1, BATCH_PIXELS // self._images.shape[-1] ** 2)
        indices = torch.arange(self.num_done, min(self.num_done + size, m * m))
        references = self._images[indices // m].to(device)
        x_j, y_j = self._images[indices % m, 0], self._truth[indices % m]
        with autocast(device):
            output = model(
                x_i=references[:, None, 0],
                y_i=references[:, None, 1],
                x_j=x_j.to(device),
                t=torch.full((len(indices),), model.num_timesteps - 1, device=device),
                noise=noise_from(torch.Generator().manual_seed(SEED)),
            )
        require_usable(output.answer)
        predictions = (output.x_j_hat[:, 0], output.y_j_hat)
        for kind, (prediction, truth) in enumerate(zip(predictions, (x_j, y_j))):
            prediction = prediction.float().clamp(-1, 1).cpu()
            self._values[kind, indices] = psnr(prediction, truth)
            small = functional.interpolate(prediction, (THUMBNAIL, THUMBNAIL), mode="bilinear", antialias=True)
            self._thumbnails[kind, indices] = to_pixels(small)
        self.num_done += len(indices)


def evenly_chosen(names: Sequence[str], first: Sequence[str], limit: int = MAX_NAMES) -> tuple[str, ...]:
    """Return at most `limit` names in their order, at even distances; up to a quarter of them are from `first`."""
    if len(names) <= limit:
        return tuple(names)
    kept = set(_evenly(first, min(len(first), limit // 4)))
    others = [name for name in names if name not in first]
    kept |= set(_evenly(others, limit - len(kept)))
    return tuple(name for name in names if name in kept)


def _evenly(names: Sequence[str], count: int) -> list[str]:
    return [names[index * len(names) // count] for index in range(min(count, len(names)))]


@dataclass(frozen=True, slots=True)
class Hardest:
    """The pair that is predicted worst from all others, compared with pairs of its kind, held out or trained on.

    Attributes:
        name: Name of the pair.
        is_held_out: Whether it was not trained on; such pairs are always harder.
        psnr: Mean over the references, in dB.
        typical: Median of that mean over the pairs of its kind, in dB.
        stands_out: Whether `psnr` lies `STANDS_OUT` below `typical`.
    """

    name: str
    is_held_out: bool
    psnr: float
    typical: float
    stands_out: bool


def hardest(matrix: PairMatrix, values: Values) -> Hardest | None:
    """Return the column whose mean is furthest below the median of its kind, leaving out i = j.

    Args:
        matrix: Names the pairs.
        values: Its `source` or its `target`.

    Returns:
        None while a cell is missing, or where there is one pair only.
    """
    if (means := column_means(values)) is None:
        return None
    # Held-out pairs are harder to predict, so each kind is compared within itself, unless it has too few pairs.
    kinds = {False: [], True: []}
    for column, name in enumerate(matrix.names):
        kinds[name in matrix.held_out].append(column)
    groups = [(kind, columns) for kind, columns in kinds.items() if len(columns) >= FEW]

    def found(is_held_out: bool, columns: Sequence[int]) -> Hardest:
        typical, worst = median(means[column] for column in columns), min(columns, key=means.__getitem__)
        return Hardest(matrix.names[worst], is_held_out, means[worst], typical, means[worst] < typical - STANDS_OUT)

    hardest_ones = [found(*group) for group in groups or [(False, range(len(means)))]]
    return min(hardest_ones, key=lambda one: one.psnr - one.typical)


def column_means(values: Values) -> list[float] | None:
    """Return the mean PSNR of each pair over all other pairs as references, in dB; None while a cell is missing."""
    m = len(values)
    if m < 2 or any(value is None for row in values for value in row):
        return None
    return [mean(values[i][j] for i in range(m) if i != j) for j in range(m)]


def reference_deviation(values: Values) -> float | None:
    """Return the standard deviation of a pair's PSNR over the references, in dB, as a mean over all pairs."""
    m = len(values)
    if column_means(values) is None or m < 3:
        return None
    return mean(stdev(values[i][j] for i in range(m) if i != j) for j in range(m))
