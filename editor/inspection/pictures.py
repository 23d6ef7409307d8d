"""What the model sees and says about one pair of pairs, as pictures and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from PIL import Image

from editor.images import to_image
from editor.inspection.trace import Inspection, Reading, closeness
from editor.views.affine import ColorRange, clipping, scale_legend, scale_picture, shift_legend, shift_picture
from editor.views.arrows import arrow_picture
from editor.views.error import error_legend, error_picture
from editor.views.flow import PERCENTILE, displacement_pixels, flow_legend, flow_picture
from editor.views.grid import fold_share, grid_picture
from editor.views.mix import kept_legend, kept_picture
from editor.views.probe import Probe, pack
from editor.views.strip import StripRow, strip

FlowView = Literal["wheel", "arrows", "grid"]


class InspectionPictures(NamedTuple):
    """Pictures of one inspection; None is what there is not. Letters are those of the paper, see `Inspection`."""

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
    y_j_hat: Image.Image
    y_j: Image.Image | None
    y_error: Image.Image | None
    steps: Image.Image | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionFacts:
    """Numbers of one inspection.

    Attributes:
        step: Training step of the weights.
        typical_pixels: Median length of F's displacements.
        longest_pixels: Their 99th percentile.
        folded: Share of the picture on which F folds x_i over itself.
        clipped: Share of the picture on which C leaves the range of colors.
        source: x_j_hat against x_j.
        source_before: x_i against x_j.
        target: y_j_hat against y_j; None where there is no truth.
        target_before: x_j against y_j; None where there is no truth.
        moved_pixels: 99th percentile of how far M_y moves pixels of x_j.
        kept: Mean share of x_j that M_y keeps, at most 1 at each pixel.
        is_registered: Whether the truth was moved onto x_j, as in training.
        levels: The noise level t of each sampling step.
    """

    step: int
    typical_pixels: float
    longest_pixels: float
    folded: float
    clipped: float
    source: Reading
    source_before: Reading
    target: Reading | None
    target_before: Reading | None
    moved_pixels: float
    kept: float
    is_registered: bool
    levels: tuple[int, ...]


class Inspected(NamedTuple):
    """All that a page shows of one inspection.

    Attributes:
        pictures: Where those that there are lie in the cache, by the fields of `InspectionPictures`.
        facts: The numbers in words.
        probe: The numbers under the pointer.
    """

    pictures: Mapping[str, Path]
    facts: InspectionFacts
    probe: Probe


def draw_inspection(
    seen: Inspection,
    view: FlowView = "wheel",
    max_pixels: float | None = None,
    color_range: ColorRange | None = None,
) -> InspectionPictures:
    """Return the pictures of an inspection.

    Args:
        seen: What the model said.
        view: How to draw F.
        max_pixels: Scale of the color wheel; None takes one that fits F.
        color_range: Where the maps of C have their full colors; None takes one that fits C.
    """
    flow, key = _draw_flow(seen, view, max_pixels)
    move, move_pixels = flow_picture(seen.move, max_pixels)
    clipped = clipping(seen.affine, seen.warped)
    range_ = color_range or ColorRange.fitted(seen.affine)
    return InspectionPictures(
        x_i=to_image(seen.x_i),
        y_i=to_image(seen.y_i),
        x_j=to_image(seen.x_j),
        flow=flow,
        flow_legend=key,
        scale=scale_picture(seen.affine, range_, clipped=clipped),
        scale_legend=scale_legend(seen.affine, range_),
        shift=shift_picture(seen.affine, range_, clipped=clipped),
        shift_legend=shift_legend(seen.affine, range_),
        warped=to_image(seen.warped),
        x_j_hat=to_image(seen.x_j_hat),
        x_error=error_picture(seen.x_j_hat, seen.x_j),
        error_legend=error_legend(),
        move=move,
        move_legend=flow_legend(move_pixels, "M_y's flow"),
        kept=kept_picture(seen.kept),
        kept_legend=kept_legend(),
        paint=to_image(seen.paint),
        y_j_hat=to_image(seen.y_j_hat),
        y_j=None if seen.y_j is None else to_image(seen.y_j),
        y_error=None if seen.y_j is None else error_picture(seen.y_j_hat, seen.y_j),
        steps=_draw_steps(seen) if len(seen.steps) > 1 else None,
    )


def measure_inspection(seen: Inspection, *, step: int, is_registered: bool) -> InspectionFacts:
    """Return the numbers of an inspection.

    Args:
        seen: What the model said.
        step: Training step of the weights.
        is_registered: Whether the truth was moved onto x_j.
    """
    lengths = displacement_pixels(seen.flow).norm(dim=0).flatten()
    moved = displacement_pixels(seen.move).norm(dim=0).flatten()
    has_truth = seen.y_j is not None
    return InspectionFacts(
        step=step,
        typical_pixels=lengths.median().item(),
        longest_pixels=torch.quantile(lengths, PERCENTILE).item(),
        folded=fold_share(seen.flow),
        clipped=clipping(seen.affine, seen.warped).float().mean().item(),
        source=closeness(seen.x_j_hat, seen.x_j),
        source_before=closeness(seen.x_i, seen.x_j),
        target=closeness(seen.y_j_hat, seen.y_j) if has_truth else None,
        target_before=closeness(seen.x_j, seen.y_j) if has_truth else None,
        moved_pixels=torch.quantile(moved, PERCENTILE).item(),
        kept=seen.kept.clamp(0, 1).mean().item(),
        is_registered=is_registered and has_truth,
        levels=seen.levels,
    )


def probe_inspection(seen: Inspection) -> Probe:
    """Return the numbers of an inspection that a page reads under the pointer."""
    return pack(displacement_pixels(seen.flow), seen.affine, displacement_pixels(seen.move), seen.kept)


def _draw_flow(seen: Inspection, view: FlowView, max_pixels: float | None) -> tuple[Image.Image, Image.Image | None]:
    if view == "arrows":
        return arrow_picture(seen.flow, seen.x_j), None
    if view == "grid":
        return grid_picture(seen.flow, seen.x_j_hat), None
    picture, scale = flow_picture(seen.flow, max_pixels)
    return picture, flow_legend(scale)


def _draw_steps(seen: Inspection) -> Image.Image:
    columns = [f"step {number}, t={level}" for number, level in enumerate(seen.levels, start=1)]
    return strip(columns, [StripRow("", [to_image(edit) for edit in seen.steps])], side=192)
