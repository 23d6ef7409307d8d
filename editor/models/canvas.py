"""The canvas: y_i's own pixels, fetched to where they belong in x_j.

What an effect adds lies crisp in the reference pair. M_x says where in the reference each pixel of the edit lies
(`Transform.target_flow`); what is fetched from there is the canvas, and a mask of where the reference was edited. The
decoder sees both and answers at each pixel by how much (alpha) the canvas takes the place of x_j.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from editor.models.transform import warp

MOST_CHANGED = 0.5  # of a picture: an effect that changes more adds nothing, it changes everything
SAME, DIFFERENT = 0.04, 0.2  # mean absolute difference of colors in [-1, 1] where a pair was surely not, surely edited


class Fetched(NamedTuple):
    """What lies in a pair, or was fetched from it.

    Attributes:
        canvas: The target's pixels, (b, 3, h, w) in [-1, 1].
        mask: Where it differs from the source, (b, 1, h, w) in [0, 1].
    """

    canvas: Tensor
    mask: Tensor

    @classmethod
    def of(cls, source: Tensor, target: Tensor) -> Fetched:
        """Return what lies in a pair, (b, 3, h, w) each in [-1, 1]."""
        difference = (target - source).abs().mean(dim=1, keepdim=True)
        return cls(target, ((difference - SAME) / (DIFFERENT - SAME)).clamp(0, 1))

    def at(self, positions: Tensor) -> Fetched:
        """Return what lies at positions (b, 2, h, w) in [-1, 1], see `transform.warp`."""
        return Fetched(*warp(torch.cat(self, dim=1), positions).split([3, 1], dim=1))


def lay(edit: Tensor, base: Tensor, canvas: Tensor, alpha: Tensor) -> Tensor:
    """Return an edit (b, 3, h, w) in which the canvas takes the place of the base, as far as alpha says.

    Args:
        edit: What became of the base.
        base: x_j, its pixels moved already; same shape.
        canvas: What was fetched from y_i, same shape.
        alpha: (b, 1, h, w); 1 where the canvas is all that is seen, unless the edit paints there.
    """
    return edit + alpha * (canvas - base)
