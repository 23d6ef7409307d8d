"""Pictures of F, the flow (Eq. 1): hue is the direction of a displacement, saturation its length.

F holds absolute sampling positions. Drawn is the displacement from a pixel to the position that its content comes
from, in pixels, in the color code of Baker et al., "A Database and Evaluation Methodology for Optical Flow" (2011).
"""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor

from editor.images import to_image
from editor.models.transform import identity_flow
from editor.views.card import INK, MUTED, Card

PERCENTILE = 0.99  # of the displacements, which sets the automatic scale; outliers are ignored


def displacement_pixels(flow: Tensor) -> Tensor:
    """Return where each pixel's content comes from, relative to the pixel.

    Args:
        flow: F, (2, h, w): sampling positions (x, y) in [-1, 1], where -1 and 1 are centers of the outermost pixels.

    Returns:
        (2, h, w) float32: (x, y) in pixels, x to the right and y down.

    Raises:
        ValueError: The tensor has another shape or holds values that are not finite.
    """
    if flow.ndim != 3 or flow.shape[0] != 2:
        raise ValueError(f"expected a flow of shape (2, h, w), got {tuple(flow.shape)}")
    if not flow.isfinite().all():
        raise ValueError("the flow holds values that are not finite")
    flow = flow.detach().float().cpu()
    height, width = flow.shape[1:]
    half_size = torch.tensor([width - 1, height - 1]).view(2, 1, 1) / 2
    return (flow - identity_flow(flow[None])[0]) * half_size


def flow_picture(flow: Tensor, max_pixels: float | None = None) -> tuple[Image.Image, float]:
    """Draw a flow. White stays where it is; hue is direction; full color is `max_pixels` or more.

    Args:
        flow: F, (2, h, w): sampling positions (x, y) in [-1, 1].
        max_pixels: Scale in pixels. Give the same one to pictures that are to be compared. Without it, the 99th
            percentile of this flow, at least one pixel.

    Returns:
        The picture, w x h pixels, and the scale it was drawn at.

    Raises:
        ValueError: The flow has another shape or is not finite, or the scale is not greater than zero.
    """
    pixels = displacement_pixels(flow)
    if max_pixels is None:
        max_pixels = max(1.0, torch.quantile(pixels.norm(dim=0), PERCENTILE).item())
    if max_pixels <= 0:
        raise ValueError(f"max_pixels={max_pixels} must be greater than zero")
    return to_image(_colors(pixels, max_pixels)), max_pixels


def flow_legend(max_pixels: float, name: str = "Flow F") -> Image.Image:
    """Draw the key to `flow_picture`: a wheel with its scale, 560 x 420 pixels.

    Args:
        max_pixels: The scale that the picture was drawn at.
        name: What the flow is called.
    """
    card = Card(560, 420)
    card.text((280, 34), f"{name}: where each pixel comes from", 24)
    x, y, radius = 280.0, 220.0, 130.0
    card.picture(_wheel(round(4 * radius)), (x - radius, y - radius), (round(2 * radius), round(2 * radius)))
    for share in (0.5, 1.0):
        card.circle((x, y), radius * share, INK, 1.5)
    for dx, dy, label, anchor in (
        (1, 0, "from the right", "lm"),
        (-1, 0, "from the left", "rm"),
        (0, -1, "from above", "mb"),
        (0, 1, "from below", "mt"),
    ):
        card.arrow((x + dx * radius * 0.94, y + dy * radius * 0.94), (x + dx * radius * 0.62, y + dy * radius * 0.62))
        gap = radius + 10
        card.text((x + dx * gap, y + dy * gap), label, 20, anchor, MUTED)
    for share in (0.5, 1.0):  # on the diagonal, where no arrow is
        reach = radius * share * 0.5**0.5
        card.text((x + reach, y + reach), f"{max_pixels * share:.3g} px", 20, outlined=True)
    card.text((280, 396), f"white: stays    full color: {max_pixels:.3g} px or more", 20)
    return card.finish()


def _colors(pixels: Tensor, max_pixels: float) -> Tensor:
    """Return the colors of displacements (2, h, w) as (3, h, w) in [-1, 1]."""
    from torchvision.utils import flow_to_image  # takes two seconds, which only who looks at a flow waits for

    norm = pixels.norm(dim=0).clamp(min=max_pixels)
    clipped = pixels * (max_pixels / norm)
    # torchvision divides by the longest vector it is given, so one of length `max_pixels` goes in with the others.
    longest = torch.tensor([max_pixels, 0.0]).view(2, 1, 1).expand(2, 1, pixels.shape[2])
    colors = flow_to_image(torch.cat([clipped, longest], dim=1))[:, :-1]
    return colors.float() / 127.5 - 1


def _wheel(side: int) -> Image.Image:
    """Return a disc on which every point has the color of its own displacement from the center."""
    axis = torch.linspace(-1, 1, side)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    pixels = torch.stack([x, y])
    outside = pixels.norm(dim=0) > 1
    return to_image(_colors(pixels.masked_fill(outside, 0.0), max_pixels=1.0))  # no displacement is white
