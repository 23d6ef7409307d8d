"""Changing a folder of pairs. Every change is a transaction: both sides of a pair, and their originals, change at once.

Other threads that share the store never see half of a change, nor does anybody after a crash, once `recover` was
called.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from editor.files import make_lasting, temporary_name
from editor.image_files import save_png
from editor.pairs.errors import PairError
from editor.pairs.folder import PairFolder, require_same_shape
from editor.pairs.held_out import default_held_out
from editor.pairs.moves import JOURNAL, finish_moves, move_all
from editor.pairs.names import UniqueNames, pictures_by_name, safe_name

Moves = Sequence[tuple[Path, Path]]
logger = logging.getLogger(__name__)


class PairStore(PairFolder):
    """A folder of pairs to which pairs are added, and in which they are named, moved and removed.

    Attributes:
        changes: How many times this object has changed something there.
    """

    def __init__(self, directory: Path, max_pairs: int | None = None) -> None:
        """Name the folder, which need not be there.

        Args:
            directory: Where the pairs are.
            max_pairs: No pair is added beyond this number; None for no limit.
        """
        super().__init__(directory)
        self._max_pairs = max_pairs
        # Of a change that could be neither done nor undone: the folder that contains all of its files.
        self._left: Path | None = None
        self.changes = 0

    def add(self, name: str, source: Image.Image, target: Image.Image) -> str:
        """Write one pair as PNG and return the name that it got; see `add_all`."""
        return self.add_all([(name, source, target)])[0]

    def add_all(self, pairs: Iterable[tuple[str, Image.Image, Image.Image]]) -> list[str]:
        """Write pairs as PNG. They appear together at the end; when anything fails, none of them does.

        The time for each pair does not grow with the number of pairs: the folder is listed once, and one entry in the
        journal and one wait for the disk serve all of them. The lock is held only while they appear.

        Args:
            pairs: Wanted name, RGB picture before and RGB picture after, both of the same shape. In a name, what a file
                system may refuse is replaced, and where it is in use a number is added. Only one pair is in memory at
                a time.

        Returns:
            The names that the pairs got, in the same order.

        Raises:
            PairError: The two pictures of a pair differ in shape, or there would be more pairs than there may be.
            OSError: The folder cannot be written.
        """
        wanted: list[str] = []
        written: list[Path] = []
        with self.temporary_files() as new_file:
            for name, source, target in pairs:
                require_same_shape(name, source.size, target.size)
                for directory, image in zip(self._sides, (source, target)):
                    written.append(new_file(directory))
                    save_png(image, written[-1], is_lasting=False)
                wanted.append(safe_name(name))
            if not wanted:
                return []
            make_lasting(written)
            with self.lock:
                used = self._used_names()
                self._require_room(len(wanted), used)
                names = [used.add(name) for name in wanted]
                self._expect(dict.fromkeys(names, False))
                files = (f"{name}.png" for name in names for _ in self._sides)
                self.commit([(path, path.with_name(file)) for path, file in zip(written, files)])
        return names

    def remove(self, names: Iterable[str]) -> None:
        """Delete the pictures of these names, also those without a partner. There is no way back; see `move`.

        Raises:
            PairError: No picture has that name. Nothing is deleted then.
            OSError: The folder cannot be written. Nothing is deleted then.
        """
        names = set(names)
        with self.lock:
            self._keep_held_out(names)
            self.commit(remove=[path for paths in self._pictures(names).values() for path in paths])

    def rename(self, name: str, new: str) -> str:
        """Give a pair another name, as `add` would, and return the name it got. What is held out stays so.

        Raises:
            PairError: No picture has that name, or `pairs.json` cannot be understood.
            OSError: The folder cannot be written. The pair keeps its name then.
        """
        with self.lock:
            new = self._used_names(without=name).add(safe_name(new))
            if self._held_out.read() is None:  # the default choice goes by the order of names
                names = list(self._whole())
                default = default_held_out(names)
                renamed = {old: new if old == name else old for old in names}
                if set(default_held_out(sorted(renamed.values()))) != {renamed[old] for old in default}:
                    self._held_out.write(default)
            self._move({name: new}, self)
        return new

    def move(self, names: Iterable[str], other: PairStore) -> list[str]:
        """Move the pictures of these names, also those without a partner, to another store on the same disk.

        Pairs that somebody chose to hold out stay held out.

        Returns:
            The names they got there: others, where a name was in use.

        Raises:
            PairError: No picture has that name, or the other store may not take that many. Nothing is moved then.
            OSError: A folder cannot be written. Nothing is moved then, unless it `is_unfinished`.
        """
        for directory in other._sides:
            directory.mkdir(parents=True, exist_ok=True)
        with self.lock, other.lock:
            names, used = list(names), other._used_names()
            other._require_room(len(names), used)
            new = {name: used.add(name) for name in names}
            self._keep_held_out(names)
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
        with self.lock:
            whole, chosen = self._whole(), self._held_out.read()
            for path in (path for paths in self._pictures(whole).values() for path in paths):
                place = other.directory / path.relative_to(self.directory)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
        if chosen is not None:
            other._held_out.write(set(chosen) & set(whole))

    def room(self) -> int | None:
        """Return how many more pairs may be added; None for any number."""
        return self._room(self._used_names())

    def recover(self, *, within: Path) -> None:
        """Finish what a crash, or a disk that refused, interrupted. No other process may use the folder meanwhile.

        Args:
            within: The folder outside of which nothing is touched.

        Raises:
            OSError: The folder cannot be written.
        """
        with self.lock:
            if self.is_unfinished:
                finish_moves(self._journal, within=within)
                self._left = None
                self.changes += 1

    def set_held_out(self, names: Iterable[str]) -> None:
        """Keep exactly these pairs from training.

        Raises:
            PairError: No pair has that name. Nothing is changed then.
        """
        names = set(names)
        with self.lock:
            if unknown := sorted(names - set(self._whole())):
                raise PairError(f"There is no pair named {', '.join(unknown)}. Reload the list of pairs.")
            self._held_out.write(names)
            self.changes += 1

    def commit(self, moves: Moves = (), *, remove: Iterable[Path] = ()) -> None:
        """Delete and move files as one.

        A caller that chose the files from a listing of the folder must hold `lock` from the listing until this returns.

        Args:
            moves: From where to where; nothing may lie there once `remove` is gone.
            remove: Files to be deleted.

        Raises:
            OSError: The folder cannot be written. Nothing is changed then.
        """
        gone = [(path, path.with_name(temporary_name())) for path in remove]
        moves = [*gone, *moves]
        with self.lock:
            if self._left is not None:
                finish_moves(self._journal, within=self._left)
                self._left = None
            # Left by another object or process, which knows the folder of its files.
            was_unfinished = self.is_unfinished
            try:
                move_all(self._journal, moves)
            finally:
                if self.is_unfinished and not was_unfinished:
                    self._left = Path(os.path.commonpath([path for move in moves for path in move]))
                self.changes += 1
        for _, path in gone:
            try:
                path.unlink()
            except OSError as error:  # it has a temporary name by now, and the next start removes it
                logger.warning("%s stays: %s", path, error)

    @contextmanager
    def temporary_files(self) -> Iterator[Callable[[Path], Path]]:
        """Lend a function that names new files in a folder. They do not show until they are moved to another name.

        Those that were not moved in the end are deleted.
        """
        paths: list[Path] = []

        def new_file(directory: Path) -> Path:
            directory.mkdir(parents=True, exist_ok=True)
            paths.append(directory / temporary_name())
            return paths[-1]

        try:
            yield new_file
        finally:
            with self.lock:
                if not self.is_unfinished:  # else the disk refused to go back, and `recover` needs them to go on
                    for path in paths:
                        path.unlink(missing_ok=True)

    @property
    def is_unfinished(self) -> bool:
        """Whether a change could be neither done nor undone. The next one, or the next start, goes on with it."""
        return self._journal.exists()

    @property
    def _journal(self) -> Path:
        return self.directory / JOURNAL

    def _room(self, used: UniqueNames) -> int | None:
        return None if self._max_pairs is None else max(0, self._max_pairs - len(used))

    def _require_room(self, coming: int, used: UniqueNames) -> None:
        room = self._room(used)
        if room is not None and coming > room:
            raise PairError(f"There can be at most {self._max_pairs} pairs here. Remove some first.")

    def _pictures(self, names: Collection[str]) -> dict[str, list[Path]]:
        """Return the pictures of each name on both sides, and what they were before `repair`."""
        sides = [pictures_by_name(directory) for directory in self._sides]
        if unknown := sorted(set(names).difference(*sides)):
            raise PairError(f"There is no pair named {', '.join(unknown)}. Reload the list of pairs.")
        sides += [pictures_by_name(directory) for directory in PairFolder(self.originals_dir)._sides]
        return {name: [path for side in sides for path in side.get(name, ())] for name in names}

    def _used_names(self, without: str | None = None) -> UniqueNames:
        names = (*self.names(), *PairFolder(self.originals_dir).names())
        return UniqueNames(name for name in names if name != without)

    def _move(self, names: Mapping[str, str], other: PairStore) -> None:
        """Move the pictures of each name to a store, which may be this one, where they get a new name."""
        moves = []
        for name, paths in self._pictures(names).items():
            for path in paths:
                place = other.directory / path.relative_to(self.directory).with_name(f"{names[name]}{path.suffix}")
                place.parent.mkdir(parents=True, exist_ok=True)
                moves.append((path, place))
        chosen = self._held_out.read() or ()
        other._expect({new: name in chosen for name, new in names.items()})
        self.commit(moves)
        other.changes += 1

    def _keep_held_out(self, gone: Collection[str]) -> None:
        """Record which pairs are held out by default, if without those that go some of them would be learned from."""
        if self._held_out.read() is None:
            names = list(self._whole())
            default = default_held_out(names)
            left = default_held_out([name for name in names if name not in gone])
            if not set(default) - set(gone) <= set(left):
                self._held_out.write(default)

    def _expect(self, marks: Mapping[str, bool]) -> None:
        """Record which of the pairs that are about to be added are held out.

        Done before they are added, so that a crash in between cannot make one of them a training pair. The mark of a
        removed pair stays until another one gets its name.
        """
        chosen = self._held_out.read()
        if chosen is None and any(marks.values()):
            chosen = default_held_out(list(self._whole()))
        new = set(chosen or ()) - set(marks) | {name for name, is_held_out in marks.items() if is_held_out}
        if new != set(chosen or ()):
            self._held_out.write(new)
