"""Small copies of pictures for the pages, made only once, and what else a page wants to know of a picture."""

from __future__ import annotations

import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from PIL import Image

from editor.config import FitMode
from editor.files import link_or_copy, temporary_name
from editor.image_files import load_layers, picture_size, save_png
from editor.images import square_of

SIDE = 256  # pixels
NEARLY_SQUARE = 1.02  # of the longer side to the shorter: what is cut off, or added, cannot be seen


class Thumbnails:
    """A cache folder of small copies, by path, time of change and size of the original. Safe to use from any thread."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def get(self, path: Path, side: int = SIDE, fit: FitMode | None = None) -> Path:
        """Return a copy of a picture, at most `side` pixels long.

        Args:
            path: The picture.
            side: In pixels.
            fit: Make it the square that a model sees of it, see `images.square_of`.

        Raises:
            OSError: There is no such file, or the copy cannot be written.
            ImageError: It is no picture.
        """
        copy = self._place(path, side, fit)
        if not copy.is_file():
            image = load_layers(path).shown()
            if fit:
                image = square_of(image, side, fit)
            image.thumbnail((side, side), Image.Resampling.LANCZOS)
            save_png(image, copy, is_lasting=False)
        return copy

    def linked(self, path: Path) -> Path:
        """Return a small PNG of ours as a file of this folder: the same bytes under another name, which costs nothing.

        Raises:
            OSError: There is no such file, or the folder cannot be written.
        """
        copy = self._place(path, 0, None)
        if not copy.is_file():
            beside = copy.with_name(temporary_name())
            link_or_copy(path, beside)
            beside.replace(copy)
            beside.unlink(missing_ok=True)  # it stays where another thread has made the same link meanwhile
        return copy

    def existing(self, path: Path, side: int = SIDE, fit: FitMode | None = None) -> Path | None:
        """Return that copy if it was made already.

        Raises:
            OSError: There is no such file.
        """
        copy = self._place(path, side, fit)
        return copy if os.path.isfile(copy) else None  # noqa: PTH113 (a quarter of the time of Path.is_file)

    def size(self, path: Path) -> tuple[int, int]:
        """Return width and height in pixels; cheap to ask every second.

        Raises:
            OSError: There is no such file.
            ImageError: It is no picture.
        """
        return _size(path, os.stat(path).st_mtime_ns)  # noqa: PTH116 (half the time of Path.stat)

    def is_square(self, path: Path) -> bool:
        """Say whether nothing is to be decided about a picture: its sides are equal, or nearly; as cheap as `size`."""
        short, long = sorted(self.size(path))
        return long <= NEARLY_SQUARE * short

    def clear(self) -> None:
        """Delete all copies, for nothing tells which picture one is of. What a page asks for is made anew."""
        for copy in self.directory.glob("*.png"):
            copy.unlink(missing_ok=True)

    def _place(self, path: Path, side: int, fit: FitMode | None) -> Path:
        stat = os.stat(path)  # noqa: PTH116 (half the time of Path.stat)
        return _copy(self.directory, f"{path}|{stat.st_mtime_ns}|{stat.st_size}|{side}|{fit}")


@lru_cache(maxsize=20_000)
def _copy(directory: Path, key: str) -> Path:
    return directory / f"{sha256(key.encode()).hexdigest()[:24]}.png"


@lru_cache(maxsize=20_000)
def _size(path: Path, changed: int) -> tuple[int, int]:
    return picture_size(path)
