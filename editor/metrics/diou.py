"""DIoU: intersection over union of the region that an edit changes and the region that it should change (Sec. 5.1).

The paper unites the edited regions of all pictures before it compares them (`union_diou`), which hides errors in single
pictures. `diou` compares every picture by itself. The text of the paper calls a lower value better, while its tables
mark a higher one and give the highest to its own method; as an intersection over union, higher is better.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

THRESHOLD = 16 / 255  # of the full range: visible, and above the noise of a camera or a JPEG


def diou(source: Tensor, edit: Tensor, target: Tensor) -> Tensor:
    """Return the intersection over union of the region that was edited and the region that should be edited.

    Args:
        source: Pictures before, (b, 3, h, w) in [-1, 1].
        edit: Their edits, same shape.
        target: Their true targets, same shape.

    Returns:
        (b,) in [0, 1]; 1 where both regions are empty.

    Raises:
        ValueError: The shapes differ.
    """
    check_same_shape(source, edit, target)
    return _overlap(edited_region(source, edit), edited_region(source, target))


def union_diou(source: Tensor, edit: Tensor, target: Tensor) -> Tensor:
    """Return the paper's form, which unites the regions of all pictures before it compares them (Sec. 5.1).

    The paper takes the region that should be edited from its training pairs. Here it comes from the same pictures as
    the edits, so that a perfect edit reaches 1 and the number of training pairs does not matter.

    Args:
        source: Pictures before, (b, 3, h, w) in [-1, 1].
        edit: Their edits, same shape.
        target: Their true targets, same shape.

    Returns:
        A 0-d tensor in [0, 1].

    Raises:
        ValueError: The shapes differ.
    """
    check_same_shape(source, edit, target)
    actual, expected = (edited_region(source, after).any(dim=0, keepdim=True) for after in (edit, target))
    return _overlap(actual, expected)[0]


def edited_region(source: Tensor, edit: Tensor) -> Tensor:
    """Return the pixels that were changed, (b, h, w) bool.

    A pixel counts when the absolute difference, averaged over the channels and over 3 x 3 pixels, exceeds
    `THRESHOLD`. The average over pixels removes single noisy pixels and fills small holes.

    Args:
        source: (b, 3, h, w) in [-1, 1].
        edit: Same shape.
    """
    difference = (edit.float() - source.float()).abs().mean(dim=1) / 2  # (b, h, w), share of the full range
    smooth = functional.avg_pool2d(difference, kernel_size=3, stride=1, padding=1, count_include_pad=False)
    return smooth > THRESHOLD


def _overlap(actual: Tensor, expected: Tensor) -> Tensor:
    """Return intersection over union of regions (b, h, w), (b,); 1 where both are empty."""
    union = (actual | expected).sum((1, 2))
    return ((actual & expected).sum((1, 2)) / union.clamp(min=1)).where(union > 0, 1.0)


def check_same_shape(source: Tensor, edit: Tensor, target: Tensor) -> None:
    """Make sure that the pictures can be compared.

    Raises:
        ValueError: The shapes differ, or are not (b, 3, h, w).
    """
    if not source.shape == edit.shape == target.shape or source.ndim != 4:
        shapes = ", ".join(str(tuple(image.shape)) for image in (source, edit, target))
        raise ValueError(f"expected three tensors of one shape (b, 3, h, w), got {shapes}")
