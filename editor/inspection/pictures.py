"""Pictures and numbers of a trace, as the page Inspect shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from PIL import Image

from editor.grain import Grain
from editor.images import to_image
from editor.inspection.trace import Closeness, Trace, closeness
from editor.levels import Levels
from editor.views.affine import ColorRange, clipping, scale_legend, scale_picture, shift_legend, shift_picture
from editor.views.arrows import arrow_picture
from editor.views.color_curves import cube_picture, curve_picture, gain_picture
from editor.views.cutout import cutout_picture
from editor.views.error import error_legend, error_picture
from editor.views.factors import alpha_legend, alpha_picture, kept_legend, kept_picture
from editor.views.flow import PERCENTILE, displacement_pixels, flow_legend, flow_picture
from editor.views.probe import Probe, pack
from editor.views.strip import StripRow, strip
from editor.views.warped_grid import fold_share, grid_picture

FlowView = Literal["wheel", "arrows", "grid"]


class InspectionPictures(NamedTuple):
    """Pictures of one trace, named as in `Trace`; None where there is nothing to draw."""

    x_i: Image.Image
    y_i: Image.Image
    x_j: Image.Image
    flow: Image.Image
    flow_legend: Image.Image | None
    scale: Image.Image
    scale_legend: Image.Image
    shift: Image.Image
    shift_legend: Image.Image
    warped: Image.Image
    x_j_hat: Image.Image
    x_error: Image.Image
    error_legend: Image.Image
    move: Image.Image
    move_legend: Image.Image
    kept: Image.Image
    kept_legend: Image.Image
    paint: Image.Image
    copied_from: Image.Image | None
    canvas: Image.Image | None
    alpha: Image.Image | None
    alpha_legend: Image.Image | None
    curves: Image.Image | None
    cube: Image.Image | None
    gains: Image.Image | None
    cutout: Image.Image | None
    matte: Image.Image | None
    matte_legend: Image.Image | None
    pasted: Image.Image | None
    y_j_hat: Image.Image
    y_j: Image.Image | None
    y_error: Image.Image | None
    steps: Image.Image | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFacts:
    """Numbers of one trace.

    Attributes:
        step: Training step of the weights.
        typical_pixels: Median length of F's displacements.
        longest_pixels: Their 99th percentile.
        folded: Share of the pixels at which F folds x_i over itself.
        clipped: Share of the pixels at which C leaves the range of colors.
        source: Closeness of x_j_hat to x_j.
        source_before: Closeness of x_i to x_j.
        target: Closeness of y_j_hat to y_j; None where there is no truth.
        target_before: Closeness of x_j to y_j; None where there is no truth.
        moved_pixels: 99th percentile of how far M_y moves pixels of x_j.
        copied: Mean of `Trace.alpha` over the pixels, each clamped to [0, 1]; None where nothing can be copied.
        kept: Mean of `Trace.kept` over the pixels, each clamped to [0, 1].
        is_registered: Whether y_j was registered, that is moved onto x_j, as in training.
        levels: The noise level t of each sampling step.
        color_levels: See `Trace`.
        color_explained: See `Trace`.
        grain: See `Trace`.
        pasted: How near the edit comes to y_j with what the reference adds laid over it; None where nothing is.
        paste_explained: Share of what the edit changes that what the reference adds changes alike.
    """

    step: int
    typical_pixels: float
    longest_pixels: float
    folded: float
    clipped: float
    source: Closeness
    source_before: Closeness
    target: Closeness | None
    target_before: Closeness | None
    moved_pixels: float
    copied: float | None
    kept: float
    is_registered: bool
    levels: tuple[int, ...]
    color_levels: Levels | None
    color_explained: float | None
    grain: Grain | None
    pasted: Closeness | None
    paste_explained: float | None


class Inspected(NamedTuple):
    """All that a page shows of one inspection.

    Attributes:
        pictures: Path in the cache of each picture that was drawn, by the fields of `InspectionPictures`.
        facts: The numbers of the whole picture.
        probe: The numbers of single places, for the pointer.
    """

    pictures: Mapping[str, Path]
    facts: InspectionFacts
    probe: Probe


def draw_inspection(
    trace: Trace,
    view: FlowView = "wheel",
    max_pixels: float | None = None,
    color_range: ColorRange | None = None,
) -> InspectionPictures:
    """Draw a trace.

    Args:
        trace: What to draw.
        view: How to draw F.
        max_pixels: Scale of the color wheel; None takes one that fits F.
        color_range: Values of C at which its maps have their full colors; None takes one that fits C.
    """
    flow, key = _draw_flow(trace, view, max_pixels)
    move, move_pixels = flow_picture(trace.move, max_pixels)
    clipped = clipping(trace.affine, trace.warped)
    table, pasted = trace.color_table, trace.pasted
    range_ = color_range or ColorRange.fitted(trace.affine)
    return InspectionPictures(
        x_i=to_image(trace.x_i),
        y_i=to_image(trace.y_i),
        x_j=to_image(trace.x_j),
        flow=flow,
        flow_legend=key,
        scale=scale_picture(trace.affine, range_, clipped=clipped),
        scale_legend=scale_legend(trace.affine, range_),
        shift=shift_picture(trace.affine, range_, clipped=clipped),
        shift_legend=shift_legend(trace.affine, range_),
        warped=to_image(trace.warped),
        x_j_hat=to_image(trace.x_j_hat),
        x_error=error_picture(trace.x_j_hat, trace.x_j),
        error_legend=error_legend(),
        move=move,
        move_legend=flow_legend(move_pixels, "M_y's flow"),
        kept=kept_picture(trace.kept),
        kept_legend=kept_legend(),
        paint=to_image(trace.paint),
        copied_from=None if trace.copied_from is None else arrow_picture(trace.copied_from, trace.x_j),
        canvas=None if trace.canvas is None else to_image(trace.canvas),
        alpha=None if trace.alpha is None else alpha_picture(trace.alpha),
        alpha_legend=None if trace.alpha is None else alpha_legend(),
        curves=None if table is None else curve_picture(table),
        cube=None if table is None else cube_picture(table),
        gains=None if trace.color_gains is None else gain_picture(trace.color_gains),
        cutout=None if pasted is None else cutout_picture(pasted.cutout),
        matte=None if pasted is None else alpha_picture(pasted.matte),
        matte_legend=None if pasted is None else alpha_legend(),
        pasted=None if pasted is None else to_image(pasted.edit),
        y_j_hat=to_image(trace.y_j_hat),
        y_j=None if trace.y_j is None else to_image(trace.y_j),
        y_error=None if trace.y_j is None else error_picture(trace.y_j_hat, trace.y_j),
        steps=_draw_steps(trace) if len(trace.steps) > 1 else None,
    )


def measure_inspection(trace: Trace, *, step: int, is_registered: bool) -> InspectionFacts:
    """Return the numbers of a trace.

    Args:
        trace: What to measure.
        step: Training step of the weights.
        is_registered: Whether y_j was registered onto x_j.
    """
    lengths = displacement_pixels(trace.flow).norm(dim=0).flatten()
    moved = displacement_pixels(trace.move).norm(dim=0).flatten()
    has_truth = trace.y_j is not None
    return InspectionFacts(
        step=step,
        typical_pixels=lengths.median().item(),
        longest_pixels=torch.quantile(lengths, PERCENTILE).item(),
        folded=fold_share(trace.flow),
        clipped=clipping(trace.affine, trace.warped).float().mean().item(),
        source=closeness(trace.x_j_hat, trace.x_j),
        source_before=closeness(trace.x_i, trace.x_j),
        target=closeness(trace.y_j_hat, trace.y_j) if has_truth else None,
        target_before=closeness(trace.x_j, trace.y_j) if has_truth else None,
        moved_pixels=torch.quantile(moved, PERCENTILE).item(),
        copied=None if trace.alpha is None else trace.alpha.clamp(0, 1).mean().item(),
        kept=trace.kept.clamp(0, 1).mean().item(),
        is_registered=is_registered and has_truth,
        levels=trace.levels,
        color_levels=trace.color_levels,
        color_explained=trace.color_explained,
        grain=trace.grain,
        pasted=closeness(trace.pasted.edit, trace.y_j) if trace.pasted and has_truth else None,
        paste_explained=trace.pasted and trace.pasted.explained,
    )


def probe_inspection(trace: Trace) -> Probe:
    """Return the values of F, C and M_y at every place, which the page shows under the pointer."""
    return pack(displacement_pixels(trace.flow), trace.affine, displacement_pixels(trace.move), trace.kept)


def _draw_flow(trace: Trace, view: FlowView, max_pixels: float | None) -> tuple[Image.Image, Image.Image | None]:
    if view == "arrows":
        return arrow_picture(trace.flow, trace.x_j), None
    if view == "grid":
        return grid_picture(trace.flow, trace.x_j_hat), None
    picture, scale = flow_picture(trace.flow, max_pixels)
    return picture, flow_legend(scale)


def _draw_steps(trace: Trace) -> Image.Image:
    columns = [f"step {number}, t={level}" for number, level in enumerate(trace.levels, start=1)]
    return strip(columns, [StripRow("", [to_image(edit) for edit in trace.steps])], side=192)
