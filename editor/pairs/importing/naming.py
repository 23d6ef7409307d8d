"""The words by which people tell before from after in the names of files and folders."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from editor.pairs.names import plain

Side = Literal["source", "target"]
End = Literal["first", "last"]

_GAP = r"\s_\-.,+~()\[\]{}（）［］【】"  # what may stand between the words of a name
_WORD = re.compile(rf"\d+|[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|[^\w{_GAP}]+")


@dataclass(frozen=True)
class Vocabulary:
    """Words that mean before, and words that mean after.

    Attributes:
        sources: Words for the picture before, as `plain` makes them.
        targets: Words for the picture after.
        series: What else belongs to the same series, such as C after A and B; a name that is part of a longer series
            says nothing about sides. None for words that are part of none.
    """

    sources: frozenset[str]
    targets: frozenset[str]
    series: re.Pattern[str] | None = None

    def side(self, word: str) -> Side | Literal["other"] | None:
        """Return what a word says, "other" for a member of the series that is neither, None for nothing."""
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
    "before source sources src input inputs in original originals orig old raw pre start noisy control conditioning "
    "vorher avant antes prima voor قبل",
    "after target targets tgt trg dst dest output outputs out edited edit edits modified retouched result results "
    "new final post gt end clean denoised "
    "nachher bearbeitet retuschiert geändert après modifié modifiée retouché retouchée después despues editado editada "
    "retocado retocada depois dopo modificato modificata ritoccato ritoccata bewerkt redigerad redigeret redigert "
    "muokattu edytowane upraveno szerkesztett düzenlendi изменено отредактировано ред 編集済み 編集 编辑 修图 편집 "
    "편집됨 보정 بعد معدل معدلة",
)
# Weaker, for there may be a third letter or a number 3. In the order in which they are tried.
LETTERS = (_words("a", "b", "[a-z]"), _words("x", "y", "[a-z]"))
NUMBERS = (_words("0", "1", r"\d+"), _words("1", "2", r"\d+"))
VOCABULARIES = (WORDS, *LETTERS, *NUMBERS)
SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing", "eval"})


def natural_order(path: PurePosixPath) -> tuple[list[tuple[bool, int, str]], str]:
    """Return a key that sorts as people count: 2 before 10."""
    parts = re.findall(r"\d+|\D+", plain(str(path)))
    return [(part.isdigit(), int(part) if part.isdecimal() else 0, part) for part in parts], str(path)


@lru_cache(maxsize=65_536)  # every pattern asks again
def words_at_ends(text: str, ends: tuple[End, ...]) -> tuple[tuple[str, str], ...]:
    """Return the word at each of these ends of a name, and what is left of the name without it."""
    text = unicodedata.normalize("NFC", text)
    words = list(_WORD.finditer(text))
    found = []
    for end in ends if words else ():
        word = words[0] if end == "first" else words[-1]
        rest = text[word.end() :] if end == "first" else text[: word.start()]
        found.append((word.group(), re.sub(rf"^[{_GAP}]+|[{_GAP}]+$", "", rest)))
    return tuple(found)


def without_side(stem: str, side: str) -> str:
    """Return a file name without the word that says this side, or as it is if none does."""
    for vocabulary in VOCABULARIES:
        for word, rest in words_at_ends(stem, ("last", "first")):
            if vocabulary.side(word) == side and rest:
                return rest
    return stem
