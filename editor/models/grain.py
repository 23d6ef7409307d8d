"""The grain of an effect as a part of its model, so that it is saved, shared and loaded with the weights."""

from __future__ import annotations

import torch

from editor.grain import NUM_TAPS, NUM_TONES, Grain
from editor.models.host_buffers import HostBuffers


class FilmGrain(HostBuffers):
    """What `training.grain_fit` found of the targets' grain; no gradient changes it, and M does not look at it.

    Attributes:
        kernel: (NUM_TAPS,), see `Grain`, and so are the next two.
        mixing: (3, 3).
        amplitude: (3, NUM_TONES); zeros where there is no grain.
    """

    ON_HOST = Grain._fields

    def __init__(self) -> None:
        super().__init__()
        for name, shape in zip(Grain._fields, ((NUM_TAPS,), (3, 3), (3, NUM_TONES))):
            self.register_buffer(name, torch.zeros(shape))

    @property
    def found(self) -> Grain | None:
        """The grain that edits get; None where they get none."""
        if not self.amplitude.any():
            return None
        return Grain(*(getattr(self, name).float().numpy() for name in Grain._fields))

    def fill(self, grain: Grain) -> None:
        """Remember what grain is like."""
        for name, values in grain._asdict().items():
            getattr(self, name).copy_(torch.from_numpy(values))
