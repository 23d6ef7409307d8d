"""What a reference pair adds, cut out: its pixels, and a matte that says where they cover the source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.data.dataset import PairDataset
from editor.image_files import load_layers
from editor.images import to_tensor
from editor.models.canvas import Fetched

SIDE = 128  # pixels of the shorter side at which cutouts are placed: finer, and it takes four times as long
BLEED = 4  # pixels
ALIKE = 0.3  # mean absolute difference of colors in [-1, 1] of a hole and what is around it
TINY_HOLE, LARGEST_HOLE = 0.01, 0.08  # of the area of a matte


def cutout(source: Tensor, target: Tensor) -> Tensor:
    """Return what a pair adds: its pixels and a matte, so that target = matte * pixels + (1 - matte) * source.

    At an edge, a pixel that differs from the source by half as much as its neighbor is covered by half. Where the
    source had the same color as what was added, as pupils behind dark glasses do, there are holes, which are closed.
    Skin between glasses and a beard is no such hole.

    Args:
        source: (1, 3, s, s) in [-1, 1].
        target: Same shape.

    Returns:
        (1, 4, s, s); the matte is in [0, 1].
    """
    mask = Fetched.of(source, target).mask
    small = functional.adaptive_avg_pool2d(torch.cat([target, mask], dim=1), min(mask.shape[-1], SIDE))
    solid = small[:, 3:] > 0.3
    holes = _closed_holes(small[:, :3], solid)
    inside = 1 - functional.max_pool2d(1 - holes - solid.float(), 3, stride=1, padding=1)
    inside = functional.interpolate(torch.maximum(inside, holes), size=mask.shape[-2:])
    difference = (target - source).abs().mean(dim=1, keepdim=True)
    share = difference / functional.max_pool2d(difference, 3, stride=1, padding=1).clamp_min(1e-3)
    matte = torch.maximum(inside, torch.minimum(mask, share))
    pixels = source + (target - source) / matte.clamp_min(0.2)
    return torch.cat([pixels.clamp(-1, 1), matte], dim=1)


class PairCutout(NamedTuple):
    """What a pair adds: its source and target, squares of equal size."""

    x_i: Image.Image
    y_i: Image.Image

    @property
    def num_bytes(self) -> int:
        """How much memory it takes, about."""
        return 6 * self.x_i.width * self.x_i.height

    def at(self, size: int) -> Tensor:
        """Return the cutout, (1, 4, s, s), where s is at most `size`: finer, and its detail would be aliased."""
        pair = (image.resize((size, size), Image.Resampling.LANCZOS) if size < image.width else image for image in self)
        return cutout(*(to_tensor(image)[None] for image in pair))


class CutoutPicture(NamedTuple):
    """A cutout without the pair that it is from, as a square picture: RGBA, where A is the matte."""

    image: Image.Image

    @classmethod
    def of(cls, cutout: Tensor) -> CutoutPicture:
        """Return a cutout (1, 4, s, s) as a picture. Where nothing is cut out, nothing of the pair is left."""
        pixels, matte = cutout[0].split([3, 1])
        levels = torch.cat([pixels.add(1).mul(127.5), matte.mul(255)]).round().clamp(0, 255).to(torch.uint8)
        levels = levels * (levels[3:] > 0)
        return cls(Image.fromarray(levels.permute(1, 2, 0).contiguous().numpy(), "RGBA"))

    @classmethod
    def load(cls, path: Path) -> CutoutPicture:
        """Read one.

        Raises:
            ImageError: It is no picture.
        """
        return cls(load_layers(path).merged())

    @property
    def num_bytes(self) -> int:
        """How much memory it takes, about."""
        return 4 * self.image.width * self.image.height

    def at(self, size: int) -> Tensor:
        """Return the cutout, see `PairCutout.at`."""
        levels = torch.from_numpy(np.array(self.image)).permute(2, 0, 1)[None] / 255
        pixels, matte = levels.split([3, 1], dim=1)
        if size < self.image.width:  # a pixel that is covered by half counts half
            covered = torch.cat([pixels * matte, matte], dim=1)
            covered = functional.interpolate(covered, size=(size, size), mode="bilinear", antialias=True)
            pixels, matte = covered.split([3, 1], dim=1)
            pixels = (pixels / matte.clamp_min(1e-3)).clamp(0, 1)
        return torch.cat([2 * _bled(pixels, matte) - 1, matte], dim=1)


class Cutouts:
    """The cutouts of pairs at the size at which they are placed, each made when it is first asked for."""

    def __init__(self, pairs: PairDataset, files: Mapping[str, Path] | None = None) -> None:
        """Take cutouts from these pairs.

        Args:
            pairs: The pairs.
            files: Cutouts of pairs that are not there themselves, at that size, see `CutoutPicture`.
        """
        self._pairs, self._files = pairs, files or {}
        self._made: dict[str, Tensor] = {}

    def __getitem__(self, name: str) -> Tensor:
        """Return that of one pair, (1, 4, s, s)."""
        if name in self._files and name not in self._made:
            self._made[name] = CutoutPicture.load(self._files[name]).at(self._pairs.pixels.shape[-1])
        elif name not in self._made:
            x_i, y_i = self._pairs[[self._pairs.names.index(name)]].images[0].split(1)
            self._made[name] = cutout(*(functional.avg_pool2d(image, _factor(image.shape[-1])) for image in (x_i, y_i)))
        return self._made[name]


def _bled(pixels: Tensor, matte: Tensor) -> Tensor:
    """Return pixels (1, 3, s, s) that go on beyond the edge of a matte (1, 1, s, s), where interpolation looks."""
    known = (matte > 0).float()
    pixels = pixels * known
    for _ in range(BLEED):
        sums = functional.avg_pool2d(torch.cat([pixels, known], dim=1), 3, stride=1, padding=1)
        is_next = (known == 0) & (sums[:, 3:] > 0)
        pixels = torch.where(is_next, sums[:, :3] / sums[:, 3:].clamp_min(1e-6), pixels)
        known = torch.maximum(known, is_next.float())
    return pixels


def placed_side(size: int) -> int:
    """Return the side of the cutouts of pairs of a size at which they are placed, in pixels."""
    return size // _factor(size)


def _factor(size: int) -> int:
    return max(1, round(size / SIDE))


def _closed_holes(target: Tensor, solid: Tensor) -> Tensor:
    """Return 1 where something was added that is not seen, since it has the color of what it covers, and 0 elsewhere.

    That is in a hole, which is not reached from the border. It must be tiny, or small and of the color around it.

    Args:
        target: (1, 3, h, w) in [-1, 1].
        solid: Where it was edited, (1, 1, h, w) booleans.
    """
    free = (~solid).float()
    border = functional.pad(torch.zeros_like(free[..., 1:-1, 1:-1]), (1, 1, 1, 1), value=1.0)
    holes = free * (1 - _flood_fill(border * free, free))
    ids = torch.arange(1.0, holes.numel() + 1).view_as(holes)
    labels = _flood_fill(ids * holes, holes).long().flatten()
    unlike = (target - _mean_nearby(target, solid.float())).abs().mean(dim=1).flatten()
    sizes, sums = (torch.bincount(labels, weights, holes.numel() + 1) for weights in (torch.ones_like(unlike), unlike))
    shares = sizes / solid.sum()
    is_closed = (shares < TINY_HOLE) | ((shares < LARGEST_HOLE) & (sums < ALIKE * sizes))
    is_closed[0] = False
    return is_closed[labels].float().view_as(holes)


def _mean_nearby(picture: Tensor, mask: Tensor) -> Tensor:
    """Return for each pixel the mean color of a picture (1, 3, h, w) around it where a mask (1, 1, h, w) is 1."""
    size = picture.shape[-1] // 16 * 2 + 1
    sums = functional.avg_pool2d(torch.cat([picture * mask, mask], dim=1), size, stride=1, padding=size // 2)
    return sums[:, :3] / sums[:, 3:].clamp_min(1e-6)


def _flood_fill(seed: Tensor, where: Tensor) -> Tensor:
    """Return the greatest value of the seed in each connected part of a mask (1, 1, h, w) of 0 and 1."""
    while True:
        grown = functional.max_pool2d(seed, 3, stride=1, padding=1) * where
        if torch.equal(grown, seed):
            return seed
        seed = grown
