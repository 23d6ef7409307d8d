"""The trained network as a function of one picture, ready to be written as a graph: no references, no noise to draw.

The picture to edit is its own reference. Training draws i and j with replacement, so the model has seen that, and at
the last noise level y_i(t) is noise anyway. Edits differ from those by a reference about as little as those by two
references or by two seeds do (docs/SHARING.md has the figures), and what leaves home holds no photograph.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from editor.config import OutputKind
from editor.editing.transfer import settled
from editor.models.autoencoder import split_move
from editor.models.editing_model import EditingModel
from editor.models.noise import NoiseSource, noise_from
from editor.sharing.errors import SharingError

CHANNELS = ("move_x", "move_y", "factor", "red", "green", "blue")


class AnswerGraph(nn.Module):
    """x_j (1, 3, s, s) in [-1, 1] -> answer (1, 6, s, s) float32, whose channels are `CHANNELS`.

    They mean the same for every kind of output. The first two say, in pixels of the square, how far from a pixel its
    content is taken. With `base` for what is taken from there and the other four as `factor` and `paint`, the edit is

        base + strength * (factor * base + paint)
    """

    def __init__(self, model: EditingModel) -> None:
        """Take a trained model in evaluation mode, on the CPU.

        Raises:
            SharingError: Its edits are made of its reference pairs.
        """
        super().__init__()
        config = model.config
        if config.output == "canvas" or not config.use_x_j:
            raise SharingError(
                "This run makes its edits of what its pairs show, so it cannot edit without them. Give a folder for a "
                "copy of the run instead, or train another run with the standard settings."
            )
        self.model = copy.deepcopy(model)
        self.model.color_map = self.model.detail_filter = None  # whoever applies the answer looks after both
        x_j = torch.zeros(1, 3, config.image_size, config.image_size)
        drawn: list[Tensor] = []
        source = noise_from(torch.Generator().manual_seed(0))  # what `Editor.predict` draws for its first seed

        def draw(shape: Sequence[int]) -> Tensor:
            drawn.append(source(shape))
            return drawn[-1]

        with torch.inference_mode():
            self._answer(x_j, draw)
        for index, noise in enumerate(drawn):
            self.register_buffer(f"noise_{index}", noise.clone())
        self.num_noises = len(drawn)

    def forward(self, x_j: Tensor) -> Tensor:
        """Return the answer for a picture."""
        noises = iter([getattr(self, f"noise_{index}") for index in range(self.num_noises)])
        return uniform(self.model.config.output, self._answer(x_j, lambda shape: next(noises)))

    def _answer(self, x_j: Tensor, noise: NoiseSource) -> Tensor:
        reference = x_j[:, None].expand(-1, self.model.config.group_size - 1, -1, -1, -1)
        t = torch.full((1,), self.model.num_timesteps - 1)
        return self.model(x_i=reference, y_i=reference, x_j=x_j, t=t, noise=noise).answer


def uniform(kind: OutputKind, answer: Tensor) -> Tensor:
    """Return what a decoder says, (b, c, h, w), in the six channels that mean the same for every kind."""
    offset, rest = split_move(kind, answer)
    none = torch.zeros_like(rest[:, :1])
    if kind == "direct":  # instead of the picture
        factor, paint = none - 1, rest
    elif kind == "residual":
        factor, paint = none, rest
    else:
        factor, paint = rest.split([1, 3], dim=1)
    side = answer.shape[-1]
    return torch.cat([settled(offset, side) * (side - 1) / 2, factor, paint], dim=1)
