"""Sharpening that restores the fine detail which edits lack.

A network that is trained with pixel-wise losses blurs what it is uncertain about. By how much its edits are too soft is
measured on pairs that it learns from, and the detail of its answers is amplified accordingly.
"""

from __future__ import annotations

import torch
from torch import Tensor

from editor.metrics.sharpness import fine_detail

MOST = 0.3  # more costs 0.3 dB where edges are hard to place, and gives halos (ringing) in the first seconds
NUM_PAIRS = 2  # measured on; every preview takes the time


def fitting_crispness(*, plain: Tensor, crisp: Tensor, y: Tensor, most: float = MOST) -> float:
    """Return the crispness with which edits have as much energy of fine detail as the truth, 0 to `most`.

    Args:
        plain: Edits with a crispness of 0, (b, 3, h, w) in about [-1, 1].
        crisp: The same edits with a crispness of 1, same shape. An edit is linear in its crispness.
        y: The truth, same shape.
        most: The largest that is wanted.
    """
    # |has + amount * adds|^2 = |needs|^2 is a x^2 + b x + c = 0.
    a = b = c = torch.zeros((), device=y.device)
    for parts in zip(plain.split(1), crisp.split(1), y.split(1)):  # one at a time, for the spectra are large
        has, adds, needs = (fine_detail(part) for part in (parts[0], parts[1] - parts[0], parts[2]))
        a, b = a + adds.square().sum(), b + 2 * (has * adds).sum()
        c = c + has.square().sum() - needs.square().sum()
    # The root nearest to zero; the other one removes all detail first and then adds it with the sign changed.
    amount = (-b + (b.square() - 4 * a * c).clamp(min=0).sqrt().copysign(b)) / (2 * a)
    return min(max(0.0, amount.item()), most)  # 0.0 first: without any detail the amount is NaN
