"""Pairs in place of those that an effect was learned from, to be seen where pages show references.

Edits do not look at them. The model pays references little attention once it has learned an effect, so the picture to
edit serves as its own (docs/SHARING.md has the figures); training draws i and j with replacement, so the model has seen
that. Where edits paste what a reference adds, it lies on the gray.
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
