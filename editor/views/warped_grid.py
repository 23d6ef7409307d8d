"""F as a deformed grid: where M_x stretches and squeezes x_i, and where it folds x_i over itself."""

from __future__ import annotations

import torch
from PIL import Image, ImageColor
from torch import Tensor
from torch.nn import functional

from editor.images import to_image
from editor.views.flow import displacement_pixels

SIDE = 512  # pixels of the drawing; lines at the model's size would be too coarse
CELLS = 16  # of the grid along a side
LINE_WIDTH = 1.6  # pixels of the drawing
FADING = 0.72  # opacity of the white between picture and grid
INK = "#1f4e4a"
FOLD = "#d9480f"


def jacobian(flow: Tensor) -> Tensor:
    """Return the determinant of the Jacobian of F: the area in x_i that one unit of area of x_j is sampled from.

    Args:
        flow: F, (2, h, w): sampling positions (x, y) in [-1, 1].

    Returns:
        (h, w): 1 where nothing is stretched, below 1 where x_i is enlarged, zero or less where it is folded over.

    Raises:
        ValueError: The flow has another shape, is not finite, or is smaller than 2 x 2 pixels.
    """
    displacement = displacement_pixels(flow)
    if min(displacement.shape[1:]) < 2:
        raise ValueError(f"expected a flow of at least 2 x 2 pixels, got {tuple(flow.shape)}")
    down, right = torch.gradient(displacement, dim=(1, 2))
    return (1 + right[0]) * (1 + down[1]) - down[0] * right[1]


def fold_share(flow: Tensor) -> float:
    """Return on which share of the picture F folds x_i over itself, 0 to 1; the arguments are those of `jacobian`."""
    return (jacobian(flow) <= 0).float().mean().item()


def grid_picture(flow: Tensor, background: Tensor) -> Image.Image:
    """Draw a regular grid on x_i after F has moved it, over a faded picture; folds are filled with `FOLD`.

    Args:
        flow: F, (2, h, w): sampling positions (x, y) in [-1, 1].
        background: (3, h, w) in [-1, 1].

    Returns:
        RGB picture of `SIDE` x `SIDE` pixels.

    Raises:
        ValueError: The flow has another shape or is not finite.
    """
    folded = _enlarged((jacobian(flow) <= 0).float()[None])
    paper = (_enlarged(flow.detach().float().cpu()) + 1) / 2 * CELLS  # positions in x_i, in cells of the grid
    down, right = torch.gradient(paper, dim=(1, 2))
    per_pixel = (down.square() + right.square()).sqrt().clamp(min=1e-6)  # cells that one pixel of the drawing spans
    distance = (paper - paper.round()).abs() / per_pixel  # to the nearest line, in pixels of the drawing
    line = (LINE_WIDTH - distance).clamp(0, 1).amax(dim=0, keepdim=True)
    picture = faded(background)
    picture = torch.lerp(picture, _color(FOLD), 0.75 * folded)
    return to_image(torch.lerp(picture, _color(INK), 0.85 * line))


def faded(background: Tensor, side: int = SIDE) -> Tensor:
    """Return a picture (3, h, w) enlarged to `side` pixels and mixed with white, as a background."""
    return torch.lerp(_enlarged(background.detach().float().cpu(), side), torch.ones(3, side, side), FADING)


def _enlarged(maps: Tensor, side: int = SIDE) -> Tensor:
    return functional.interpolate(maps[None], size=(side, side), mode="bilinear", align_corners=True)[0]


def _color(name: str) -> Tensor:
    return torch.tensor(ImageColor.getrgb(name)).view(3, 1, 1) / 127.5 - 1
