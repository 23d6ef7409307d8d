"""Placeholder pairs of an effect file that holds none of the pairs it was learned from. Pages show them as references.

The network does not get them. For such an effect the picture to edit is its own reference, on both sides. A trained
model hardly minds (docs/SHARING.md has the figures): training draws i and j with replacement, so it has seen x_i = x_j.
Where edits paste what the pairs add, a placeholder shows that cutout on gray.
"""

from __future__ import annotations

from PIL import Image

GRAY = (128, 128, 128)


def gray_pair(size: int) -> tuple[Image.Image, Image.Image]:
    """Return a source and a target that show nothing, squares of `size` pixels."""
    image = Image.new("RGB", (size, size), GRAY)
    return image, image


def cutout_pair(cutout: Image.Image, size: int) -> tuple[Image.Image, Image.Image]:
    """Return a source that shows nothing and a target with a cutout, RGBA, squares of `size` pixels."""
    source = Image.new("RGB", cutout.size, GRAY)
    target = source.copy()
    target.paste(cutout, mask=cutout.getchannel("A"))
    return tuple(image.resize((size, size), Image.Resampling.LANCZOS) for image in (source, target))
