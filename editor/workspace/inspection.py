"""What the model sees and says about one pair of pairs, as pictures."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image

from editor.images import to_image
from editor.inference import Inspection
from editor.views.affine import scale_legend, scale_picture, shift_legend, shift_picture
from editor.views.error import error_legend, error_picture
from editor.views.flow import flow_legend, flow_picture


class InspectionPictures(NamedTuple):
    """Pictures of one inspection. Letters are those of the paper; `Inspection` says what each one is."""

    x_i: Image.Image
    x_j: Image.Image
    flow: Image.Image
    flow_legend: Image.Image
    scale: Image.Image
    scale_legend: Image.Image
    shift: Image.Image
    shift_legend: Image.Image
    warped: Image.Image
    x_j_hat: Image.Image
    x_error: Image.Image
    y_i: Image.Image
    y_j_hat: Image.Image
    y_j: Image.Image
    y_error: Image.Image
    error_legend: Image.Image


def draw_inspection(inspection: Inspection) -> InspectionPictures:
    """Return the pictures of an inspection. Flow is colored on a scale that fits it; the others' scales are fixed."""
    flow, max_pixels = flow_picture(inspection.flow, None)
    return InspectionPictures(
        x_i=to_image(inspection.x_i),
        x_j=to_image(inspection.x_j),
        flow=flow,
        flow_legend=flow_legend(max_pixels),
        scale=scale_picture(inspection.affine),
        scale_legend=scale_legend(inspection.affine),
        shift=shift_picture(inspection.affine),
        shift_legend=shift_legend(inspection.affine),
        warped=to_image(inspection.warped),
        x_j_hat=to_image(inspection.x_j_hat),
        x_error=error_picture(inspection.x_j_hat, inspection.x_j),
        y_i=to_image(inspection.y_i),
        y_j_hat=to_image(inspection.y_j_hat),
        y_j=to_image(inspection.y_j),
        y_error=error_picture(inspection.y_j_hat, inspection.y_j),
        error_legend=error_legend(),
    )
