"""A folder of before/after pairs, in the one layout that effects, runs and the command line share.

    DIR/source/NAME.png    before
    DIR/target/NAME.png    after, same NAME
    DIR/pairs.json         {"format": 1, "held_out": ["NAME", ...]}

A folder that somebody made by hand works as it is: any suffix of `images.SUFFIXES`, equal stems, no
`pairs.json` (then `default_held_out` decides). Reading never writes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from editor.errors import UserError
from editor.files import read_json
from editor.images import SUFFIXES, replace_file, save_png

FORMAT = 1
MAX_NAME = 60  # characters; four bytes each still fit the 255 that file systems allow
SHAPE_TOLERANCE = 0.02  # how much the aspect ratios of the two sides may differ, relative


class PairError(UserError):
    """Pairs that cannot be used as they are. The message is a sentence for the person who made them."""


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
    """The pairs in one folder. Holds no state of its own: every call looks at the disk."""

    def __init__(self, directory: Path) -> None:
        self.directory = Path(directory)

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
        whole = self._whole()
        chosen = self._read_held_out()
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
        self.source_dir.mkdir(parents=True, exist_ok=True)
        self.target_dir.mkdir(parents=True, exist_ok=True)
        name = self._free_name(safe_name(name))
        paths = self.target_dir / f"{name}.png", self.source_dir / f"{name}.png"
        try:
            for path, image in zip(paths, (target, source)):
                save_png(image, path)
        except BaseException:
            for path in paths:
                path.unlink(missing_ok=True)
            raise
        return name

    def remove(self, names: Iterable[str]) -> None:
        """Delete the pictures of these names, also those without a partner.

        Raises:
            PairError: No picture has that name. Nothing is deleted then.
        """
        names = set(names)
        sides = [_by_name(self.source_dir), _by_name(self.target_dir)]
        if unknown := sorted(names - set().union(*sides)):
            raise PairError(f"There is no pair named {', '.join(unknown)}. Reload the list of pairs.")
        chosen = self._read_held_out()
        for side in sides:
            for name in names & set(side):
                for path in side[name]:
                    path.unlink()
        if chosen is not None and names & set(chosen):
            self._write_held_out(name for name in chosen if name not in names)

    def set_held_out(self, names: Iterable[str]) -> None:
        """Keep exactly these pairs from training.

        Raises:
            PairError: No pair has that name. Nothing is changed then.
        """
        names = set(names)
        if unknown := sorted(names - set(self._whole())):
            raise PairError(f"There is no pair named {', '.join(unknown)}. Reload the list of pairs.")
        self._write_held_out(names)

    def hold_out_default(self) -> list[str]:
        """Write down the default choice of held-out pairs and return their names, see `default_held_out`."""
        names = default_held_out(list(self._whole()))
        self._write_held_out(names)
        return names

    def problems(self) -> list[str]:
        """Return one sentence for every picture that belongs to no pair."""
        sides = {"source": self.source_dir, "target": self.target_dir}
        found = {side: _by_name(directory) for side, directory in sides.items()}
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
                for path in _files(sides[side])
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
        sources, targets = _by_name(self.source_dir), _by_name(self.target_dir)
        names = [n for n in sorted(sources) if len(sources[n]) == 1 and len(targets.get(n, ())) == 1]
        return {name: (sources[name][0], targets[name][0]) for name in names}

    def _free_name(self, name: str) -> str:
        # Compared without case, because some file systems hold A.png and a.png to be one file.
        taken = {n.casefold() for d in (self.source_dir, self.target_dir) for n in _by_name(d)}
        candidate, number = name, 2
        while candidate.casefold() in taken:
            candidate, number = f"{name}-{number}", number + 1
        return candidate

    def _read_held_out(self) -> list[str] | None:
        path = self.directory / "pairs.json"
        if not path.is_file():
            return None
        try:
            content = read_json(path)
        except ValueError as error:
            raise PairError(f"{path} is damaged ({error}). Delete it to get the default choice.") from error
        if not isinstance(content, Mapping) or content.get("format") != FORMAT:
            raise PairError(f"{path} was not written by this version of Pairbrush. Update, or delete the file.")
        names = content.get("held_out")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise PairError(f'{path} needs a list of names under "held_out". Delete it to get the default choice.')
        return names

    def _write_held_out(self, names: Iterable[str]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"format": FORMAT, "held_out": sorted(names)}, ensure_ascii=False)
        replace_file(self.directory / "pairs.json", (content + "\n").encode())


def default_held_out(names: Sequence[str]) -> list[str]:
    """Choose pairs to hold out: a tenth, at least one of five or more, none of fewer, spread evenly.

    Args:
        names: Names of all pairs, sorted.

    Returns:
        The same names for the same input, always.
    """
    count = max(1, len(names) // 10) if len(names) >= 5 else 0
    return [names[(2 * k + 1) * len(names) // (2 * count)] for k in range(count)]


def safe_name(name: str) -> str:
    """Return a name that every file system takes: letters and digits of any script, `-` and `_`."""
    name = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", name)).strip("-")[:MAX_NAME]
    if re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", name):
        return f"{name}-"  # these are devices on Windows
    return name or "pair"


def _files(directory: Path) -> list[Path]:
    """Return the files of a folder by name, without what operating systems leave behind."""
    if not directory.is_dir():
        return []
    clutter = ("thumbs.db", "desktop.ini")
    files = (p for p in directory.iterdir() if p.is_file() and not p.name.startswith("."))
    return sorted(p for p in files if p.name.lower() not in clutter)


def _by_name(directory: Path) -> dict[str, list[Path]]:
    """Return the pictures of a folder by stem. More than one per stem is possible: a.png and a.jpg."""
    pictures: defaultdict[str, list[Path]] = defaultdict(list)
    for path in _files(directory):
        if path.suffix.lower() in SUFFIXES:
            pictures[path.stem].append(path)
    return dict(pictures)


def _same_shape(a: tuple[int, int], b: tuple[int, int]) -> bool:
    ratio = (a[0] * b[1]) / (a[1] * b[0])
    return max(ratio, 1 / ratio) <= 1 + SHAPE_TOLERANCE
