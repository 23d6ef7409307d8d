"""Matches pictures by their names: which two are a pair, and which of them is before.

Patterns are tried from the most to the least explicit: words like before and after on both sides, then a word on
one side only, then copies, letters and numbers. Only where no name says anything, `guessing` looks for an order.
Whatever could be meant otherwise is marked as a guess, and no file disappears: it is in a pair or left over with a
reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from editor.pairs.importing.collecting import CollectedFiles
from editor.pairs.importing.content import MAX_PICTURES, looks, partners
from editor.pairs.importing.guessing import BY_CONTENT, guess
from editor.pairs.importing.naming import LETTERS, NUMBERS, SPLITS, WORDS, Side, natural_order
from editor.pairs.importing.patterns import COPIES, CopyPattern, ParsedPath, Pattern, one_sided_patterns, patterns
from editor.pairs.importing.plan import ImportPlan, LeftOver, Picture, PlannedPair, with_unique_names

WORD_PATTERNS = tuple(patterns(WORDS))
ONE_SIDED = tuple(one_sided_patterns())
SERIES = tuple(tuple(p for vocabulary in row for p in patterns(vocabulary)) for row in (LETTERS, NUMBERS))
NO_PARTNER = "There is no picture {other} with the same name. Add it, or rename the file."
SILENT = "Its name does not say which picture it belongs to. Rename it, or choose its partner."
ONLY_ONE = " There is only one such pair, so this may be chance."
TWO_WAYS = " The names could also be read in another way."
A_COPY = " A copy may also be the picture before."
NUMBERED = " Numbers may also be a mere count."
MANY_PLACES = " There are pairs in several places: {places}. Check that all of them are meant."


class _Match(NamedTuple):
    """Two files that share everything but their side. More of the same name on a side are `spare`."""

    source: PurePosixPath
    target: PurePosixPath
    parsed: ParsedPath  # of the source
    rule: str
    spare: tuple[tuple[PurePosixPath, PurePosixPath], ...]  # (file left out, file that is in the pair)


@dataclass
class _Search:
    """How far the search has come.

    Attributes:
        unmatched: Files that are in no pair yet.
        sides: What a pattern that found pairs said about a file. Weaker patterns may not contradict.
        pairs: What was found.
        spare: Files left out since another of the same name is in the pair, and that other.
    """

    unmatched: list[PurePosixPath]
    sides: dict[PurePosixPath, Side] = field(default_factory=dict)
    pairs: list[PlannedPair] = field(default_factory=list)
    spare: dict[PurePosixPath, PurePosixPath] = field(default_factory=dict)


def match(collected: CollectedFiles) -> ImportPlan:
    """Find out what belongs together.

    Args:
        collected: What was brought.

    Returns:
        A plan that holds every one of these files. Pictures are read only where names say nothing.
    """
    search = _Search(sorted(collected.files, key=natural_order))
    _pair_up(search, WORD_PATTERNS)
    _pair_up(search, WORD_PATTERNS, ignores_zeros=True)
    _remember_sides(search, WORD_PATTERNS)
    for tier in (ONE_SIDED, COPIES, *SERIES):
        _pair_up(search, tier)
    if search.pairs:
        _pair_up_by_content(search, collected.files)
        reasons = {path: _reason(path, search) for path in search.unmatched}
    else:
        search.pairs, otherwise = guess(search.unmatched, collected.files)
        used = {picture.path for pair in search.pairs for picture in (pair.source, pair.target)}
        reasons = {
            path: _no_partner(_side_by_words(path)) or otherwise for path in search.unmatched if path not in used
        }
    left = tuple(LeftOver(path, reason) for path, reason in reasons.items())
    pairs = with_unique_names(sorted(search.pairs, key=lambda pair: natural_order(pair.source.path)))
    return ImportPlan(collected.files, pairs, (*collected.left_over, *left))


def _pair_up(search: _Search, candidates: Sequence[Pattern], *, ignores_zeros: bool = False) -> None:
    while found := _best(search, candidates, ignores_zeros):
        _accept(search, *found)


def _best(
    search: _Search, candidates: Sequence[Pattern], ignores_zeros: bool
) -> tuple[Pattern, list[_Match], str] | None:
    """Return the pattern that finds the most pairs, these pairs, and why one may doubt them ("" if one may not)."""
    found = [(pattern, _matches(search, pattern, ignores_zeros)) for pattern in candidates]
    pattern, matches = max(found, key=lambda item: len(item[1]))  # the first of equals
    if not matches:
        return None
    if isinstance(pattern, CopyPattern):
        return pattern, matches, "" if pattern.is_edit else A_COPY
    if pattern.vocabulary is WORDS:
        return pattern, matches, ""
    if len(matches) == 1:
        # A single cat_a and cat_b among many files is probably chance; a lone 1 and 2 may be numbers (see `guessing`).
        is_all = len(search.unmatched) == 2 and pattern.vocabulary in LETTERS and matches[0].parsed.stem
        return (pattern, matches, ONLY_ONE) if is_all else None
    partner = {match.source: match.target for match in matches} | {match.target: match.source for match in matches}
    is_torn = any(
        len(others) >= len(matches) and any(partner.get(a, b) != b or partner.get(b, a) != a for a, b, *_ in others)
        for _, others in found
    )
    # cat/1, cat/2, dog/1, dog/2: one folder for each pair, or one for each side?
    is_torn |= len(matches) == 2 and not matches[0].parsed.stem
    return pattern, matches, TWO_WAYS if is_torn else NUMBERED if pattern.vocabulary in NUMBERS else ""


def _remember_sides(search: _Search, candidates: Sequence[Pattern]) -> None:
    """Remember the side that a word assigns to a file without a partner, if both sides occur."""
    for pattern in candidates:
        seen = {path: found for path in search.unmatched if (found := pattern.parse(path))}
        if len({found.side for found in seen.values()}) == 2:
            for path, found in seen.items():
                search.sides.setdefault(path, found.side)


def _matches(search: _Search, pattern: Pattern, ignores_zeros: bool = False) -> list[_Match]:
    groups: defaultdict[tuple[str, ...], list[tuple[PurePosixPath, ParsedPath]]] = defaultdict(list)
    for path in search.unmatched:
        parsed = pattern.parse(path)
        if parsed and path not in search.spare and search.sides.get(path, parsed.side) == parsed.side:
            groups[parsed.key_without_zeros if ignores_zeros else parsed.key].append((path, parsed))
    return [found for group in groups.values() if (found := _match(group, pattern))]


def _match(group: Sequence[tuple[PurePosixPath, ParsedPath]], pattern: Pattern) -> _Match | None:
    sources = [item for item in group if item[1].side == "source"]
    targets = [item for item in group if item[1].side == "target"]
    if not sources or not targets or len(sources) + len(targets) < len(group):
        return None
    if isinstance(pattern, CopyPattern) and len(targets) > 1:
        return None  # several copies of one file: it is unknown which of them is the picture after
    # Of cat.png and cat.jpg after, the one with the file type of the picture before comes first, and is taken.
    targets.sort(key=lambda item: item[0].suffix != sources[0][0].suffix)
    rule = _rule(pattern, sources[0][1].mark, targets[0][1].mark)
    spare = [(path, side[0][0]) for side in (sources, targets) for path, _ in side[1:]]
    return _Match(sources[0][0], targets[0][0], sources[0][1], rule, tuple(spare))


def _rule(pattern: Pattern, before: str, after: str) -> str:
    """Say what the pattern saw, given the marks of both files, one of which may be ""."""
    if not (before and after):
        other = "before" if after else "after"
        mark = (before or after).casefold() if pattern.vocabulary is WORDS else before or after
        return f"The {pattern.where} say {mark}, and the picture without it is {other}."
    words = before.casefold(), after.casefold()
    if pattern.vocabulary is not WORDS:
        words = words[0].upper(), words[1].upper()
    return f"The {pattern.where} say {words[0]} and {words[1]}."


def _accept(search: _Search, pattern: Pattern, matches: Sequence[_Match], doubt: str) -> None:
    """Make the matches pairs, and remember what the pattern said about the files that found no partner."""
    doubt += _several_places(matches)
    names = Counter(match.parsed.name for match in matches)
    for found in matches:
        name = found.parsed.name
        if names[name] > 1:
            name = "-".join((*found.parsed.place, name))
        pair = PlannedPair(name, Picture(found.source), Picture(found.target), found.rule + doubt, bool(doubt))
        search.pairs.append(pair)
        search.spare.update(found.spare)
    for path in search.unmatched:
        parsed = pattern.parse(path)
        if parsed and parsed.mark and parsed.side != "other":
            search.sides.setdefault(path, parsed.side)
    paired = {path for found in matches for path in (found.source, found.target)}
    search.unmatched = [path for path in search.unmatched if path not in paired]


def _pair_up_by_content(search: _Search, files: Mapping[PurePosixPath, Path]) -> None:
    """Pair pictures before with pictures after whose names fit nothing, by what they show.

    The pairs that names have found are looked at too, since a likeness says something only beside others.
    """
    lonely = [path for path in search.unmatched if path not in search.spare]
    sources, targets = ([path for path in lonely if search.sides.get(path) == side] for side in ("source", "target"))
    if not sources or not targets or len(sources) + len(targets) > MAX_PICTURES:
        return
    known = search.pairs[: (MAX_PICTURES - len(sources) - len(targets)) // 2]
    all_sources = [*sources, *(pair.source.path for pair in known)]
    all_targets = [*targets, *(pair.target.path for pair in known)]
    found = partners(looks(all_sources, files), looks(all_targets, files))
    for source, target in ((all_sources[a], all_targets[b]) for a, b in found):
        if source in sources and target in targets:
            pair = PlannedPair(source.stem, Picture(source), Picture(target), BY_CONTENT, True)
            search.pairs.append(pair)
            search.unmatched = [path for path in search.unmatched if path not in (source, target)]


def _several_places(matches: Sequence[_Match]) -> str:
    """Return a warning where pairs lie in both train/ and test/: training on test pairs is rarely intended."""
    places = Counter("/".join(match.parsed.place) for match in matches)
    if len(places) < 2 or not any(SPLITS & set(place.casefold().split("/")) for place in places):
        return ""
    return MANY_PLACES.format(places=", ".join(f"{place or 'the top'} ({count})" for place, count in places.items()))


def _reason(path: PurePosixPath, search: _Search) -> str:
    if path in search.spare:
        return f"{search.spare[path]} has the same name and was taken. Rename one of them."
    return _no_partner(search.sides.get(path)) or SILENT


def _no_partner(side: str | None) -> str | None:
    return side and NO_PARTNER.format(other="after" if side == "source" else "before")


def _side_by_words(path: PurePosixPath) -> str | None:
    """Return the side that the words of a path name, although nothing fits to it."""
    return next((found.side for pattern in WORD_PATTERNS if (found := pattern.parse(path))), None)
