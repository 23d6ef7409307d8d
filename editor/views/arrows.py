"""F as a field of arrows at true length: from the position of content in x_i to its position in x_j."""

from __future__ import annotations

from PIL import Image
from torch import Tensor

from editor.images import to_image
from editor.views.card import OVERSAMPLING, Card
from editor.views.flow import displacement_pixels
from editor.views.warped_grid import SIDE, faded

ARROWS = 16  # along a side
COLOR = "#0f5f58"
SHORTEST = 0.012  # of the side; shorter displacements are drawn as a dot


def arrow_picture(flow: Tensor, background: Tensor) -> Image.Image:
    """Draw arrows over a faded picture.

    Args:
        flow: F, (2, h, w): sampling positions (x, y) in [-1, 1].
        background: (3, h, w) in [-1, 1].

    Returns:
        RGB picture of `warped_grid.SIDE` x `warped_grid.SIDE` pixels.

    Raises:
        ValueError: The flow has another shape or is not finite.
    """
    displacement = displacement_pixels(flow)
    height, width = displacement.shape[1:]
    card = Card(SIDE, SIDE)
    card.picture(to_image(faded(background, SIDE * OVERSAMPLING)), (0, 0), (SIDE, SIDE))
    for row in range(ARROWS):
        for column in range(ARROWS):
            x, y = (column + 0.5) / ARROWS, (row + 0.5) / ARROWS
            dx, dy = displacement[:, int(y * height), int(x * width)].tolist()
            dx, dy = dx / (width - 1), dy / (height - 1)
            head, tail = (x * SIDE, y * SIDE), ((x + dx) * SIDE, (y + dy) * SIDE)
            if (dx**2 + dy**2) ** 0.5 < SHORTEST:
                card.circle(head, 1.5, COLOR, 1.5)
            else:
                card.arrow(tail, head, COLOR, 1.7)
    return card.finish()
