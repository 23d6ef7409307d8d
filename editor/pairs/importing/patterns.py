"""Patterns of paths that tell before from after: where the word stands, and what two partners share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from editor.pairs.importing.naming import WORDS, End, Side, Vocabulary, without_side, words_at_ends
from editor.pairs.names import plain


class ParsedPath(NamedTuple):
    """What one pattern says about one file.

    Attributes:
        side: Which side it is; "other" for a further member of a series.
        mark: The word that said so; "" for a file without any, whose side follows from its partner's mark.
        place: The folders, without that word. Partners share it.
        stem: The file name without suffix, without that word. Partners share it, whatever its case.
    """

    side: Side | Literal["other"]
    mark: str
    place: tuple[str, ...]
    stem: str

    @property
    def key(self) -> tuple[str, ...]:
        """What partners share."""
        return (*map(plain, self.place), plain(self.stem))

    @property
    def key_without_zeros(self) -> tuple[str, ...]:
        """What partners share of which only one has leading zeros: 1_before and 01_after."""
        return tuple(re.sub(r"(?<!\d)0+(?=\d)", "", part) for part in self.key)

    @property
    def name(self) -> str:
        """What a pair of this file may be called."""
        return self.stem or (self.place[-1] if self.place else "pair")


@dataclass(frozen=True)
class StemPattern:
    """The side stands at an end of the file name: cat_before, after-cat, cat (1), before.png.

    Attributes:
        vocabulary: The words that are looked for.
        ends: Where; the first end that says something counts.
    """

    vocabulary: Vocabulary
    ends: tuple[End, ...]
    where = "file names"

    def parse(self, path: PurePosixPath) -> ParsedPath | None:
        """Return what the file name says, or None."""
        for word, rest in words_at_ends(path.stem, self.ends):
            if side := self.vocabulary.side(word):
                return ParsedPath(side, word, path.parent.parts, rest)
        return None


@dataclass(frozen=True)
class FolderPattern:
    """The side stands in the name of a folder: source/cat, cats/A/1, train_A/1, photos before/cat.

    Attributes:
        vocabulary: The words that are looked for.
        innermost_first: In which order folders are looked at; the first that says something counts.
        strips_stem: Whether the file names say the side once more, as in before/cat_before.
    """

    vocabulary: Vocabulary
    innermost_first: bool
    strips_stem: bool
    where = "folder names"

    def parse(self, path: PurePosixPath) -> ParsedPath | None:
        """Return what the folders say, or None."""
        folders = path.parent.parts
        for index in sorted(range(len(folders)), reverse=self.innermost_first):
            for word, rest in words_at_ends(folders[index], ("last", "first")):
                if side := self.vocabulary.side(word):
                    place = (*folders[:index], *((rest,) if rest else ()), *folders[index + 1 :])
                    stem = without_side(path.stem, side) if self.strips_stem else path.stem
                    return ParsedPath(side, word, place, stem)
        return None


@dataclass(frozen=True)
class OneMarked:
    """Only one side is marked: cat and cat-edited, cat_original and cat, 1 and control/1.

    Attributes:
        pattern: How it is marked.
        marked: Which side is. Files without a mark are the other side.
    """

    pattern: StemPattern | FolderPattern
    marked: Side

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that are looked for."""
        return self.pattern.vocabulary

    @property
    def where(self) -> str:
        """Where they stand, in a sentence."""
        return self.pattern.where

    def parse(self, path: PurePosixPath) -> ParsedPath | None:
        """Return which side a file is, or None if a word calls it what the marked ones are not."""
        if (parsed := self.pattern.parse(path)) is None:
            return ParsedPath("source" if self.marked == "target" else "target", "", path.parent.parts, path.stem)
        return parsed if parsed.side == self.marked else None


@dataclass(frozen=True)
class CopyPattern:
    """The name of the picture after is that of the other one with a mark that some program added.

    Attributes:
        regex: Matches the marked name. Its groups, joined, are the name of the picture before.
        is_edit: Whether the mark says edited. Else it says copied, which edited pictures are often but not always.
        mark: What to call the mark; by default what the one name has more than the other.
    """

    regex: re.Pattern[str]
    is_edit: bool = False
    mark: str = ""
    vocabulary = None
    where = "file names"

    def parse(self, path: PurePosixPath) -> ParsedPath:
        """Return which side a file is; without the mark it is the picture before."""
        stem = unicodedata.normalize("NFC", path.stem)
        if (match := self.regex.fullmatch(stem)) is None:
            return ParsedPath("source", "", path.parent.parts, path.stem)
        original = "".join(match.groups(""))
        mark = self.mark or stem.removeprefix(original).removesuffix(original).strip()
        return ParsedPath("target", mark, path.parent.parts, original)


Pattern = StemPattern | FolderPattern | OneMarked | CopyPattern

_COPY = "copy|kopie|copie|copia|cópia|kopia|kopi|kopio|копия|コピー|副本|복사본"
# A second edit of the same photo, and what a photo editor writes beside the original: cat-Edit-2, cat-Enhanced-NR.
NUMBERED_EDIT = CopyPattern(re.compile(r"(.+?)[\s_\-]+edit(?:ed)?[\s_\-]*\(?\d{1,2}\)?", re.IGNORECASE), is_edit=True)
ENHANCED = CopyPattern(re.compile(r"(.+?)-enhanced(?:-[a-z]{2})?", re.IGNORECASE), is_edit=True)
APPLE_EDIT = CopyPattern(re.compile(r"(IMG_)E(\d+)", re.IGNORECASE), is_edit=True, mark="IMG_E")  # by an iPhone
PROGRAMS = (APPLE_EDIT, NUMBERED_EDIT, ENHANCED)
COPIES = (
    CopyPattern(re.compile(rf"(.+?)[\s_\-(（]+(?:{_COPY})(?:[\s_\-(]*\d+)?[)）]?", re.IGNORECASE)),
    CopyPattern(re.compile(rf"(?:{_COPY})(?: of| von| de| di| av| af)? (.+)", re.IGNORECASE)),
    CopyPattern(re.compile(r"(.+?)\s?\(\d{1,2}\)")),
    CopyPattern(re.compile(r"(.+)[~_\-]0?\d")),
    CopyPattern(re.compile(r"(.+?)[\s_\-]*v\d", re.IGNORECASE)),
)


def patterns(vocabulary: Vocabulary) -> list[Pattern]:
    """Return all patterns of paths in which these words mark both sides, the likelier ones first."""
    found: list[Pattern] = [
        FolderPattern(vocabulary, inner, strips) for strips in (False, True) for inner in (True, False)
    ]
    if vocabulary is WORDS:  # before_cat may belong to cat_after
        return [*found, StemPattern(vocabulary, ("last", "first")), StemPattern(vocabulary, ("first", "last"))]
    return [*found, StemPattern(vocabulary, ("last",)), StemPattern(vocabulary, ("first",))]


def one_sided_patterns() -> list[Pattern]:
    """Return the patterns of paths in which words mark one side only, the likelier ones first."""
    marks = (
        StemPattern(WORDS, ("last", "first")),
        StemPattern(WORDS, ("first", "last")),
        FolderPattern(WORDS, True, False),
    )
    return [*(OneMarked(mark, side) for mark in marks for side in ("target", "source")), *PROGRAMS]
