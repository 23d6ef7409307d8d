"""Finding where in a picture lies what a reference pair adds, given the model's soft answer for that picture.

A model that learns by regression paints what it is not sure of softly: its answer says well where a hat belongs, and
badly what its edge looks like. The reference pair says the opposite. So the cutout of the pair is registered to the
answer: first by an affine map, then by one that bends a little, from coarse to fine. Of the cutouts of many pairs, that
which then differs least from the answer is the right one: a beard around a laughing mouth for a photo that laughs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from editor.models.canvas import Fetched
from editor.pasting.cutout import SIDE

TURNS = (-0.25, 0.0, 0.25)  # radians to begin with; the best is kept
BENDS = 6  # points along each side of the grid that bends the affine map
STIFFNESS = 10.0  # weight of the squared second differences of these points
COARSE = 4  # pixels that are averaged for the affine maps to begin with
ROUNDS, RATE = 20, 0.02  # of these, and the learning rate
DECAY = 0.9  # of a learning rate within its rounds
BLUR = 1.5  # pixels, standard deviation, of the last comparison: edges of the answer are soft anyway


class Stage(NamedTuple):
    """One stage of a placement, from coarse to fine.

    Attributes:
        kept: Cutouts that take part, the best of the stage before.
        size: Pixels of which a mean is taken.
        rounds: Steps of the optimizer.
        rate: Its learning rate to begin with.
    """

    kept: int
    size: int
    rounds: int
    rate: float


STAGES = (Stage(2, 4, 25, 0.01), Stage(2, 2, 25, 0.006), Stage(1, 1, 25, 0.003))


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
        return _positions(self.affine[None], self.bends, height, width)


def place(answer: Tensor, base: Tensor, cutouts: Tensor) -> tuple[int, Placement]:
    """Register cutouts to the answer for a picture, and tell which fits best.

    All are placed coarsely, the best few more finely, and the best of these as finely as is useful.

    Args:
        answer: The model's edit, (1, 3, h, w) in [-1, 1].
        base: The picture itself, same shape.
        cutouts: (n, 4, s, s), each with a matte that is not empty.

    Returns:
        Index of the cutout whose difference from the answer is least, and where it lies.
    """
    factor = max(1, round(min(answer.shape[-2:]) / SIDE))
    answer, base = (functional.avg_pool2d(picture, factor) for picture in (answer, base))
    cutouts = functional.interpolate(cutouts, size=(min(answer.shape[-2:]),) * 2, mode="area")
    with torch.inference_mode(False), torch.enable_grad():
        answer, base, cutouts = answer.clone(), base.clone(), cutouts.clone()
        affine, errors = _begin(answer, base, cutouts)
        bends = torch.zeros(len(cutouts), 2, BENDS, BENDS)
        left = torch.arange(len(cutouts))
        for stage in STAGES:
            best = errors.argsort(stable=True)[: stage.kept]
            left, affine, bends = left[best], affine[best], bends[best]
            views = [functional.avg_pool2d(maps, stage.size) for maps in (answer, base, cutouts[left])]
            blur = BLUR if stage.size == 1 else 0
            errors = _descend(partial(_bent_errors, *views, blur), (affine, bends), stage.rounds, stage.rate)
    whole = _blurred(answer - base, BLUR).square().mean().clamp_min(1e-8)
    rest = _errors(answer, base, cutouts[left], affine, bends, BLUR)[0]
    return int(left[0]), Placement(affine[0], bends, 1 - (rest / whole).item())


def laid(base: Tensor, cutout: Tensor, positions: Tensor) -> Tensor:
    """Return pictures (n, 3, h, w): one (1, 3, h, w) with cutouts laid on it, taken from positions (n, h, w, 2)."""
    pixels, matte = functional.grid_sample(cutout, positions, align_corners=False).split([3, 1], dim=1)
    return base + matte * (pixels - base)


def _begin(answer: Tensor, base: Tensor, cutouts: Tensor) -> tuple[Tensor, Tensor]:
    """Lay the middle of each cutout on that of what changed, at its size and turned, and better it a little.

    Returns:
        For each cutout the best affine map, (n, 3, 2), and its error, (n,).
    """
    (x, y), area = _middle(Fetched.of(base, answer).mask)
    affine = []
    for matte in cutouts[:, 3:].split(1):
        (u, v), own = _middle(matte)
        scale = min(max(math.sqrt(own / area), 0.5), 2.0)
        for turn in TURNS:
            a, b = scale * math.cos(turn), scale * math.sin(turn)
            affine.append([[u - a * x + b * y, v - b * x - a * y], [a, b], [-b, a]])
    affine = torch.tensor(affine)
    answer, base, cutouts = (functional.avg_pool2d(maps, COARSE) for maps in (answer, base, cutouts))
    turned = cutouts.repeat_interleave(len(TURNS), dim=0)
    errors = _descend(lambda maps: _errors(answer, base, turned, maps, None, 0), (affine,), ROUNDS, RATE)
    best = errors.view(-1, len(TURNS)).argmin(dim=1)
    return affine.view(-1, len(TURNS), 3, 2)[torch.arange(len(best)), best], errors.view(-1, len(TURNS)).amin(dim=1)


def _descend(errors: Callable[..., Tensor], parameters: Sequence[Tensor], rounds: int, rate: float) -> Tensor:
    """Lower errors (n,), each of which depends on its own row of the parameters, which are changed in place.

    Returns:
        The errors before the last change.
    """
    for parameter in parameters:
        parameter.requires_grad_()
    optimizer = torch.optim.Adam(parameters, lr=rate)
    for done in range(rounds):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - DECAY * done / rounds)
        found = errors(*parameters)
        optimizer.zero_grad()
        found.sum().backward()
        optimizer.step()
    for parameter in parameters:
        parameter.requires_grad_(False)
    return found.detach()


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
    """Return places (n, h, w, 2) under affine maps (n, 3, 2) and their bends (n, 2, b, b)."""
    places = _places(height, width).flatten(0, 1)
    positions = (affine[:, :1] + places @ affine[:, 1:]).unflatten(1, (height, width))
    if bends is None:
        return positions
    bent = functional.interpolate(bends, size=(height, width), mode="bicubic", align_corners=True)
    return positions + bent.permute(0, 2, 3, 1)


def _errors(answer: Tensor, base: Tensor, cutouts: Tensor, affine: Tensor, bends: Tensor | None, blur: float) -> Tensor:
    """Return mean squared differences from the answer of the picture with each cutout on it, (n,)."""
    edits = laid(base, cutouts, _positions(affine, bends, *base.shape[-2:]))
    differences = edits - answer
    return (_blurred(differences, blur) if blur else differences).square().mean(dim=(1, 2, 3))


def _bent_errors(answer: Tensor, base: Tensor, cutouts: Tensor, blur: float, affine: Tensor, bends: Tensor) -> Tensor:
    return _errors(answer, base, cutouts, affine, bends, blur) + STIFFNESS * _bending(bends)


def _bending(bends: Tensor) -> Tensor:
    """Return the bending energy of grids (n, 2, b, b), (n,): zero for every affine map."""
    across, down = bends.diff(dim=-1), bends.diff(dim=-2)
    second = across.diff(dim=-1), down.diff(dim=-2), across.diff(dim=-2)
    return sum(differences.square().mean(dim=(1, 2, 3)) for differences in second)


def _blurred(maps: Tensor, sigma: float) -> Tensor:
    reach = math.ceil(3 * sigma)
    kernel = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel, channels = kernel / kernel.sum(), maps.shape[1]
    for shape, pad in (((1, -1), (reach, reach, 0, 0)), ((-1, 1), (0, 0, reach, reach))):
        weight = kernel.view(1, 1, *shape).expand(channels, 1, -1, -1)
        maps = functional.conv2d(functional.pad(maps, pad, "replicate"), weight, groups=channels)
    return maps
