"""A run's pairs at more than the model's size: detail that `models.detail_filter` learns and `models.canvas` copies.

They are made as the run's own copies are, only larger, and kept as `source/NAME.jpg` and `target/NAME.jpg`. A pair that
is no larger than the model's size is not kept twice.
"""

from __future__ import annotations

import math
import shutil
import statistics
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from editor.config import RunConfig
from editor.files import replace_file
from editor.images import square_of

MAX_SIDE = 1024  # pixels
MAX_PIXELS = 64 * 2**20  # of all together, some 20 MB in files: 32 pairs may have the largest side
QUALITY = 95  # as good as the photos that people have, in a thirtieth of the time that a PNG takes
SIDES = ("source", "target")


class LargePairs:
    """Writes the pairs of one new run, whose names are known only once all have been looked at."""

    def __init__(self, directory: Path, config: RunConfig, num_pairs: int) -> None:
        """Begin.

        Args:
            directory: Where; it need not be there.
            config: Of the run.
            num_pairs: How many there will be; they share the room.
        """
        self._directory, self._config = directory, config
        self._limit = min(MAX_SIDE, math.isqrt(MAX_PIXELS // (2 * num_pairs)))
        self._kept: list[bool] = []
        self._sides: list[tuple[int, int]] = []  # of each pair, kept and as it came

    @property
    def side(self) -> int:
        """Typical side of what is learned from, in pixels; the model's size where all pairs are small."""
        return round(statistics.median(kept for kept, _ in self._sides))

    @property
    def scale(self) -> float:
        """How large pictures are, typically, against the files that they were made of; at most 1."""
        return statistics.median(kept / side for kept, side in self._sides)

    def add(self, source: Image.Image, target: Image.Image) -> tuple[Image.Image, Image.Image] | None:
        """Keep the next pair, given at full size, if it is larger than the model's size, and return it at that size.

        Returns:
            Squares; those of pairs that are as large as the model's are not kept, and of smaller ones there are none.

        Raises:
            OSError: The disk is full or the folder cannot be written.
        """
        fit, index = self._config.fit, len(self._kept)
        whole = min(target.size) if fit == "crop" else max(target.size)
        side = min(whole, self._limit)
        self._kept.append(side > self._config.image_size)
        self._sides.append((min(max(side, self._config.image_size), whole), whole))
        if side < self._config.image_size:
            return None
        squares = tuple(square_of(image, side, fit) for image in (source, target))
        if not self._kept[-1]:
            return squares
        for kind, image in zip(SIDES, squares):
            data = BytesIO()
            image.save(data, format="JPEG", quality=QUALITY, subsampling=0)
            path = self._unnamed(kind, index)
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(path, data.getvalue(), is_lasting=False)
        return squares

    def remove(self) -> None:
        """Keep none of them after all."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def name(self, names: Sequence[str]) -> None:
        """Give the pairs their names, in the order in which they were added."""
        for index, (name, is_kept) in enumerate(zip(names, self._kept)):
            for kind in SIDES if is_kept else ():
                self._unnamed(kind, index).rename(self._directory / kind / f"{name}.jpg")

    def _unnamed(self, kind: str, index: int) -> Path:
        return self._directory / kind / f".{index}.tmp"
