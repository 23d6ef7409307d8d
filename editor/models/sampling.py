"""From a trained model to an edit: which noise levels are asked for, and what is shown to the model at each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from editor.models.editing_model import EditingModel, EditOutput
from editor.models.noise import NoiseSource


def noise_levels(model: EditingModel, num_steps: int, first: float = 1.0) -> list[int]:
    """Return `num_steps` falling values of t, from the share `first` of the schedule to about clean."""
    last = first * (model.num_timesteps - 1)
    return [round(last * (num_steps - step) / num_steps) for step in range(num_steps)]


def sample(
    model: EditingModel,
    *,
    x_i: Tensor,
    y_i: Tensor,
    x_j: Tensor,
    num_steps: int = 1,
    noise: NoiseSource = torch.randn,
) -> EditOutput:
    """Edit x_j and return what the model said last; its `y_j_hat` is the edit.

    Args:
        model: The trained model.
        x_i: Sources of the references, (b, r, 3, h, w) in [-1, 1].
        y_i: Targets of the references, same shape.
        x_j: Images to edit, (b, 3, h, w) in [-1, 1].
        num_steps: Number of calls of the network, at least one.
        noise: Source of all noise.
    """
    levels = noise_levels(model, num_steps)
    *_, last = sampling_steps(model, x_i=x_i, y_i=y_i, x_j=x_j, levels=levels, noise=noise)
    return last


def sampling_steps(
    model: EditingModel,
    *,
    x_i: Tensor,
    y_i: Tensor,
    x_j: Tensor,
    levels: Sequence[int],
    noise: NoiseSource = torch.randn,
) -> Iterator[EditOutput]:
    """Yield what the model says at each noise level.

    The paper does not describe sampling. One call already answers with y_j_hat. After it, (x_j, y_j_hat) is itself a
    pair and serves as its own reference at a smaller t: training draws i and j with replacement, so it has seen that.
    A model that copies from the reference keeps that one, too.

    Args:
        model: The trained model.
        x_i: As in `sample`, and so are the next two.
        y_i: Targets of the references.
        x_j: Images to edit.
        levels: Falling values of t, see `noise_levels`.
        noise: Source of all noise.
    """
    num_kept = model.num_copied_from
    for level in levels:
        t = torch.full((x_j.shape[0],), level, device=x_j.device)
        output = model(x_i=x_i, y_i=y_i, x_j=x_j, t=t, noise=noise)
        yield output
        x_i = torch.cat([x_i[:, :num_kept], x_j[:, None]], dim=1)
        y_i = torch.cat([y_i[:, :num_kept], output.y_j_hat.clamp(-1, 1)[:, None]], dim=1)
