"""A tensor of which code believes that it is on a graphics card."""

import torch


class OnCard(torch.Tensor):
    """A tensor that nobody may look at without a wait."""

    is_cpu = False

    def __bool__(self) -> bool:
        """Fail: this would wait."""
        raise AssertionError("Somebody looked at a tensor of the card.")
