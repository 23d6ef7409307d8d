"""What can go wrong with an edit, and the check of what a network has produced."""

from __future__ import annotations

from torch import Tensor

from editor.errors import UserError

MAX_ANSWER = 1e4  # the outputs of a trained network stay within a few units


class EditorError(UserError):
    """A run that cannot edit, or an edit that cannot be made. The message is for a person."""


def require_usable(*outputs: Tensor) -> None:
    """Make sure that outputs of the network are finite and of a plausible size.

    Weights that are all finite can still be so large that what they produce is not.

    Raises:
        EditorError: A value is NaN, infinite, or at least `MAX_ANSWER` in size.
    """
    for output in outputs:
        if not output.abs().max().item() < MAX_ANSWER:  # "not <" instead of ">=", so that NaN is refused too
            raise EditorError("The weights of this run produce no picture. Train another run.")
