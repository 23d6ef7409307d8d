"""A folder of before/after pairs, in the one layout that effects, runs and the command line share.

    DIR/source/NAME.png    before
    DIR/target/NAME.png    after, same NAME
    DIR/pairs.json         {"format": 1, "held_out": ["NAME", ...]}

A folder that somebody made by hand works as it is: any suffix of `images.SUFFIXES`, equal stems, no
`pairs.json` (then `default_held_out` decides). Reading never writes. A pair is added, renamed, moved and removed with
both sides at once, for every thread that shares the store, and after a crash once `recover` was called.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from editor.images import SUFFIXES, save_png
from editor.pairs.held_out import HeldOut, PairError, default_held_out
from editor.pairs.moves import finish_moves, move_all
from editor.pairs.names import files_of, pictures_by_name, safe_name, unfinished_name

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


class PairStore:
    """The pairs in one folder. Remembers nothing: every call looks at the disk. Threads may share it."""

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory)
        self._held_out = HeldOut(self.directory / "pairs.json")
        self._lock = threading.RLock()

    @property
    def source_dir(self) -> Path:
        """Where the pictures before lie."""
        return self.directory / "source"

    @property
    def target_dir(self) -> Path:
        """Where the pictures after lie."""
        return self.directory / "target"

    def pairs(self) -> list[Pair]:
        """Return every whole pair, sorted by name.

        Raises:
            PairError: `pairs.json` cannot be understood.
        """
        with self._lock:
            whole, chosen = self._whole(), self._held_out.read()
        held_out = set(default_held_out(list(whole)) if chosen is None else chosen)
        return [Pair(name, source, target, name in held_out) for name, (source, target) in whole.items()]

    def training(self) -> list[Pair]:
        """Return the pairs to learn from."""
        return [pair for pair in self.pairs() if not pair.is_held_out]

    def held_out(self) -> list[Pair]:
        """Return the pairs that are kept from training."""
        return [pair for pair in self.pairs() if pair.is_held_out]

    def add(self, name: str, source: Image.Image, target: Image.Image) -> str:
        """Write one pair as PNG. When this fails, no pair of that name appears.

        Args:
            name: Wanted name. What a file system may refuse is replaced, and where the name is taken a number
                is added.
            source: RGB picture before.
            target: RGB picture after, of the same shape.

        Returns:
            The name the pair got.

        Raises:
            PairError: The two pictures differ in shape.
            OSError: The folder cannot be written.
        """
        if not _same_shape(source.size, target.size):
            raise PairError(
                f"{name}: the picture before is {source.width} x {source.height} pixels and the picture "
                f"after is {target.width} x {target.height}. Crop them to the same shape."
            )
        for directory in self._sides:
            directory.mkdir(parents=True, exist_ok=True)
        beside = [directory / unfinished_name() for directory in self._sides]
        try:
            for path, image in zip(beside, (source, target)):
                save_png(image, path)
            with self._lock:
                name = _free_name(safe_name(name), self._taken())
                self._expect({name: False})
                move_all(self._journal, [(path, path.with_name(f"{name}.png")) for path in beside])
        except BaseException:
            for path in beside:
                path.unlink(missing_ok=True)
            raise
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Delete the pictures of these names, also those without a partner. There is no way back; see `move`.

        Raises:
            PairError: No picture has that name. Nothing is deleted then.
            OSError: The folder cannot be written. Nothing is deleted then.
        """
        with self._lock:
            moves = [(path, path.with_name(unfinished_name())) for n in set(names) for path in self._pictures(n)]
            move_all(self._journal, moves)
        for _, path in moves:
            path.unlink()

    def rename(self, name: str, new: str) -> str:
        """Give a pair another name, as `add` would, and return the name it got.

        Raises:
            PairError: No picture has that name.
            OSError: The folder cannot be written. The pair keeps its name then.
        """
        with self._lock:
            new = _free_name(safe_name(new), self._taken() - {name.casefold()})
            self._move({name: new}, self)
        return new

    def move(self, names: Iterable[str], other: PairStore) -> list[str]:
        """Move the pictures of these names, also those without a partner, to another store on the same disk.

        Pairs that somebody chose to hold out stay held out.

        Returns:
            The names they got there: others, where a name was taken.

        Raises:
            PairError: No picture has that name. Nothing is moved then.
            OSError: A folder cannot be written. Nothing is moved then.
        """
        for directory in other._sides:
            directory.mkdir(parents=True, exist_ok=True)
        with self._lock, other._lock:
            taken, new = other._taken(), {}
            for name in names:
                new[name] = _free_name(name, taken)
                taken.add(new[name].casefold())
            self._move(new, other)
        return list(new.values())

    def recover(self, *, within: Path) -> None:
        """Finish what a crash interrupted. Nobody else may use the folder meanwhile.

        Args:
            within: The folder outside of which nothing is touched.

        Raises:
            OSError: The folder cannot be written.
        """
        finish_moves(self._journal, within=within)

    def set_held_out(self, names: Iterable[str]) -> None:
        """Keep exactly these pairs from training.

        Raises:
            PairError: No pair has that name. Nothing is changed then.
        """
        names = set(names)
        with self._lock:
            if unknown := sorted(names - set(self._whole())):
                raise PairError(f"There is no pair named {', '.join(unknown)}. Reload the list of pairs.")
            self._held_out.write(names)

    def hold_out_default(self) -> list[str]:
        """Write down the default choice of held-out pairs and return their names, see `default_held_out`."""
        with self._lock:
            names = default_held_out(list(self._whole()))
            self._held_out.write(names)
        return names

    def problems(self) -> list[str]:
        """Return one sentence for every picture that belongs to no pair."""
        sides = {"source": self.source_dir, "target": self.target_dir}
        with self._lock:
            found = {side: pictures_by_name(directory) for side, directory in sides.items()}
        sentences = []
        for side, other in (("source", "target"), ("target", "source")):
            for name, paths in sorted(found[side].items()):
                files = " and ".join(f"{side}/{path.name}" for path in paths)
                if len(paths) > 1:
                    sentences.append(f"{files} have the same name. Keep one of them.")
                elif name not in found[other]:
                    sentences.append(f"{files} has no partner. Add {other}/{name}.png, or remove it.")
            sentences += [
                f"{side}/{path.name} is not a picture that can be read here. Save it as PNG or JPEG."
                for path in files_of(sides[side])
                if path.suffix.lower() not in SUFFIXES
            ]
        return sentences

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
                f"{len(pairs) - training} of {len(pairs)} pairs are held out and {training} left to learn "
                f"from, but at least {minimum} are needed. Hold out fewer, or add more pairs."
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

    @property
    def _journal(self) -> Path:
        return self.directory / ".moves.json"

    def _pictures(self, name: str) -> list[Path]:
        """Return the pictures of that name on both sides."""
        paths = [path for directory in self._sides for path in pictures_by_name(directory).get(name, ())]
        if not paths:
            raise PairError(f"There is no pair named {name}. Reload the list of pairs.")
        return paths

    def _taken(self) -> set[str]:
        # Compared without case, because some file systems hold A.png and a.png to be one file.
        return {name.casefold() for directory in self._sides for name in pictures_by_name(directory)}

    def _move(self, names: Mapping[str, str], other: PairStore) -> None:
        """Move the pictures of each name to a store, which may be this one, where they get a new name."""
        moves = []
        for name, new in names.items():
            for path in self._pictures(name):
                moves.append((path, other.directory / path.parent.name / f"{new}{path.suffix}"))
        chosen = self._held_out.read() or ()
        other._expect({new: name in chosen for name, new in names.items()})
        move_all(self._journal, moves)

    def _expect(self, marks: Mapping[str, bool]) -> None:
        """Write down which of the pairs that are about to come are held out.

        Done before they come, so that after a crash none of them is learned from by mistake. What is said of a pair
        that left stays until another one takes its name.
        """
        chosen = self._held_out.read()
        if chosen is None and any(marks.values()):
            chosen = default_held_out(list(self._whole()))
        new = set(chosen or ()) - set(marks) | {name for name, is_held_out in marks.items() if is_held_out}
        if new != set(chosen or ()):
            self._held_out.write(new)


def _free_name(name: str, taken: Collection[str]) -> str:
    candidate, number = name, 2
    while candidate.casefold() in taken:
        candidate, number = f"{name}-{number}", number + 1
    return candidate


def _same_shape(a: tuple[int, int], b: tuple[int, int]) -> bool:
    ratio = (a[0] * b[1]) / (a[1] * b[0])
    return max(ratio, 1 / ratio) <= 1 + SHAPE_TOLERANCE
