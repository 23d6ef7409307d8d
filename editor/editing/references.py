"""Which pairs of a run serve as the reference (x_i, y_i) of an edit (Sec. 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from editor.data.dataset import PairDataset
from editor.device import autocast
from editor.models.editing_model import EditingModel
from editor.models.transform import Transform, apply_transform

NUM_AVERAGED = 5  # references of the choice "average"
CHUNK_PIXELS = 32 * 128**2  # of the references that go through M_x at once; it bounds the memory for any number

ReferenceChoice = Literal["best", "random", "average"]


@torch.inference_mode()
def rank(model: EditingModel, pairs: PairDataset, names: Sequence[str], x_j: Tensor) -> list[str]:
    """Sort references by how near M_x brings their source x_i to x_j, the nearest first.

    The distance is the mean absolute difference of x_j and T_c(T_s(x_i)) (Eq. 3).

    Args:
        model: Whose M_x to ask.
        pairs: Holds the references.
        names: Of the references, all of them in `pairs`.
        x_j: The picture to edit, (1, 3, s, s) in [-1, 1], on the model's device.
    """
    position = {name: index for index, name in enumerate(pairs.names)}
    rows = torch.tensor([position[name] for name in names])
    distances = []
    for some in rows.split(max(1, CHUNK_PIXELS // x_j.shape[-1] ** 2)):
        x_i = pairs[some.tolist()].x.to(x_j.device)
        with autocast(x_j.device):
            transform = model.m_x(x_i, x_j.expand(len(x_i), -1, -1, -1))
        x_j_hat = apply_transform(x_i, Transform(transform.flow.float(), transform.affine.float()))
        distances.append((x_j_hat - x_j).abs().mean(dim=(1, 2, 3)))
    return [names[index] for index in torch.cat(distances).argsort(stable=True)]


def choose(
    names: Sequence[str],
    ranked: Callable[[], list[str]],
    *,
    count: int,
    choice: ReferenceChoice,
    named: str | None,
    seed: int,
) -> list[list[str]]:
    """Return groups of references; each group gives one edit, and the edits are averaged.

    Args:
        names: Of all references there are.
        ranked: Returns them sorted by `rank`. Called only where the choice needs it.
        count: References in a group, n - 1.
        choice: "random" as in Sec. 3.2, the "best" by rank, or "average": `NUM_AVERAGED` groups, each of which begins
            with another one of the best.
        named: A pair that a person has named. It makes one group, in which it comes first.
        seed: Decides the "random" order, and which pairs stand beside a named one.
    """
    if choice == "random" or named is not None:
        generator = torch.Generator().manual_seed(seed)
        order = [names[index] for index in torch.randperm(len(names), generator=generator)]
    else:
        order = ranked()
    if named is not None:
        order = [named, *(name for name in order if name != named)]
    num_groups = min(NUM_AVERAGED, len(order)) if choice == "average" and named is None else 1
    return [[order[(start + index) % len(order)] for index in range(count)] for start in range(num_groups)]
