"""Pairs whose sources went through the color map and the detail filter: what M sees and what references are.

Filtering takes seconds a megapixel on a CPU, so the run keeps the result at the model's size.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from editor.data.dataset import PairDataset, to_float, to_pixels
from editor.data.large_dataset import LargeDataset
from editor.device import autocast
from editor.files import replace_file
from editor.images import fit_to_square, to_image, to_tensor
from editor.models.detail_filter import MARGIN, MULTIPLE
from editor.models.editing_model import EditingModel
from editor.models.tiles import in_tiles


@torch.inference_mode()
def filter_pixels(model: EditingModel, pixels: Tensor) -> Tensor:
    """Return pictures (3, h, w) uint8 after the color map and the detail filter of `model`, same shape, on the CPU."""
    device = next(model.parameters()).device

    def filtered(tile: Tensor) -> Tensor:
        with autocast(device):
            edit = model.filtered(to_float(tile.to(device)).contiguous(memory_format=torch.channels_last))
        return to_pixels(edit).cpu()

    return in_tiles(filtered, pixels.cpu(), margin=MARGIN, multiple=MULTIPLE)


def filter_pairs(model: EditingModel, small: PairDataset, large: LargeDataset) -> tuple[PairDataset, float]:
    """Filter the sources of pairs.

    Args:
        model: In evaluation mode.
        small: Pairs at the model's size; may be only the first of `large`.
        large: The pairs at the size at which detail is learned.

    Returns:
        The pairs at the model's size with filtered sources, and the share of the squared difference between sources and
        targets that filtering takes away at the larger size, 0 to 1.
    """
    pixels, before, after = small.pixels.clone(), 0.0, 0.0
    for index in range(len(small)):
        x, y = large[index]
        edit = filter_pixels(model, x)
        before += _distance(x, y)
        after += _distance(edit, y)
        square, _ = fit_to_square(to_image(to_float(edit)), pixels.shape[-1])
        pixels[index, 0] = to_pixels(to_tensor(square))
    return PairDataset(small.names, pixels), max(0.0, 1 - after / before) if before else 0.0


def save_sources(path: Path, *pairs: PairDataset) -> None:
    """Write the sources of some pairs to a file."""
    tensors = {name: pixels[0].contiguous() for part in pairs for name, pixels in zip(part.names, part.pixels)}
    replace_file(path, save(tensors))


def with_sources(path: Path, pairs: PairDataset) -> PairDataset | None:
    """Return pairs with the sources that a file holds; None if there is no file, or none for these pairs."""
    shape = list(pairs.pixels.shape[2:])
    pixels = pairs.pixels.clone()
    try:
        with safe_open(path, framework="pt") as file:
            known = set(file.keys())
            for index, name in enumerate(pairs.names):
                if name not in known:
                    return None
                part = file.get_slice(name)
                if part.get_shape() != shape or part.get_dtype() != "U8":
                    return None
                pixels[index, 0] = file.get_tensor(name)
    except (OSError, SafetensorError):
        return None
    return PairDataset(pairs.names, pixels)


def _distance(a: Tensor, b: Tensor) -> float:
    return (to_float(a) - to_float(b)).square().mean().item()
