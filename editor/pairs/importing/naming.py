"""What file names say: the words by which people tell before from after, and where in a path they stand."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from editor.pairs.names import plain

Side = Literal["source", "target"]
End = Literal["first", "last"]

_GAP = r"\s_\-.,+~()\[\]{}（）［］【】"  # what may stand between the words of a name
_WORD = re.compile(rf"\d+|[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|[^\w{_GAP}]+")


@dataclass(frozen=True)
class Vocabulary:
    """Words that mean before, and words that mean after.

    Attributes:
        sources: Words for the picture before, in lower case.
        targets: Words for the picture after.
        series: What else belongs to the same row, such as C after A and B; a name that is part of a longer row
            says nothing about sides. None for words that stand in no row.
    """

    sources: frozenset[str]
    targets: frozenset[str]
    series: re.Pattern[str] | None = None

    def side(self, word: str) -> Side | Literal["other"] | None:
        """Return what a word says, "other" for a member of the row that is neither, None for nothing."""
        word = plain(word)
        if word in self.sources:
            return "source"
        if word in self.targets:
            return "target"
        return "other" if self.series and self.series.fullmatch(word) else None


def _words(sources: str, targets: str, series: str | None = None) -> Vocabulary:
    fold = (frozenset(plain(word) for word in words.split()) for words in (sources, targets))
    return Vocabulary(*fold, re.compile(series) if series else None)


WORDS = _words(
    "before source sources src input inputs in original originals orig old raw pre vorher avant antes",
    "after target targets tgt trg dst dest output outputs out edited edit edits modified retouched result results "
    "new final post gt nachher après apres después despues",
)
# Weaker, for there may be a third letter or a number 3. In the order in which they are tried.
LETTERS = (_words("a", "b", "[a-z]"), _words("x", "y", "[a-z]"))
NUMBERS = (_words("0", "1", r"\d+"), _words("1", "2", r"\d+"))
VOCABULARIES = (WORDS, *LETTERS, *NUMBERS)
SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing", "eval"})


class Sighting(NamedTuple):
    """What one reading makes of one file.

    Attributes:
        side: Which side it is; "other" for a further member of a row.
        word: The word that said so.
        place: The folders, without that word. Partners share it.
        stem: The file name without suffix, without that word. Partners share it, whatever its case.
    """

    side: Side | Literal["other"]
    word: str
    place: tuple[str, ...]
    stem: str

    @property
    def key(self) -> tuple[str, ...]:
        """What partners share."""
        return (*map(plain, self.place), plain(self.stem))

    @property
    def name(self) -> str:
        """What a pair of this file may be called."""
        return self.stem or (self.place[-1] if self.place else "pair")


@dataclass(frozen=True)
class StemReading:
    """The side stands at an end of the file name: cat_before, after-cat, cat (1), before.png."""

    vocabulary: Vocabulary
    ends: tuple[End, ...]  # the first that says something counts
    where = "file names"

    def read(self, path: PurePosixPath) -> Sighting | None:
        """Return what the file name says, or None."""
        for word, rest in _ends(path.stem, self.ends):
            if side := self.vocabulary.side(word):
                return Sighting(side, word, path.parent.parts, rest)
        return None


@dataclass(frozen=True)
class FolderReading:
    """The side stands in the name of a folder: source/cat, cats/A/1, train_A/1, photos before/cat."""

    vocabulary: Vocabulary
    innermost_first: bool
    strips_stem: bool  # whether the file names say the side once more, as in before/cat_before
    where = "folder names"

    def read(self, path: PurePosixPath) -> Sighting | None:
        """Return what the folders say, or None."""
        folders = path.parent.parts
        for index in sorted(range(len(folders)), reverse=self.innermost_first):
            for word, rest in _ends(folders[index], ("last", "first")):
                if side := self.vocabulary.side(word):
                    place = (*folders[:index], *((rest,) if rest else ()), *folders[index + 1 :])
                    stem = _without_side(path.stem, side) if self.strips_stem else path.stem
                    return Sighting(side, word, place, stem)
        return None


Reading = StemReading | FolderReading


def readings(vocabulary: Vocabulary) -> list[Reading]:
    """Return all ways to look for these words, the likelier ones first."""
    found: list[Reading] = [
        FolderReading(vocabulary, inner, strips) for strips in (False, True) for inner in (True, False)
    ]
    if vocabulary is WORDS:  # before_cat may belong to cat_after
        return [*found, StemReading(vocabulary, ("last", "first")), StemReading(vocabulary, ("first", "last"))]
    return [*found, StemReading(vocabulary, ("last",)), StemReading(vocabulary, ("first",))]


def natural_order(path: PurePosixPath) -> tuple[list[tuple[bool, int, str]], str]:
    """Return a key that sorts as people count: 2 before 10."""
    parts = re.findall(r"\d+|\D+", plain(str(path)))
    return [(part.isdigit(), int(part) if part.isdecimal() else 0, part) for part in parts], str(path)


@lru_cache(maxsize=65_536)  # every reading asks again
def _ends(text: str, ends: tuple[End, ...]) -> tuple[tuple[str, str], ...]:
    """Return the word at each end of a name, and what is left without it."""
    text = unicodedata.normalize("NFC", text)
    words = list(_WORD.finditer(text))
    found = []
    for end in ends if words else ():
        word = words[0] if end == "first" else words[-1]
        rest = text[word.end() :] if end == "first" else text[: word.start()]
        found.append((word.group(), re.sub(rf"^[{_GAP}]+|[{_GAP}]+$", "", rest)))
    return tuple(found)


def _without_side(stem: str, side: str) -> str:
    for vocabulary in VOCABULARIES:
        for word, rest in _ends(stem, ("last", "first")):
            if vocabulary.side(word) == side and rest:
                return rest
    return stem
