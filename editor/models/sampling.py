"""From a trained model to an edit: which noise levels are asked for, and what is shown to the model at each."""

from __future__ import annotations

import torch
from torch import Tensor

from editor.models.editing_model import EditingModel, EditOutput


def noise_levels(model: EditingModel, num_steps: int) -> list[int]:
    """Return `num_steps` falling values of t, from the noisiest to about clean; one step asks for the noisiest."""
    last = model.num_timesteps - 1
    return [round(last * (num_steps - step) / num_steps) for step in range(num_steps)]


def sample(
    model: EditingModel,
    *,
    x_i: Tensor,
    y_i: Tensor,
    x_j: Tensor,
    num_steps: int = 1,
    generator: torch.Generator | None = None,
) -> EditOutput:
    """Edit x_j and return what the model said last; its `y_j_hat` is the edit.

    The paper does not describe sampling. One call already answers with y_j_hat. After it, (x_j, y_j_hat) is itself a
    pair and serves as its own reference at a smaller t: training draws i and j with replacement, so it has seen that.

    Args:
        model: The trained model.
        x_i: Sources of the references, (b, r, 3, h, w) in [-1, 1].
        y_i: Targets of the references, same shape.
        x_j: Images to edit, (b, 3, h, w) in [-1, 1].
        num_steps: Number of calls of the network, at least one.
        generator: Source of all noise.
    """
    output = None
    for level in noise_levels(model, num_steps):
        if output is not None:
            x_i, y_i = x_j[:, None], output.y_j_hat.clamp(-1, 1)[:, None]
        t = torch.full((x_j.shape[0],), level, device=x_j.device)
        output = model(x_i=x_i, y_i=y_i, x_j=x_j, t=t, generator=generator)
    return output
