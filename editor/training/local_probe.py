"""Does what becomes of a pixel go by its surroundings, as in a drawing, under a soft glow or where noise is taken away?

A detail filter learns such effects at full size; a color map cannot, and M sees too few pixels. To know before
anything is trained, a network with random weights in its only hidden layer (an extreme learning machine) is fitted in
closed form, once to what is around a pixel and once to its color alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

NUM_SAMPLES = 1_500  # pixels of each crop
NUM_FEATURES = 384  # of the hidden layer
WINDOW = 5  # pixels
SCALES = (1, 3, 9)  # that a pixel of the window stands for
NUM_FOLDS = 3
RIDGE = 1e-3  # regularization, for each sample
# Share of the squared error that surroundings may leave, of what colors leave, on pairs that both were not fitted to:
# noise taken away 0.18, a soft glow 0.24, ink 0.56, charcoal 0.59, a comic 0.62; sunglasses 0.82, all others more.
MOST_LEFT = 0.62


def is_local_filter(crops: Sequence[Tensor], generator: torch.Generator) -> bool:
    """Return whether surroundings explain pairs that colors alone do not.

    Args:
        crops: A source and its target each, (2, 3, h, w) in [-1, 1].
        generator: Source of all draws.
    """
    if len(crops) < NUM_FOLDS:
        return False
    around, colors, changes = [], [], []
    for x, y in crops:
        drawn = torch.randint(x[0].numel(), (NUM_SAMPLES,), generator=generator)
        around.append(torch.cat([_windows(x, drawn, scale) for scale in SCALES], dim=1))
        colors.append(x.flatten(1)[:, drawn].T)
        changes.append((y - x).flatten(1)[:, drawn].T)
    left, left_by_colors = (_left(torch.stack(kind), torch.stack(changes), generator) for kind in (around, colors))
    return left < MOST_LEFT * left_by_colors


def _windows(picture: Tensor, drawn: Tensor, scale: int) -> Tensor:
    """Return what is around pixels of a picture (3, h, w), given as indices (n,): (n, 3 * WINDOW ** 2)."""
    height, width = picture.shape[-2:]
    size = [max(1, side // scale) for side in (height, width)]
    small = functional.interpolate(picture[None], size, mode="area") if scale > 1 else picture[None]
    padded = functional.pad(small, [WINDOW // 2] * 4, mode="replicate")[0]
    rows, columns = drawn // width * size[0] // height, drawn % width * size[1] // width
    down, across = torch.meshgrid(torch.arange(WINDOW), torch.arange(WINDOW), indexing="ij")
    return padded[:, rows[:, None] + down.flatten(), columns[:, None] + across.flatten()].transpose(0, 1).flatten(1)


def _left(inputs: Tensor, outputs: Tensor, generator: torch.Generator) -> float:
    """Return the squared error for outputs (m, n, 3) of networks of inputs (m, n, k), on pairs not fitted to."""
    size = inputs.shape[-1]
    weights = torch.randn(size, NUM_FEATURES, generator=generator) * 2 / size**0.5
    hidden = torch.relu(inputs @ weights + torch.randn(NUM_FEATURES, generator=generator) / 2)
    features = torch.cat([hidden, inputs, torch.ones_like(inputs[..., :1])], dim=-1)
    ridge = torch.eye(features.shape[-1], dtype=torch.float64)
    folds, left = torch.arange(len(inputs)) % NUM_FOLDS, 0.0
    for fold in range(NUM_FOLDS):
        x, y = (kind[folds != fold].flatten(0, 1) for kind in (features, outputs))
        found = torch.linalg.solve((x.T @ x).double() + RIDGE * len(x) * ridge, (x.T @ y).double()).float()
        left += (outputs[folds == fold] - features[folds == fold] @ found).square().sum().item()
    return left
