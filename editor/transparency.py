"""Transparency: what a picture that is transparent in places is laid on, and how its edit becomes as transparent.

Models know colors only. So a transparent picture is learned and edited on a backdrop of one color on which it shows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

Color = tuple[int, int, int]
WHITE: Color = (255, 255, 255)
GRAY: Color = (128, 128, 128)  # for what is white itself; black would swallow black outlines
NEAR_WHITE = 48  # levels from white, in the mean over what is opaque; black line art has 255, a pale sticker 60
SAMPLES = 256  # of each side, for that mean
NAMES = {WHITE: "white", GRAY: "gray"}


class Layers(NamedTuple):
    """A picture as its colors and its opacity.

    Attributes:
        colors: RGB.
        opacity: Mode L, 255 where it is opaque; None where it is everywhere.
    """

    colors: Image.Image
    opacity: Image.Image | None = None

    @property
    def backdrop(self) -> Color:
        """The color on which it shows: white, unless it is nearly white itself."""
        if self.opacity is None:
            return WHITE
        size = tuple(min(SAMPLES, side) for side in self.colors.size)
        colors, opacity = (np.asarray(layer.resize(size, Image.Resampling.NEAREST), float) for layer in self)
        darkness = (255 - colors).mean(axis=2)
        return GRAY if (darkness * opacity).sum() < NEAR_WHITE * opacity.sum() else WHITE

    def on(self, backdrop: Color) -> Image.Image:
        """Return it as RGB, laid on a color."""
        if self.opacity is None:
            return self.colors
        laid = Image.new("RGB", self.colors.size, backdrop)
        laid.paste(self.colors, mask=self.opacity)  # what `Image.composite` does, without its copy
        return laid

    def resized(self, size: tuple[int, int]) -> Layers:
        """Return it at another width and height, without the colors that lie where it is fully transparent."""
        if size == self.colors.size:
            return self
        if self.opacity is None:
            return Layers(self.colors.resize(size, Image.Resampling.LANCZOS))
        resized = self.merged().resize(size, Image.Resampling.LANCZOS)  # of RGBA, Pillow weighs colors by the opacity
        return Layers(resized.convert("RGB"), resized.getchannel("A"))

    def merged(self) -> Image.Image:
        """Return it as RGBA."""
        return Image.merge("RGBA", (*self.colors.split(), self.opacity or Image.new("L", self.colors.size, 255)))

    def shown(self) -> Image.Image:
        """Return it as RGB, laid on its `backdrop`."""
        return self.on(self.backdrop)


def as_transparent(edit: Image.Image, photo: Layers) -> Image.Image:
    """Return the edit of a photo that was edited on its backdrop, as transparent as the photo.

    Args:
        edit: RGB, of the photo's size: what became of `photo.shown()`.
        photo: The photo.

    Returns:
        RGBA, without the backdrop; where nothing was edited, all of the photo's pixels to the bit. RGB where the photo
        is opaque everywhere.
    """
    if photo.opacity is None:
        return edit
    backdrop = np.asarray(photo.backdrop, np.float32)
    after, opacity = np.array(edit), np.asarray(photo.opacity)
    is_same = (after == np.asarray(photo.shown())).all(axis=2)
    after[is_same] = np.asarray(photo.colors)[is_same]
    is_mixed = ~is_same & (opacity > 0) & (opacity < 255)
    share = opacity[is_mixed, None].astype(np.float32) / 255
    pure = (after[is_mixed] - (1 - share) * backdrop) / share
    after[is_mixed] = pure.round().clip(0, 255).astype(np.uint8)
    return photo._replace(colors=Image.fromarray(after)).merged()
