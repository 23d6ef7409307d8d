"""A cutout on a checkerboard, which shows where it is transparent."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from editor.images import to_image

CELLS = 16  # along the shorter side
LIGHT, DARK = 0.8, 0.5  # of the cells, in [-1, 1]


def cutout_picture(cutout: Tensor) -> Image.Image:
    """Draw a cutout.

    Args:
        cutout: Pixels in [-1, 1] and matte in [0, 1], (4, h, w).

    Returns:
        RGB picture of w x h pixels.
    """
    pixels, matte = cutout.detach().float().cpu().split([3, 1])
    height, width = matte.shape[-2:]
    cell = max(1, min(height, width) // CELLS)
    is_dark = (torch.arange(height)[:, None] // cell + torch.arange(width) // cell) % 2
    board = torch.where(is_dark.bool(), torch.tensor(DARK), torch.tensor(LIGHT))
    return to_image(torch.lerp(board.expand(3, -1, -1), pixels, matte.clamp(0, 1)))
