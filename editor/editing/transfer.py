"""Applying the decoder's answer to the original at full size, with a factor for its strength."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from einops import rearrange
from PIL import Image
from torch import Tensor
from torch.nn import functional

from editor.config import OutputKind
from editor.editing.copying import Copy
from editor.images import Fit, to_image, to_tensor
from editor.models.autoencoder import blend, split_move
from editor.models.color_map import ColorMap
from editor.pasting.paste import Paste

# Offsets in pixels of the model: below the first a pixel stays, above the second it is moved in full. Smaller offsets
# are errors of the network, and resampling a large original by them would blur it.
STILL, MOVING = 0.15, 0.4


def transfer(
    kind: OutputKind,
    answer: Tensor,
    image: Image.Image,
    fit: Fit,
    *,
    copies: Sequence[Copy | Paste] = (),
    color_map: ColorMap | None = None,
    strength: float = 1.0,
    rows: int = 256,
) -> Image.Image:
    """Apply the decoder's answer to the pixels of the original, so that what is not edited stays as sharp as it was.

    The answer, not the edit, is enlarged: factors and sums at the model's size, applied to pixels at full size.

    Args:
        kind: What the channels of the answer mean, see `models.autoencoder.blend`.
        answer: (1, c, h, w), for the square or the strip that was made of `image`; the shorter side is the model's.
        image: The original, any size.
        fit: Where the picture lies in that square or strip. That of a copy at another size serves as well.
        copies: What is copied or pasted from references, for the same square or strip; it is laid over the rest.
        color_map: What every pixel goes through before the answer is applied to it, on the CPU; without gains.
        strength: Factor of the answer and of what the map changes: 0 gives exactly the original, and 1 the edit as
            learned.
        rows: Height of the bands that are computed one by one, which bounds the memory and changes nothing else.

    Returns:
        The edit at the size of `image`.
    """
    if strength == 0:
        return image.convert("RGB").copy()
    left, top, right, bottom = fit.box
    (width, height), room = image.size, answer.shape[:-3:-1]  # width and height, both
    side = min(room)  # offsets are in halves of it
    answer = answer.cpu()
    is_moved = kind == "warp"
    if is_moved:
        offset, rest = split_move(kind, answer)
        offset = settled(offset, side)
        to_original = torch.tensor([(side - 1) / (right - left), (side - 1) / (bottom - top)]).view(1, 2, 1, 1)
        answer = torch.cat([offset * to_original, rest], dim=1)
    answer = answer if kind == "direct" else answer * strength
    fitted = [copy.fitted(side, width / (right - left)) for copy in copies]
    result = Image.new("RGB", image.size)
    xs = (torch.arange(width) + 0.5) / width  # of pixel centers, as shares of the original's width
    for row in range(0, height, rows):
        bottom_row = min(row + rows, height)
        ys = (torch.arange(row, bottom_row) + 0.5) / height
        positions = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), dim=-1)[None]  # (1, rows, width, 2)
        places = torch.tensor([left, top]) + positions * torch.tensor([right - left, bottom - top])
        grid = places * 2 / torch.tensor(room) - 1
        part = functional.grid_sample(answer, grid, padding_mode="border", align_corners=False)
        strip = to_tensor(image.crop((0, row, width, bottom_row)))[None]
        if is_moved:
            offset, part = part[:, :2], part[:, 2:]
            is_at_rest = (offset == 0).all(dim=1, keepdim=True)  # such pixels are copied, not resampled
            columns = (~is_at_rest).any(dim=2).flatten().nonzero()
            if len(columns):  # cubic interpolation is slow, so only columns with movement are resampled
                some = slice(int(columns[0]), int(columns[-1]) + 1)
                goal = (positions + rearrange(offset, "b xy h w -> b h w xy") / 2)[:, :, some]
                strip[..., some] = strip[..., some].where(is_at_rest[..., some], _sampled(image, goal))
        base = strip if color_map is None else color_map(strip, strength)
        edit = blend(kind, part, base)
        for copy in fitted:
            edit = copy.lay_over(edit, base, grid, strength)
        if kind == "direct":  # such an answer is the edit itself, so its difference from the original is scaled
            edit = strip + strength * (edit - strip)
        result.paste(to_image(edit[0]), (0, row))
    return result


def settled(offset: Tensor, side: int) -> Tensor:
    """Return offsets (b, 2, h, w), in halves of `side` pixels, as zero where they are errors, see `STILL`."""
    pixels = offset.norm(dim=1, keepdim=True) * (side - 1) / 2
    return offset * ((pixels - STILL) / (MOVING - STILL)).clamp(0, 1)


def _sampled(image: Image.Image, positions: Tensor) -> Tensor:
    """Resample a picture bicubically at positions (1, h, w, 2), shares of its size. Only the rows in reach are read."""
    xs, ys = positions.unbind(-1)
    rows = ys * image.height - 0.5
    top = min(max(int(rows.min()) - 2, 0), image.height - 1)
    bottom = max(min(int(rows.max()) + 4, image.height), top + 1)  # a cubic reaches two rows further
    band = to_tensor(image.crop((0, top, image.width, bottom)))[None]
    grid = torch.stack([xs, (rows + 0.5 - top) / (bottom - top)], dim=-1) * 2 - 1
    return functional.grid_sample(band, grid, "bicubic", padding_mode="border", align_corners=False)
