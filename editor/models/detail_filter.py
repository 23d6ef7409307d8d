"""A small U-Net that filters a photo at its own scale: line work, texture, grain, sharpening.

M works on a square of 128 to 512 pixels, so whatever is finer than its pixels is out of its reach. What such effects do
depends on the neighborhood of a pixel only, so a network that sees a few dozen pixels around each learns it from small
crops, and edits a photo of any size in tiles.
"""

from __future__ import annotations

import torch
from torch import Tensor

from editor.config import AutoencoderConfig
from editor.models.autoencoder import Decoder, Encoder, blend, crispen
from editor.models.host_buffers import HostBuffers

CONFIG = AutoencoderConfig(stem_patch=2, channels=(32, 48, 64))
MULTIPLE = CONFIG.stem_patch * 2 ** (len(CONFIG.channels) - 1)  # sides of its inputs are multiples of so many pixels
MARGIN = 72  # pixels: half the receptive field; what lies further from a pixel has no influence on it


class DetailFilter(HostBuffers):
    """What all pairs have in common as a filter; `training.detail` teaches it. It begins as the identity.

    Attributes:
        explained: Share of the squared difference between sources and targets that it takes away together with the
            color map, 0 to 1. While it is 0 nothing is filtered.
        crispness: How much of its answer's finest detail is added to it, see `training.crispness`. In evaluation mode
            only, like that of `EditingModel`.
    """

    ON_HOST = ("explained",)

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder(CONFIG)
        self.decoder = Decoder(CONFIG, output="blend", use_skips=True, use_noise=False)
        self.register_buffer("explained", torch.zeros(()))
        self.register_buffer("crispness", torch.zeros(()))

    @property
    def is_identity(self) -> bool:
        """Whether pictures are left as they are."""
        return self.explained.item() == 0

    def forward(self, pictures: Tensor) -> Tensor:
        """Filter pictures (b, 3, h, w) in [-1, 1], whose sides are multiples of `MULTIPLE`."""
        latents, skips = self.encoder(pictures)
        answer = self.decoder(latents, skips, None, torch.randn)
        if not self.training:
            answer = crispen("blend", answer, self.crispness)
        return blend("blend", answer, pictures)
