"""Repairs of pairs in their store: aligning and swapping sides, exchanging partners, and undo.

What a pair was before lies in `DIR/originals`, in the layout of a store, until the pair is removed. All files of a
pair change at once, also after a crash, see `moves`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from editor.image_files import load_image, picture_size, save_png
from editor.pairs.doctor.shift import edges, find_shift, luminance_of
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair, PairFolder, require_same_shape
from editor.pairs.store import PairStore

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
    with store.lock:
        pair = _pair(store, name)
        source, target = load_image(pair.source), load_image(pair.target)
        offset = _offset(source, target)
        if offset == (0, 0):
            raise PairError(f"{name}: no shift can be seen. Leave the pair as it is, or align it by hand.")
        scale = source.width / target.width, source.height / target.height
        with store.temporary_files() as new_file:
            new = [new_file(file.parent) for file in _files(pair)]
            save_png(_shared(source, -offset.dx * scale[0], -offset.dy * scale[1]), new[0])
            save_png(_shared(target, offset.dx, offset.dy), new[1])
            arrive = [(path, old.with_suffix(".png")) for path, old in zip(new, _files(pair))]
            if _original(store, name):  # of several changes the first original counts
                store.commit(arrive, remove=_files(pair))
            else:
                store.commit([*_keep(store, pair), *arrive])
    return offset


def swap_sides(store: PairStore, name: str) -> None:
    """Make the picture before the picture after and vice versa; doing it again takes it back.

    Raises:
        PairError: There is no such pair.
        OSError: The store cannot be written.
    """
    with store.lock:
        files = [file for pair in (_pair(store, name), _original(store, name)) if pair for file in _files(pair)]
        others = [file for pair in zip(files[1::2], files[::2]) for file in pair]
        with store.temporary_files() as new_file:
            new = [new_file(file.parent) for file in files]
            for other, path in zip(others, new):
                shutil.copyfile(other, path)  # rather than moved: after a crash one could not tell whether it had been
            places = (file.with_suffix(other.suffix) for file, other in zip(files, others))
            store.commit(list(zip(new, places)), remove=files)


def exchange(store: PairStore, name: str, other: str) -> None:
    """Give two pairs each other's picture after; doing it again takes it back.

    Raises:
        PairError: There is no such pair, the pictures differ in shape, or one of the pairs was aligned.
        ImageError: A picture cannot be read.
        OSError: The store cannot be written.
    """
    with store.lock:
        pairs = [_pair(store, name), _pair(store, other)]
        for pair, partner in zip(pairs, reversed(pairs)):
            if _original(store, pair.name):
                raise PairError(f"{pair.name} was aligned. Undo that first.")
            require_same_shape(pair.name, picture_size(pair.source), picture_size(partner.target))
        files = [pair.target for pair in pairs]
        with store.temporary_files() as new_file:
            new = [new_file(file.parent) for file in files]
            for file, path in zip(reversed(files), new):
                shutil.copyfile(file, path)  # rather than moved, as in `swap_sides`
            places = [file.with_suffix(theirs.suffix) for file, theirs in zip(files, reversed(files))]
            store.commit(list(zip(new, places)), remove=files)


def undo(store: PairStore, name: str) -> None:
    """Bring back the pictures of a pair as they were before `align`.

    Raises:
        PairError: There is no such pair, or it was not changed.
        OSError: The store cannot be written.
    """
    with store.lock:
        pair, original = _pair(store, name), _original(store, name)
        if original is None:
            raise PairError(f"{name} was not changed, so there is nothing to take back.")
        back = [(kept, file.with_suffix(kept.suffix)) for kept, file in zip(_files(original), _files(pair))]
        store.commit(back, remove=_files(pair))


def originals(store: PairFolder) -> PairFolder:
    """Return the pairs of a store that were changed, as they were before."""
    return PairFolder(store.originals_dir)


def _pair(store: PairStore, name: str) -> Pair:
    for pair in store.pairs():
        if pair.name == name:
            return pair
    raise PairError(f"There is no pair named {name}. Reload the list of pairs.")


def _original(store: PairStore, name: str) -> Pair | None:
    return next((pair for pair in originals(store).pairs() if pair.name == name), None)


def _files(pair: Pair) -> tuple[Path, Path]:
    return pair.source, pair.target


def _keep(store: PairStore, pair: Pair) -> list[tuple[Path, Path]]:
    """Return the moves that make the present pictures of a pair its originals."""
    kept = originals(store)
    for directory in (kept.source_dir, kept.target_dir):
        directory.mkdir(parents=True, exist_ok=True)
    return [(pair.source, kept.source_dir / pair.source.name), (pair.target, kept.target_dir / pair.target.name)]


def _offset(source: Image.Image, target: Image.Image) -> Offset:
    scale = min(1.0, FINE_SIDE / max(target.size))
    size = max(8, round(target.width * scale)), max(8, round(target.height * scale))
    shift = find_shift(*(edges(luminance_of(image, size)) for image in (source, target)))
    return Offset(round(shift.dx * target.width / size[0]), round(shift.dy * target.height / size[1]))


def _shared(image: Image.Image, dx: float, dy: float) -> Image.Image:
    """Return what the other picture shows too, if this one lies `dx` pixels to the right of it and `dy` down."""
    left, top = max(0, round(dx)), max(0, round(dy))
    return image.crop((left, top, image.width + min(0, round(dx)), image.height + min(0, round(dy))))
