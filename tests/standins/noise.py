"""Noise as a graph has it, in place of that of `Windows`."""

import torch


def same_noise(windows, which, seed):
    """Noise for some windows, the same for each, as a graph has it: see `Windows.noise`."""

    def draw(shape):
        generator = torch.Generator().manual_seed(seed)
        one = torch.randn((shape[0] // len(which), *shape[1:]), generator=generator)
        return one.repeat(len(which), 1, 1, 1)

    return draw
