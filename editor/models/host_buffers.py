"""Buffers by whose values the host decides what to compute: they stay on the CPU, wherever their module goes.

To look at a number on a graphics card is to wait until the card has done all that it was given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from torch import Tensor, nn


class HostBuffers(nn.Module):
    """A module with such buffers.

    Attributes:
        ON_HOST: Their names.
    """

    ON_HOST: ClassVar[tuple[str, ...]]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> HostBuffers:
        """Move everything else: what `to`, `cuda` and `cpu` call."""
        kept = {name: self._buffers[name] for name in self.ON_HOST}
        super()._apply(fn, recurse)
        self._buffers.update(kept)
        return self
