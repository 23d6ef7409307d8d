"""Image registration: targets that are shifted by chance, as in two photographs of one scene, are aligned.

A model cannot predict such a shift, and trained with it, it learns the mean of all shifts: doubled outlines. So each
target is warped onto its source by a smooth flow first. The part of the flow that all pairs share belongs to the effect
and is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from einops import rearrange
from torch import Tensor
from torch.nn import functional

from editor.config import RegistrationMode
from editor.data.dataset import PairDataset
from editor.models.transform import identity_flow, warp

GRID = 5  # control points along a side: too few for a flow that follows an edit such as a lifted corner of a mouth
SIZES = (32, 64)  # pixels
RATES = (0.01, 0.005)
NUM_ITERATIONS = 60  # at each size
STIFFNESS = 20.0  # weight of the flow's second differences
OUTLIER = 0.05  # squared color difference above which a pixel counts as edited rather than moved
# "auto" registers where moving takes away at least this share of the squared difference between source and target.
# Measured on seven effects: none to 0.1 % where targets were made from their sources, 35 % for icons drawn twice, 50 %
# for faces photographed twice.
LEAST_EXPLAINED = 0.15
PROBE = 16  # pairs that "auto" looks at
CHUNK_PIXELS = 64 * 128**2  # of the pairs that are fitted or moved at once: some 100 MB


class Registration(NamedTuple):
    """What was found about pairs.

    Attributes:
        training: By how much to move positions in the target of each pair to learn from, (m, 2, GRID, GRID) in units of
            half a side; None if nothing is to be moved.
        held_out: The same for the held-out pairs.
    """

    training: Tensor | None = None
    held_out: Tensor | None = None


class Registered(NamedTuple):
    """Pairs after registration: every target is aligned with its source.

    Attributes:
        training: To learn from.
        held_out: For previews.
        shift: Typical chance shift that was taken away, as a share of the side; None if nothing was changed.
    """

    training: PairDataset
    held_out: PairDataset
    shift: float | None


def register(training: PairDataset, held_out: PairDataset, mode: RegistrationMode = "auto") -> Registered:
    """Take chance shifts away, if there are any. See `find_registration` and `apply_registration`."""
    return apply_registration(training, held_out, find_registration(training, held_out, mode))


def find_registration(training: PairDataset, held_out: PairDataset, mode: RegistrationMode) -> Registration:
    """Find out by how much the targets are shifted by chance.

    Args:
        training: At least one pair.
        held_out: May be empty.
        mode: "auto" looks at a few pairs first and decides.
    """
    if mode == "off" or len(training) < 2:
        return Registration()
    if mode == "auto":
        probe = training[:PROBE]
        flows = fit_flows(probe, SIZES[:1])
        by_chance = flows - _common(flows)
        before = (probe.y - probe.x).square().mean()
        after = (move(probe.y, by_chance) - probe.x).square().mean()
        if after > (1 - LEAST_EXPLAINED) * before:
            return Registration()
    flows = fit_flows(training)
    common = _common(flows)
    return Registration(flows - common, fit_flows(held_out) - common)


def apply_registration(training: PairDataset, held_out: PairDataset, found: Registration) -> Registered:
    """Move the targets. They are rounded to 8 bits, an error of 59 dB PSNR, far below what is learned."""
    if found.training is None:
        return Registered(training, held_out, None)
    moved = []
    for pairs, offsets in ((training, found.training), (held_out, found.held_out)):
        pixels = pairs.pixels.clone()
        for rows in _chunks(pairs):
            some = pairs[rows]
            pixels[rows, 1] = PairDataset.of(some.names, move(some.y, offsets[rows])[:, None]).pixels[:, 0]
        moved.append(PairDataset(pairs.names, pixels))
    return Registered(*moved, shift=typical_shift(found.training))


def fit_flows(pairs: PairDataset, sizes: Sequence[int] = SIZES) -> Tensor:
    """Return by how much to move positions in each target so that it lies on its source.

    Differences are weighed robustly (Geman and McClure), so that what was edited does not count.

    Args:
        pairs: May be none.
        sizes: Pixels at which flows are fitted, one after the other.

    Returns:
        Offsets at GRID x GRID control points, (m, 2, GRID, GRID), in units of half a side.
    """
    found = [_fit_flows(pairs[rows], sizes) for rows in _chunks(pairs)]
    return torch.cat([torch.zeros(0, 2, GRID, GRID), *found])


def _chunks(pairs: PairDataset) -> Iterator[slice]:
    """Yield rows that together take little memory. Each pair is fitted by itself, so this changes no result."""
    size = max(1, CHUNK_PIXELS // pairs.pixels.shape[-1] ** 2)
    for start in range(0, len(pairs), size):
        yield slice(start, start + size)


def _fit_flows(pairs: PairDataset, sizes: Sequence[int]) -> Tensor:
    offsets = torch.zeros(len(pairs), 2, GRID, GRID, requires_grad=True)
    for size, rate in zip(sizes, RATES):
        x, y = (
            functional.interpolate(side, (size, size), mode="bilinear", antialias=True) for side in (pairs.x, pairs.y)
        )
        optimizer = torch.optim.Adam([offsets], lr=rate)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, total_iters=NUM_ITERATIONS)
        for _ in range(NUM_ITERATIONS):
            squared = (warp(y, identity_flow(y) + _enlarge(offsets, size)) - x).square().sum(dim=1)
            distance = squared / (squared + OUTLIER)
            loss = distance.mean(dim=(1, 2)) + STIFFNESS * _bending(offsets)
            optimizer.zero_grad()
            loss.sum().backward()  # every pair by itself
            optimizer.step()
            schedule.step()
    return offsets.detach()


def move(images: Tensor, offsets: Tensor) -> Tensor:
    """Sample images (m, 3, s, s) at positions moved by offsets (m, 2, GRID, GRID), sharply."""
    grid = rearrange(identity_flow(images) + _enlarge(offsets, images.shape[-1]), "b xy h w -> b h w xy")
    moved = functional.grid_sample(images, grid, mode="bicubic", padding_mode="border", align_corners=True)
    return moved.clamp(-1, 1)


def typical_shift(offsets: Tensor) -> float:
    """Return the median over pairs of the root mean square shift, as a share of the side."""
    squared = _enlarge(offsets, SIZES[0]).square().sum(dim=1)
    return squared.mean(dim=(1, 2)).sqrt().median().item() / 2


def _common(offsets: Tensor) -> Tensor:
    return offsets.median(dim=0, keepdim=True).values


def _enlarge(offsets: Tensor, size: int) -> Tensor:
    return functional.interpolate(offsets, size=(size, size), mode="bicubic", align_corners=True)


def _bending(offsets: Tensor) -> Tensor:
    """Return the mean squared second differences of each pair's offsets, (m,)."""
    across, down = offsets.diff(n=2, dim=-1), offsets.diff(n=2, dim=-2)
    twist = offsets.diff(dim=-1).diff(dim=-2)
    return sum(difference.square().mean(dim=(1, 2, 3)) for difference in (across, down, twist))
