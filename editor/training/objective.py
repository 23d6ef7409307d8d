"""The loss: reconstruction of x_j by M_x and of y_j by M_y and the canvas, and of what of y_j needs most care."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from editor.config import LossWeights
from editor.data.dataset import PairBatch
from editor.device import sent
from editor.models.canvas import Fetched
from editor.models.editing_model import EditOutput
from editor.models.transform import warp

CANVAS_SCALES = (1, 2, 4, 8)  # pixels
LEVEL = 2 / 255  # of 8 bits
UNCHANGED_FROM, UNCHANGED_FULL = (
    100,
    200,
)  # steps of M after which what is unchanged begins to count, and counts in full


class Losses(NamedTuple):
    """Unweighted terms, 0-d tensors; None where a term does not apply. Field names match `config.LossWeights`."""

    source: Tensor
    target: Tensor
    frequency: Tensor
    edges: Tensor
    unchanged: Tensor
    move: Tensor
    canvas: Tensor | None

    def weighted_sum(self, weights: LossWeights, num_steps: float = UNCHANGED_FULL) -> Tensor:
        """Return the number to minimise.

        Args:
            weights: One for each term.
            num_steps: For how many steps M has learned. What is unchanged counts late. Before the model knows where to
                add something, it would be one more reason to leave everything alone.
        """
        begun = min(max((num_steps - UNCHANGED_FROM) / (UNCHANGED_FULL - UNCHANGED_FROM), 0.0), 1.0)
        weights = replace(weights, unchanged=begun * weights.unchanged)
        return sum(getattr(weights, name) * value for name, value in self.terms().items())

    def terms(self) -> dict[str, Tensor]:
        """Return those that apply, by their names."""
        return {name: value for name, value in self._asdict().items() if value is not None}


def focal_frequency_loss(prediction: Tensor, target: Tensor, alpha: float = 1.0) -> Tensor:
    """Return the focal frequency loss [18] (arXiv 2012.12821).

    It is the mean squared distance of two spectra, in which frequencies with a larger error weigh more.

    Args:
        prediction: (b, c, h, w).
        target: Same shape.
        alpha: How strongly the weight follows the distance; 0 makes this the mean squared error (Parseval).
    """
    spectrum = torch.fft.fft2((prediction - target).float(), norm="ortho")
    squared = spectrum.real.square() + spectrum.imag.square()  # (b, c, h, w)
    weight = squared.detach().sqrt() ** alpha
    weight = weight / weight.amax(dim=(-2, -1), keepdim=True).clamp_min(1e-8)
    return (weight * squared).mean()


def edge_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean absolute error of differences between neighbouring pixels, a 0-d tensor.

    A blurred line costs much here although its area is small. The frequency loss does not cover that: its weights favor
    the frequencies with the largest errors, which are the low ones.

    Args:
        prediction: (b, c, h, w).
        target: Same shape.
    """
    error = prediction - target
    return sum(error.diff(dim=dim).abs().mean() for dim in (-2, -1))


def unchanged_loss(prediction: Tensor, batch: PairBatch) -> Tensor:
    """Return the absolute error where the pair is the same before and after, per pixel of the whole picture, 0-d.

    A haze of a few levels on plain paper costs little elsewhere, and is the first thing that one sees.

    Args:
        prediction: (b, 3, h, w) in [-1, 1].
        batch: Where nothing changes by 3 levels, neither there nor beside it.
    """
    change = (batch.y_j - batch.x_j).abs().amax(dim=1, keepdim=True)
    is_same = functional.max_pool2d(change, 3, stride=1, padding=1) < 3 * LEVEL
    return ((prediction - batch.y_j).abs() * is_same).mean()


def canvas_loss(positions: Tensor, batch: PairBatch) -> Tensor:
    """Return how far what lies in the reference at some positions is from what lies in the pair itself, a 0-d tensor.

    The canvas counts where the pair was edited, the mask everywhere: so positions are learned long before anything is
    copied from them, also from a reference that was edited in another color. Pictures are compared at several scales,
    since the gradient of a position reaches no further than a pixel.

    Args:
        positions: Where in the first reference, (b, 2, h, w) in [-1, 1], see `Transform.target_flow`.
        batch: The reference and the pair.
    """
    reference = torch.cat(Fetched.of(batch.x_i[:, 0], batch.y_i[:, 0]), dim=1)
    pair = torch.cat(Fetched.of(batch.x_j, batch.y_j), dim=1)
    loss = positions.new_zeros(())
    for scale in CANVAS_SCALES:
        source, goal, coarse = (functional.avg_pool2d(maps, scale) for maps in (reference, pair, positions))
        # 1 is the center of the outermost pixel, which lies further inside where pixels are larger.
        sizes = zip(pair.shape[:1:-1], goal.shape[:1:-1])  # width and height, both before and after
        factors = sent(torch.tensor([(1 - 1 / before) / (1 - 1 / after) for before, after in sizes]), coarse.device)
        fetched = warp(source, coarse * factors.view(1, 2, 1, 1))
        mask = goal[:, 3:]
        loss = loss + (mask * (fetched - goal)[:, :3].abs()).mean() + (fetched[:, 3:] - mask).abs().mean()
    return loss / len(CANVAS_SCALES)


def objective(output: EditOutput, batch: PairBatch, *, one_to_one: bool = False) -> Losses:
    """Compare the model's answer with the truth. The only place where training sees y_j."""
    # "One-source-to-one-target": M_x, too, goes straight from the source to its target (Sec. 5.1).
    x_j_hat_goal = batch.y_j if one_to_one else batch.x_j
    return Losses(
        source=functional.mse_loss(output.x_j_hat, x_j_hat_goal[:, None].expand_as(output.x_j_hat)),
        target=functional.l1_loss(output.y_j_hat, batch.y_j),
        frequency=focal_frequency_loss(output.y_j_hat, batch.y_j),
        edges=edge_loss(output.y_j_hat, batch.y_j),
        unchanged=unchanged_loss(output.y_j_hat, batch),
        move=output.offset.abs().mean(),
        canvas=None if output.positions is None else canvas_loss(output.positions, batch),
    )
