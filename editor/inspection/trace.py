"""A trace of the model: every intermediate result on the way from one pair to another (Fig. 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from editor.config import OutputKind
from editor.device import autocast
from editor.editing.editor import Editor
from editor.editing.errors import EditorError, require_usable
from editor.grain import Grain
from editor.images import to_image
from editor.levels import Levels
from editor.metrics.psnr import psnr
from editor.models.autoencoder import split_copied, split_move
from editor.models.canvas import Fetched
from editor.models.noise import noise_from
from editor.models.sampling import noise_levels, sampling_steps
from editor.models.transform import identity_flow, warp
from editor.pasting.cutout import PairCutout, cutout
from editor.pasting.paste import Candidate, find_paste

MAX_STEPS = 8
SEED = 0  # of all noise, so that the same inputs always give the same trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Inputs, intermediate results and outputs of one edit, at the model's size s, on the CPU.

    With several sampling steps, [F, C] and what follows from them are those of the first step, M_y's answer is that of
    the last. At every pixel, `y_j_hat` = `kept` * T(x_j) + `paint`, where T resamples x_j at the positions `move`;
    where M_y copies from the reference, `alpha` * `canvas` is added. Where the run has a color map, T(x_j) has gone
    through it.

    Attributes:
        x_i: Source of the reference, (3, h, w) in [-1, 1].
        y_i: Target of the reference, same shape.
        x_j: Source to edit, same shape.
        y_j: The true target, same shape; None where there is none.
        flow: F, (2, h, w): sampling positions (x, y) in [-1, 1].
        affine: C, (2, h, w): scale and shift.
        warped: T_s(x_i), (3, h, w).
        x_j_hat: T_c(T_s(x_i)), (3, h, w).
        move: Positions at which M_y samples x_j, (2, h, w) like F.
        kept: Factor by which M_y multiplies the moved x_j, (h, w).
        paint: What M_y adds to it, (3, h, w).
        copied_from: Positions at which M_y samples y_i, (2, h, w) like F; None unless the output is "canvas", as
            are the next two.
        canvas: y_i sampled there, (3, h, w).
        alpha: Factor of the canvas, (h, w).
        steps: The edit after each sampling step, (3, h, w) each.
        levels: The noise level t of each step.
        color_table: The run's map from color to color, see `models.color_map`; None where there is none.
        color_gains: Its gains by the place in the picture; None where that does not matter.
        color_levels: By which each photo is stretched before it; None where it is not.
        color_explained: Share of the effect that it takes away, 0 to 1.
        grain: What edits get last of all, which is not in `steps`; None where there is none.
        pasted: What this reference adds, laid over the edit; None where nothing is pasted.
    """

    x_i: Tensor
    y_i: Tensor
    x_j: Tensor
    y_j: Tensor | None
    flow: Tensor
    affine: Tensor
    warped: Tensor
    x_j_hat: Tensor
    move: Tensor
    kept: Tensor
    paint: Tensor
    copied_from: Tensor | None
    canvas: Tensor | None
    alpha: Tensor | None
    steps: tuple[Tensor, ...]
    levels: tuple[int, ...]
    color_table: Tensor | None
    color_gains: Tensor | None
    color_levels: Levels | None
    color_explained: float | None
    grain: Grain | None
    pasted: Pasted | None

    @property
    def y_j_hat(self) -> Tensor:
        """The edit, (3, h, w)."""
        return self.steps[-1]


class Pasted(NamedTuple):
    """What a reference adds, as edits paste it.

    Attributes:
        cutout: Its pixels in [-1, 1] and its matte in [0, 1], (4, h, w), as it lies in the reference.
        matte: The matte where it lies in the edit, (h, w).
        edit: The edit with it, (3, h, w).
        explained: Share of what the edit changes that it changes alike, at most 1.
    """

    cutout: Tensor
    matte: Tensor
    edit: Tensor
    explained: float


class Closeness(NamedTuple):
    """How near a prediction comes to the truth, pixel by pixel.

    Attributes:
        psnr: dB; higher is better.
        difference: Mean absolute difference as a share of the full range.
    """

    psnr: float
    difference: float


def closeness(prediction: Tensor, truth: Tensor) -> Closeness:
    """Measure a prediction (3, h, w) in [-1, 1] against the truth, same shape."""
    difference = (prediction - truth).abs().mean().item() / 2
    return Closeness(psnr(prediction[None], truth[None]).item(), difference)


