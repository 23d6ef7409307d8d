"""What an import is going to do, before it does it: which files form a pair, and what is left over and why.

A plan is a value: correcting it gives a new one, and nothing is written before `importer.store_plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple

from editor.pairs.errors import PairError
from editor.pairs.names import UniqueNames
from editor.transparency import Layers

Part = Literal["whole", "left", "right", "top", "bottom"]
SWAPPED = " You swapped the sides."
MAX_UNDO = 50  # corrections


class Picture(NamedTuple):
    """One side of a pair: a file, one half of it, or a crop.

    Attributes:
        path: The file by the path that the person knows.
        part: Which part of it.
        box: Left, top, right and bottom of a crop in shares of its width and height.
    """

    path: PurePosixPath
    part: Part = "whole"
    box: tuple[float, float, float, float] | None = None

    def cut(self, layers: Layers) -> Layers:
        """Return the part of the decoded file that is meant."""
        width, height = layers.colors.size
        boxes: dict[Part, tuple[int, int, int, int]] = {
            "left": (0, 0, width // 2, height),
            "right": (width - width // 2, 0, width, height),
            "top": (0, 0, width, height // 2),
            "bottom": (0, height - height // 2, width, height),
        }
        if self.box:
            box = tuple(round(share * side) for share, side in zip(self.box, (width, height, width, height)))
        elif self.part != "whole":
            box = boxes[self.part]
        else:
            return layers
        return Layers(*(layer and layer.crop(box) for layer in layers))


class PlannedPair(NamedTuple):
    """A pair that would be added.

    Attributes:
        name: Unique in the plan; the store may still add a number.
        source: The picture before.
        target: The picture after.
        rule: How this was understood, a sentence.
        is_guess: Whether it could as well be meant otherwise, so that the person should look.
    """

    name: str
    source: Picture
    target: Picture
    rule: str
    is_guess: bool = False


class LeftOver(NamedTuple):
    """A file that would not be stored.

    Attributes:
        path: The file by the path that the person knows.
        reason: Why, and what can be done: a sentence.
        is_clutter: Whether nobody would miss it, like the notes that an operating system leaves in folders.
    """

    path: PurePosixPath
    reason: str
    is_clutter: bool = False


class RuleUse(NamedTuple):
    """One rule of a plan, and for how many pairs it was used."""

    rule: str
    count: int
    is_guess: bool


@dataclass(frozen=True)
class ImportPlan:
    """Every file that was brought is in `pairs` or in `left_over`.

    Attributes:
        files: Where each picture lies on disk, by the path that the person knows.
        pairs: What would be added, in this order.
        left_over: What would not.
        is_corrected: Whether the person changed anything, so that later files may not change these pairs.
        earlier: What it was before each correction, the last one at the end, for `undone`.
    """

    files: Mapping[PurePosixPath, Path]
    pairs: tuple[PlannedPair, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    is_corrected: bool = field(default=False, compare=False)
    earlier: tuple[ImportPlan, ...] = field(default=(), compare=False, repr=False)

    @property
    def is_certain(self) -> bool:
        """Whether every picture is in a pair and no pair is a guess, so that there is nothing to ask."""
        return bool(self.pairs) and not self.is_guess and all(item.is_clutter for item in self.left_over)

    @property
    def is_guess(self) -> bool:
        """Whether any pair is a guess."""
        return any(pair.is_guess for pair in self.pairs)

    def rules(self) -> list[RuleUse]:
        """Return the rules by which pairs were found, the most used first."""
        uses = Counter((pair.rule, pair.is_guess) for pair in self.pairs)
        return [RuleUse(rule, count, is_guess) for (rule, is_guess), count in uses.most_common()]

    def corrected_from(self, before: ImportPlan) -> ImportPlan:
        """Return the plan as a correction of another one, so that it can be undone."""
        return replace(self, earlier=(*before.earlier, replace(before, earlier=()))[-MAX_UNDO:])

    def undone(self) -> ImportPlan:
        """Return the plan as it was before the last correction.

        Raises:
            PairError: Nothing was corrected, or files came since.
        """
        if not self.earlier:
            raise PairError("There is nothing to take back.")
        return replace(self.earlier[-1], earlier=self.earlier[:-1])

    def swapped(self, name: str | None = None) -> ImportPlan:
        """Return the plan with before and after exchanged, in one pair or in all.

        Raises:
            PairError: No pair has that name.
        """
        if name is not None:
            self._pair(name)
        pairs = tuple(_swap(pair) if name in (None, pair.name) else pair for pair in self.pairs)
        return replace(self, pairs=pairs, is_corrected=True)

    def paired(self, source: PurePosixPath, target: PurePosixPath) -> ImportPlan:
        """Return the plan with a pair made of two pictures that were left over.

        Raises:
            PairError: The two are the same, or one of them is no picture or belongs to a pair already.
        """
        free = self.files.keys() - {picture.path for pair in self.pairs for picture in (pair.source, pair.target)}
        for path in (source, target):
            if path not in free:
                raise PairError(f"{path} is no picture that is left over. Take its pair apart first.")
        if source == target:
            raise PairError(f"{source} cannot be its own partner. Choose another picture.")
        pair = PlannedPair(source.stem, Picture(source), Picture(target), "You chose these two.")
        rest = tuple(item for item in self.left_over if item.path not in (source, target))
        return replace(self, pairs=with_unique_names((*self.pairs, pair)), left_over=rest, is_corrected=True)

    def repaired(self, source: PurePosixPath, target: PurePosixPath) -> ImportPlan:
        """Return the plan with a pair made of two pictures, taken out of their pairs where they are in one.

        Raises:
            PairError: The two are the same, or one of them is no picture of this plan.
        """
        plan = self
        for path in (source, target):
            for pair in plan.pairs:
                if path in (pair.source.path, pair.target.path):
                    plan = plan.without(pair.name)
        return plan.paired(source, target)

    def without(self, name: str) -> ImportPlan:
        """Return the plan with one pair taken apart; its pictures are left over.

        Raises:
            PairError: No pair has that name.
        """
        plan = self._without([self._pair(name)], "You took its pair apart. Choose another partner, or leave it out.")
        return replace(plan, is_corrected=True)

    def _pair(self, name: str) -> PlannedPair:
        for pair in self.pairs:
            if pair.name == name:
                return pair
        raise PairError(f"No pair of this import is named {name}. Look at the list again.")

    def _without(self, pairs: Iterable[PlannedPair], reason: str) -> ImportPlan:
        gone = {pair.name: pair for pair in pairs}
        paths = dict.fromkeys(picture.path for pair in gone.values() for picture in (pair.source, pair.target))
        return replace(
            self,
            pairs=tuple(pair for pair in self.pairs if pair.name not in gone),
            left_over=(*self.left_over, *(LeftOver(path, reason) for path in paths)),
        )


def with_unique_names(pairs: Iterable[PlannedPair]) -> tuple[PlannedPair, ...]:
    """Return the pairs with a number added to names that were there already, whatever their case."""
    used = UniqueNames()
    return tuple(pair._replace(name=used.add(pair.name)) for pair in pairs)


def _swap(pair: PlannedPair) -> PlannedPair:
    rule = pair.rule.removesuffix(SWAPPED) if pair.rule.endswith(SWAPPED) else pair.rule + SWAPPED
    return pair._replace(source=pair.target, target=pair.source, rule=rule)
