"""Finding where in a picture lies what a reference pair adds, given the model's soft answer for that picture.

A model that learns by regression paints what it is not sure of softly: its answer says well where a hat belongs, and
badly what its edge looks like. The reference pair says the opposite. So the cutout of the pair is registered to the
answer: first by an affine map, then by one that bends a little, from coarse to fine.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from editor.models.canvas import Fetched

SIDE = 128  # pixels of the shorter side at which cutouts are placed: finer, and it takes four times as long
TURNS = (-0.25, 0.0, 0.25)  # radians to begin with; the best is kept
BENDS = 6  # points along each side of the grid that bends the affine map
STIFFNESS = 10.0  # weight of the squared second differences of these points
STAGES = ((4, 25, 0.01), (2, 25, 0.006), (1, 25, 0.003))  # pixels that are averaged, rounds, learning rate
BLUR = 1.5  # pixels, standard deviation, of the last comparison: edges of the answer are soft anyway
LARGEST_HOLE = 0.08  # of the area of a matte: what is larger and was not edited, such as a clear lens, stays open


class Placement(NamedTuple):
    """Where in a cutout each place of a picture lies.

    Places are in halves of the picture's shorter side around its middle, those in the cutout in halves of its side.

    Attributes:
        affine: Rows for 1, x and y, (3, 2).
        bends: Added to it, on a grid over the picture, (1, 2, n, n).
        explained: Share of what the answer changes that the cutout, so placed, changes alike; at most 1.
    """

    affine: Tensor
    bends: Tensor
    explained: float

    def positions(self, height: int, width: int) -> Tensor:
        """Return the places for every pixel of a picture of that shape, (1, h, w, 2) in [-1, 1] of the cutout."""
        return _positions(self.affine, self.bends, height, width)


def cutout(source: Tensor, target: Tensor) -> Tensor:
    """Return what a pair adds: its pixels and a matte, so that target = matte * pixels + (1 - matte) * source.

    At an edge, a pixel that differs from the source by half as much as its neighbor is covered by half. Where the
    source had the same color as what was added, as pupils behind dark glasses do, there are holes; small ones are
    closed.

    Args:
        source: (1, 3, s, s) in [-1, 1].
        target: Same shape.

    Returns:
        (1, 4, s, s); the matte is in [0, 1].
    """
    mask = Fetched.of(source, target).mask
    small = functional.adaptive_avg_pool2d(mask, min(mask.shape[-1], SIDE)) > 0.3
    holes = _small_holes(small)
    inside = 1 - functional.max_pool2d(1 - holes - small.float(), 3, stride=1, padding=1)
    inside = functional.interpolate(torch.maximum(inside, holes), size=mask.shape[-2:])
    difference = (target - source).abs().mean(dim=1, keepdim=True)
    share = difference / functional.max_pool2d(difference, 3, stride=1, padding=1).clamp_min(1e-3)
    matte = torch.maximum(inside, torch.minimum(mask, share))
    pixels = source + (target - source) / matte.clamp_min(0.2)
    return torch.cat([pixels.clamp(-1, 1), matte], dim=1)


def place(answer: Tensor, base: Tensor, cutout: Tensor) -> Placement:
    """Register a cutout to the answer for a picture.

    Args:
        answer: The model's edit, (1, 3, h, w) in [-1, 1].
        base: The picture itself, same shape.
        cutout: (1, 4, s, s).
    """
    factor = max(1, round(min(answer.shape[-2:]) / SIDE))
    answer, base = (functional.avg_pool2d(picture, factor) for picture in (answer, base))
    cutout = functional.interpolate(cutout, size=(min(answer.shape[-2:]),) * 2, mode="area")
    with torch.inference_mode(False), torch.enable_grad():
        answer, base, cutout = answer.clone(), base.clone(), cutout.clone()
        affine = min((_begin(answer, base, cutout, turn) for turn in TURNS), key=lambda found: found[0])[1]
        affine = affine.requires_grad_()
        bends = torch.zeros(1, 2, BENDS, BENDS, requires_grad=True)
        for size, rounds, rate in STAGES:
            views = [functional.avg_pool2d(maps, size) for maps in (answer, base, cutout)]
            optimizer = torch.optim.Adam([affine, bends], lr=rate)
            for _ in range(rounds):
                loss = _error(*views, affine, bends, BLUR if size == 1 else 0) + STIFFNESS * _bending(bends)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    affine, bends = affine.detach(), bends.detach()
    left = _error(answer, base, cutout, affine, bends, BLUR)
    whole = _blurred(answer - base, BLUR).square().mean().clamp_min(1e-8)
    return Placement(affine, bends, 1 - (left / whole).item())


def laid(base: Tensor, cutout: Tensor, positions: Tensor) -> Tensor:
    """Return a picture (1, 3, h, w) with a cutout laid on it, taken from positions (1, h, w, 2)."""
    pixels, matte = functional.grid_sample(cutout, positions, align_corners=False).split([3, 1], dim=1)
    return base + matte * (pixels - base)


def _begin(answer: Tensor, base: Tensor, cutout: Tensor, turn: float) -> tuple[float, Tensor]:
    """Lay the middle of the cutout on that of what changed, at its size and turned, and better it a little.

    Returns:
        The error and the affine map.
    """
    (x, y), area = _middle(Fetched.of(base, answer).mask)
    (u, v), own = _middle(cutout[:, 3:])
    scale = min(max(math.sqrt(own / area), 0.5), 2.0)
    a, b = scale * math.cos(turn), scale * math.sin(turn)
    affine = torch.tensor([[u - a * x + b * y, v - b * x - a * y], [a, b], [-b, a]]).requires_grad_()
    views = [functional.avg_pool2d(maps, 4) for maps in (answer, base, cutout)]
    optimizer = torch.optim.Adam([affine], lr=0.02)
    for _ in range(20):
        loss = _error(*views, affine, None, 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item(), affine.detach()


def _middle(mask: Tensor) -> tuple[tuple[float, float], float]:
    """Return the center of mass and the area of a mask, in halves of its shorter side."""
    places = _places(*mask.shape[-2:])
    weight = mask[0, 0, ..., None]
    total = weight.sum().clamp_min(1e-6)
    x, y = ((weight * places).sum(dim=(0, 1)) / total).tolist()
    return (x, y), total.item() * (2 / min(mask.shape[-2:])) ** 2


def _places(height: int, width: int) -> Tensor:
    """Return the centers of all pixels in halves of the shorter side, (h, w, 2)."""
    half = min(height, width) / 2
    xs, ys = ((torch.arange(length) + 0.5 - length / 2) / half for length in (width, height))
    return torch.stack(torch.meshgrid(xs, ys, indexing="xy"), dim=-1)


def _positions(affine: Tensor, bends: Tensor | None, height: int, width: int) -> Tensor:
    positions = (affine[0] + _places(height, width) @ affine[1:])[None]
    if bends is None:
        return positions
    bent = functional.interpolate(bends, size=(height, width), mode="bicubic", align_corners=True)
    return positions + bent.permute(0, 2, 3, 1)


def _error(answer: Tensor, base: Tensor, cutout: Tensor, affine: Tensor, bends: Tensor | None, blur: float) -> Tensor:
    edit = laid(base, cutout, _positions(affine, bends, *base.shape[-2:]))
    difference = edit - answer
    return (_blurred(difference, blur) if blur else difference).square().mean()


def _bending(bends: Tensor) -> Tensor:
    """Return the bending energy of a grid (1, 2, n, n): zero for every affine map."""
    across, down = bends.diff(dim=-1), bends.diff(dim=-2)
    return across.diff(dim=-1).square().mean() + down.diff(dim=-2).square().mean() + across.diff(dim=-2).square().mean()


def _blurred(maps: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(3 * sigma)
    kernel = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel, channels = kernel / kernel.sum(), maps.shape[1]
    for shape, pad in (((1, -1), (reach, reach, 0, 0)), ((-1, 1), (0, 0, reach, reach))):
        weight = kernel.view(1, 1, *shape).expand(channels, 1, -1, -1)
        maps = functional.conv2d(functional.pad(maps, pad, "replicate"), weight, groups=channels)
    return maps


def _small_holes(solid: Tensor) -> Tensor:
    """Return 1 in each small hole of a mask (1, 1, h, w) of booleans, and 0 elsewhere.

    A hole is what is not reached from the border.
    """
    free = (~solid).float()
    border = functional.pad(torch.zeros_like(free[..., 1:-1, 1:-1]), (1, 1, 1, 1), value=1.0)
    holes = free * (1 - _spread(border * free, free))
    ids = torch.arange(1.0, holes.numel() + 1).view_as(holes)
    labels = _spread(ids * holes, holes).long().flatten()
    sizes = torch.bincount(labels, minlength=holes.numel() + 1)
    is_small = sizes < LARGEST_HOLE * solid.sum()
    is_small[0] = False
    return is_small[labels].float().view_as(holes)


def _spread(seed: Tensor, where: Tensor) -> Tensor:
    """Return the greatest value of the seed in each connected part of a mask (1, 1, h, w) of 0 and 1."""
    while True:
        grown = functional.max_pool2d(seed, 3, stride=1, padding=1) * where
        if torch.equal(grown, seed):
            return seed
        seed = grown