@torch.inference_mode()
def trace_edit(
    editor: Editor,
    *,
    x_i: Tensor,
    y_i: Tensor,
    x_j: Tensor,
    y_j: Tensor | None = None,
    noise_level: float = 1.0,
    num_steps: int = 1,
) -> Trace:
    """Edit x_j by the reference (x_i, y_i) and keep every intermediate result.

    Args:
        editor: Whose model edits.
        x_i: (3, h, w) in [-1, 1].
        y_i: Same shape.
        x_j: Same shape.
        y_j: Same shape. It is stored beside the results for comparison and never given to the model.
        noise_level: t of the first step as a share of the schedule: 0 leaves y_i(t) almost clean, 1 is pure noise.
        num_steps: Number of sampling steps, 1 to `MAX_STEPS`.

    Raises:
        EditorError: A number is out of range, or the weights produce no picture.
    """
    if not 0 <= noise_level <= 1:
        raise EditorError("The noise level must be between 0 and 1.")
    if not 1 <= num_steps <= MAX_STEPS:
        raise EditorError(f"The number of steps must be from 1 to {MAX_STEPS}.")
    model, device = editor.model, editor.device
    levels = noise_levels(model, num_steps, noise_level)
    batch = {"x_i": x_i[None, None], "y_i": y_i[None, None], "x_j": x_j[None]}
    with autocast(device):
        outputs = list(
            sampling_steps(
                model,
                **{name: image.to(device) for name, image in batch.items()},
                levels=levels,
                noise=noise_from(torch.Generator().manual_seed(SEED)),
            )
        )
    first, last = outputs[0], outputs[-1]
    require_usable(first.transform.flow, first.transform.affine, *(output.answer for output in outputs))
    flow = first.transform.flow[0].float().cpu()
    edit = last.y_j_hat[0].float().clamp(-1, 1).cpu()
    color_map = None if model.color_map is None or model.color_map.is_identity else model.color_map
    parts = answer_parts(model.config.output, last.answer[0].float().cpu(), x_i, y_i)
    return Trace(
        x_i=x_i.clone(),  # copies, because a view would keep all pairs of the run in memory
        y_i=y_i.clone(),
        x_j=x_j.clone(),
        y_j=None if y_j is None else y_j.clone(),
        flow=flow,
        affine=first.transform.affine[0].float().cpu(),
        warped=warp(x_i[None], flow[None])[0],
        x_j_hat=first.x_j_hat[0, 0].float().clamp(-1, 1).cpu(),
        move=identity_flow(x_j[None])[0] + last.offset[0].float().cpu(),
        kept=parts.kept,
        paint=parts.paint,
        copied_from=parts.copied_from,
        canvas=parts.canvas,
        alpha=parts.alpha,
        steps=tuple(output.y_j_hat[0].float().clamp(-1, 1).cpu() for output in outputs),
        levels=tuple(levels),
        color_table=None if color_map is None else color_map.table.float().cpu(),
        color_gains=color_map.gains.float().cpu() if color_map is not None and color_map.has_gains else None,
        color_levels=None if color_map is None else color_map.auto_levels,
        color_explained=None if color_map is None else color_map.explained.item(),
        grain=model.grain,
        pasted=_pasted(edit, x_j, x_i, y_i) if editor.adds else None,
    )


def _pasted(edit: Tensor, x_j: Tensor, x_i: Tensor, y_i: Tensor) -> Pasted | None:
    """Lay what a pair adds over an edit of x_j, all (3, h, w) in [-1, 1], if the pair explains the edit."""
    source = cutout(x_i[None], y_i[None])
    candidate = Candidate("i", source, lambda: PairCutout(to_image(x_i), to_image(y_i)))
    paste = find_paste(edit[None], x_j[None], [candidate])
    if paste is None:
        return None
    positions = paste.placement.positions(*paste.shape)
    matte = functional.grid_sample(source[:, 3:], positions, align_corners=False)
    return Pasted(source[0], matte[0, 0], paste.over(edit[None], x_j[None])[0], paste.placement.explained)


class AnswerParts(NamedTuple):
    """What M_y's answer makes of x_j and of the reference; names are those of `Trace`."""

    kept: Tensor
    paint: Tensor
    copied_from: Tensor | None = None
    canvas: Tensor | None = None
    alpha: Tensor | None = None


def answer_parts(kind: OutputKind, answer: Tensor, x_i: Tensor, y_i: Tensor) -> AnswerParts:
    """Return the parts of M_y's answer (c, h, w) for one picture and a reference, (3, h, w) each."""
    kind, plain, copied = split_copied(kind, answer[None])
    rest = split_move(kind, plain)[1][0]
    if kind in ("direct", "residual"):
        return AnswerParts(torch.full_like(rest[0], float(kind == "residual")), rest)
    if copied is None:
        return AnswerParts(1 + rest[0], rest[1:])
    fetched = Fetched.of(x_i[None], y_i[None]).at(copied.positions)
    alpha = copied.alpha(fetched.mask)[0, 0]
    return AnswerParts(1 + rest[0] - alpha, rest[1:], copied.positions[0], fetched.canvas[0], alpha)
