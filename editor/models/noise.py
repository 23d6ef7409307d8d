"""Sources of Gaussian noise, which the model takes as an argument.

Whoever calls the model decides where its noise comes from: a seed, the rows of a larger batch (`training.micro_batch`),
a part of a larger picture (`editing.windows`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor

NoiseSource = Callable[[Sequence[int]], Tensor]  # a shape -> N(0, I) float32 of that shape, new at every call


def noise_from(generator: torch.Generator) -> NoiseSource:
    """Return a source that draws from `generator`, on its device. On the CPU, a seed gives the same on any machine."""
    return partial(torch.randn, generator=generator, device=generator.device)
