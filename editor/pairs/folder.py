"""Reading a folder of before/after pairs, in the one layout that effects, runs and the command line share.

    DIR/source/NAME.png    before
    DIR/target/NAME.png    after, same NAME
    DIR/pairs.json         {"format": 1, "held_out": ["NAME", ...]}
    DIR/originals/         what `repair` has changed, as it was before, in the same layout; only if there is any

A folder that somebody made by hand works as it is: any suffix of `image_files.SUFFIXES`, equal stems, no
`pairs.json` (then `default_held_out` decides). Reading never writes.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple

from editor.image_files import SUFFIXES
from editor.pairs.errors import PairError
from editor.pairs.held_out import HeldOut, default_held_out
from editor.pairs.names import files_of, pictures_by_name

SHAPE_TOLERANCE = 0.02  # how much the aspect ratios of the two sides may differ, relative


class Pair(NamedTuple):
    """One before/after pair on disk.

    Attributes:
        name: Unique in its folder.
        source: The picture before.
        target: The picture after.
        is_held_out: Whether the pair is kept from training and used to judge the result.
    """

    name: str
    source: Path
    target: Path
    is_held_out: bool


class PairFolder:
    """The pairs in one folder. Remembers nothing: every call looks at the disk.

    Attributes:
        directory: The folder.
        lock: Held during a change, so that no other thread sees half of a pair.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory)
        self._held_out = HeldOut(self.directory / "pairs.json")
        self.lock = threading.RLock()

    @property
    def source_dir(self) -> Path:
        """Where the pictures before lie."""
        return self.directory / "source"

    @property
    def target_dir(self) -> Path:
        """Where the pictures after lie."""
        return self.directory / "target"

    @property
    def originals_dir(self) -> Path:
        """Where pictures lie as they were before `repair` changed them."""
        return self.directory / "originals"

    def pairs(self) -> list[Pair]:
        """Return every whole pair, sorted by name.

        Raises:
            PairError: `pairs.json` cannot be understood.
        """
        with self.lock:
            whole, chosen = self._whole(), self._held_out.read()
        held_out = set(default_held_out(list(whole)) if chosen is None else chosen)
        return [Pair(name, source, target, name in held_out) for name, (source, target) in whole.items()]

    def names(self) -> list[str]:
        """Return the names of all pictures, also of those without a partner."""
        with self.lock:
            return sorted({name for directory in self._sides for name in pictures_by_name(directory)})

    def training(self) -> list[Pair]:
        """Return the pairs to learn from."""
        return [pair for pair in self.pairs() if not pair.is_held_out]

    def held_out(self) -> list[Pair]:
        """Return the pairs that are kept from training."""
        return [pair for pair in self.pairs() if pair.is_held_out]

    def chosen_held_out(self) -> list[str] | None:
        """Return the names that somebody chose to hold out, or None if nobody chose yet.

        Raises:
            PairError: `pairs.json` cannot be understood.
        """
        return self._held_out.read()

    def problems(self) -> list[str]:
        """Return one sentence for every picture that belongs to no pair."""
        return [sentence for _, sentence in self.incomplete()]

    def incomplete(self) -> list[tuple[str, str]]:
        """Return the name of every picture that belongs to no pair, and a sentence that says what is missing."""
        sides = {"source": self.source_dir, "target": self.target_dir}
        with self.lock:
            found = {side: pictures_by_name(directory) for side, directory in sides.items()}
        lonely = []
        for side, other in (("source", "target"), ("target", "source")):
            for name, paths in sorted(found[side].items()):
                files = " and ".join(f"{side}/{path.name}" for path in paths)
                if len(paths) > 1:
                    lonely.append((name, f"{files} have the same name. Keep one of them."))
                elif name not in found[other]:
                    lonely.append((name, f"{files} has no partner. Add {other}/{name}.png, or remove it."))
            lonely += [
                (path.stem, f"{side}/{path.name} is not a picture that can be read here. Save it as PNG or JPEG.")
                for path in files_of(sides[side])
                if path.suffix.lower() not in SUFFIXES
            ]
        return lonely

    def require(self, minimum: int = 2) -> None:
        """Make sure that training can begin.

        Args:
            minimum: How many pairs are needed beside the held-out ones.

        Raises:
            PairError: Says what is missing: a folder, a partner, or enough pairs.
        """
        for directory in (self.directory, self.source_dir, self.target_dir):
            if not directory.is_dir():
                raise PairError(
                    f"There is no folder {directory}. Put the pictures before into {self.source_dir} and the "
                    f"pictures after into {self.target_dir}, with equal file names."
                )
        if problems := self.problems():
            more = f" (and {len(problems) - 3} more like this)" if len(problems) > 3 else ""
            raise PairError(" ".join(problems[:3]) + more)
        pairs = self.pairs()
        training = sum(not pair.is_held_out for pair in pairs)
        if training >= minimum:
            return
        if len(pairs) >= minimum:
            raise PairError(
                f"{len(pairs) - training} of {len(pairs)} pairs are held out for testing and {training} left to "
                f"learn from, but at least {minimum} are needed. Keep fewer for testing, or add more pairs."
            )
        raise PairError(
            f"There {'is 1 pair' if len(pairs) == 1 else f'are {len(pairs)} pairs'}, but at least {minimum} "
            f"are needed. Add more; about 20 work well."
        )

    def _whole(self) -> dict[str, tuple[Path, Path]]:
        """Return name -> (source, target) of the pairs that have exactly one picture on each side, sorted."""
        sources, targets = pictures_by_name(self.source_dir), pictures_by_name(self.target_dir)
        names = [n for n in sorted(sources) if len(sources[n]) == 1 and len(targets.get(n, ())) == 1]
        return {name: (sources[name][0], targets[name][0]) for name in names}

    @property
    def _sides(self) -> tuple[Path, Path]:
        return self.source_dir, self.target_dir


def same_shape(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two sizes have the same aspect ratio, give or take `SHAPE_TOLERANCE`."""
    ratio = (a[0] * b[1]) / (a[1] * b[0])
    return max(ratio, 1 / ratio) <= 1 + SHAPE_TOLERANCE


def require_same_shape(name: str, source: tuple[int, int], target: tuple[int, int]) -> None:
    """Make sure that the two pictures of a pair have the same shape, given their width and height.

    Raises:
        PairError: They have not.
    """
    if not same_shape(source, target):
        raise PairError(
            f"{name}: the picture before is {source[0]} x {source[1]} pixels and the picture after is "
            f"{target[0]} x {target[1]}. Crop them to the same shape."
        )
