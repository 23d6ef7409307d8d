"""Mending a pair in its store with one click, and taking that back.

What a pair was before lies in `DIR/originals`, in the layout of a store, until the pair is removed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from editor.images import load_image, save_png
from editor.pairs.registration import Luminance, edges, find_shift
from editor.pairs.store import Pair, PairError, PairStore

FINE_SIDE = 768  # pixels of the longer side at which a shift is measured before it is taken out


class Offset(NamedTuple):
    """How far the picture after lay to the right and down of the picture before, in its own whole pixels."""

    dx: int
    dy: int


def align(store: PairStore, name: str) -> Offset:
    """Lay the picture after on the picture before and crop both to what they share. `undo` takes it back.

    Nothing is resampled or invented: the pair only loses the borders that one of the two does not have.

    Args:
        store: Where the pair is.
        name: Which pair.

    Returns:
        By how much the pair was off.

    Raises:
        PairError: There is no such pair, or no shift can be seen.
        ImageError: A picture cannot be read.
        OSError: The store cannot be written.
    """
    pair = _pair(store, name)
    source, target = load_image(pair.source), load_image(pair.target)
    offset = _offset(source, target)
    if offset == (0, 0):
        raise PairError(f"{name}: no shift can be seen. Leave the pair as it is, or align it by hand.")
    scale = source.width / target.width, source.height / target.height
    _keep_original(store, pair)
    _write(pair.source, _shared(source, -offset.dx * scale[0], -offset.dy * scale[1]))
    _write(pair.target, _shared(target, offset.dx, offset.dy))
    return offset


def swap_sides(store: PairStore, name: str) -> None:
    """Make the picture before the picture after and vice versa; doing it again takes it back.

    Raises:
        PairError: There is no such pair.
        OSError: The store cannot be written.
    """
    _swap(_pair(store, name))
    for original in originals(store).pairs():
        if original.name == name:
            _swap(original)


def undo(store: PairStore, name: str) -> None:
    """Bring back the pictures of a pair as they were before `align`.

    Raises:
        PairError: There is no such pair, or it was not changed.
        OSError: The store cannot be written.
    """
    pair = _pair(store, name)
    for original in originals(store).pairs():
        if original.name == name:
            for kept, path in ((original.source, pair.source), (original.target, pair.target)):
                kept.replace(path.with_suffix(kept.suffix))
                if kept.suffix != path.suffix:
                    path.unlink()
            return
    raise PairError(f"{name} was not changed, so there is nothing to take back.")


def originals(store: PairStore) -> PairStore:
    """Return the pairs of a store that were changed, as they were before."""
    return PairStore(store.originals_dir)


def _pair(store: PairStore, name: str) -> Pair:
    for pair in store.pairs():
        if pair.name == name:
            return pair
    raise PairError(f"There is no pair named {name}. Reload the list of pairs.")


def _offset(source: Image.Image, target: Image.Image) -> Offset:
    scale = min(1.0, FINE_SIDE / max(target.size))
    size = max(8, round(target.width * scale)), max(8, round(target.height * scale))
    shift = find_shift(*(edges(_luminance(image, size)) for image in (source, target)))
    return Offset(round(shift.dx * target.width / size[0]), round(shift.dy * target.height / size[1]))


def _luminance(image: Image.Image, size: tuple[int, int]) -> Luminance:
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC).convert("L"), dtype=np.float32) / 255


def _shared(image: Image.Image, dx: float, dy: float) -> Image.Image:
    """Return what the other picture shows too, if this one lies `dx` pixels to the right of it and `dy` down."""
    left, top = max(0, round(dx)), max(0, round(dy))
    return image.crop((left, top, image.width + min(0, round(dx)), image.height + min(0, round(dy))))


def _keep_original(store: PairStore, pair: Pair) -> None:
    kept = originals(store)
    if pair.name in {original.name for original in kept.pairs()}:
        return  # of several changes the first original counts
    for directory, path in ((kept.source_dir, pair.source), (kept.target_dir, pair.target)):
        directory.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, directory / path.name)


def _write(path: Path, image: Image.Image) -> None:
    save_png(image, path.with_suffix(".png"))
    if path.suffix != ".png":
        path.unlink()


def _swap(pair: Pair) -> None:
    aside = pair.source.with_name(f".{pair.source.name}")
    pair.source.rename(aside)
    pair.target.rename(pair.source.with_suffix(pair.target.suffix))
    aside.rename(pair.target.with_suffix(aside.suffix))
