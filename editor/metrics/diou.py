"""DIoU: does an edit change the places that it should change, and only those (Sec. 5.1)?

The paper unites the edited regions of all pictures before it compares them (`union_diou`), which hides where a single
picture went wrong. `diou` compares every picture by itself. The text of the paper calls a lower value better, while
its tables mark a higher one and give the highest to its own method; as an intersection over union, higher is better.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

THRESHOLD = 16 / 255  # of the full range: a change that a person notices and that noise does not reach


def diou(source: Tensor, edit: Tensor, target: Tensor) -> Tensor:
    """Return the intersection over union of the region that was edited and the region that should be.

    Args:
        source: Pictures before, (b, 3, h, w) in [-1, 1].
        edit: What was made of them, same shape.
        target: What should be made of them, same shape.

    Returns:
        (b,) in [0, 1]. 1 where nothing had to change and nothing did.

    Raises:
        ValueError: The shapes differ.
    """
    check_same_shape(source, edit, target)
    return _overlap(edited_region(source, edit), edited_region(source, target))


def union_diou(source: Tensor, edit: Tensor, target: Tensor) -> Tensor:
    """Return the paper's form: all edited regions united, over all that should be edited, united (Sec. 5.1).

    The paper takes what should be edited from its training pairs. Here it comes from the same pictures as the edits,
    so that a perfect edit reaches 1 and the number of training pairs does not matter.

    Args:
        source: Pictures before, (b, 3, h, w) in [-1, 1].
        edit: What was made of them, same shape.
        target: What should be made of them, same shape.

    Returns:
        A 0-d tensor in [0, 1].

    Raises:
        ValueError: The shapes differ.
    """
    check_same_shape(source, edit, target)
    actual, expected = (edited_region(source, after).any(dim=0, keepdim=True) for after in (edit, target))
    return _overlap(actual, expected)[0]


def edited_region(source: Tensor, edit: Tensor) -> Tensor:
    """Return where a picture was changed, (b, h, w) bool.

    A pixel counts when the absolute difference, averaged over the channels and over 3 x 3 pixels, exceeds
    `THRESHOLD`. The average drops single noisy pixels and closes pinholes.

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
    """Refuse pictures that do not belong together.

    Raises:
        ValueError: The shapes differ, or are not (b, 3, h, w).
    """
    if not source.shape == edit.shape == target.shape or source.ndim != 4:
        shapes = ", ".join(str(tuple(image.shape)) for image in (source, edit, target))
        raise ValueError(f"expected three tensors of one shape (b, 3, h, w), got {shapes}")
