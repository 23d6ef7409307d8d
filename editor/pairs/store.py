"""Changing a folder of pairs. Both sides of a pair change at once.

So it is for every thread that shares the store, and after a crash once `recover` was called.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from PIL import Image

from editor.images import save_png
from editor.pairs.folder import Pair, PairFolder
from editor.pairs.held_out import PairError, default_held_out
from editor.pairs.moves import finish_moves, move_all
from editor.pairs.names import pictures_by_name, safe_name, unfinished_name

__all__ = ["Pair", "PairError", "PairStore", "default_held_out", "safe_name"]

SHAPE_TOLERANCE = 0.02  # how much the aspect ratios of the two sides may differ, relative


class PairStore(PairFolder):
    """A folder of pairs to which pairs are added, and in which they are named, moved and removed.

    Attributes:
        changes: How many times this object has changed something there.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.changes = 0

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
                self._commit([(path, path.with_name(f"{name}.png")) for path in beside])
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
            self._commit(moves)
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

    def copy_to(self, other: PairStore) -> None:
        """Copy every whole pair to an empty store that nobody uses yet, and the choice of held-out ones.

        Raises:
            PairError: `pairs.json` cannot be understood.
            OSError: The folder cannot be written.
        """
        for directory in other._sides:
            directory.mkdir(parents=True, exist_ok=True)
        with self._lock:
            whole, chosen = self._whole(), self._held_out.read()
            for path in (path for pair in whole.values() for path in pair):
                shutil.copyfile(path, other.directory / path.parent.name / path.name)
        if chosen is not None:
            other._held_out.write(set(chosen) & set(whole))

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
            self.changes += 1

    def hold_out_default(self) -> list[str]:
        """Write down the default choice of held-out pairs and return their names, see `default_held_out`."""
        with self._lock:
            names = default_held_out(list(self._whole()))
            self._held_out.write(names)
            self.changes += 1
        return names

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
        self._commit(moves)
        other.changes += 1

    def _commit(self, moves: Sequence[tuple[Path, Path]]) -> None:
        move_all(self._journal, moves)
        self.changes += 1

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
