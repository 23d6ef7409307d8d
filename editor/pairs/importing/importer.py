"""Planning an import and storing it. A bad file is named in the report and loses only its pair.

`extend_plan` says what would happen, the person corrects the plan, and `store_plan` does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from PIL import Image

from editor.image_files import MAX_PIXELS, ImageError, PixelBudget, load_layers, picture_size
from editor.pairs.errors import PairError
from editor.pairs.folder import require_same_shape
from editor.pairs.importing.collecting import collect
from editor.pairs.importing.cropping import cropped_alike
from editor.pairs.importing.matching import match
from editor.pairs.importing.opaque import ALL_LOST, SOME_LOST, opaque
from editor.pairs.importing.plan import ImportPlan, LeftOver, with_unique_names
from editor.pairs.store import PairStore

STORING = PixelBudget(2 * MAX_PIXELS)  # while a pair is in memory, whoever stores it
MAX_NAMED = 8  # files in one sentence of a report
LEFT_OUT = "was left out", "were left out"


class ImportReport(NamedTuple):
    """What became of the files.

    Attributes:
        added: Names of the new pairs in the store.
        problems: One sentence for the person about everything that was left out or cannot be learned, naming it.
    """

    added: list[str]
    problems: list[str]


def extend_plan(
    plan: ImportPlan,
    files: Mapping[PurePosixPath, Path],
    scratch: Path,
    require_space: Callable[[int], None] = lambda coming: None,
) -> ImportPlan:
    """Say which files are pairs, now that more were brought. Nothing is stored.

    All pictures are looked at again, since the new ones may say what the old ones meant. Once the person has corrected
    something, though, the pairs stay, and only what was left over is looked at again.

    Args:
        plan: What there was; an empty plan at first.
        files: Where each file that came lies on disk, by the path under which the person knows it, which the plan does
            not hold: loose files, those of a folder, zip files, or all of these.
        scratch: An existing folder for what is unpacked from zip files. It is needed until the plan is stored.
        require_space: As for `collecting.collect`.

    Returns:
        What would be stored, how it was understood, and what is left over. Every file is in it.

    Raises:
        OSError: `scratch` cannot be written.
    """
    collected = collect(files, scratch, require_space)
    kept = plan.pairs if plan.is_corrected else ()
    used = {picture.path for pair in kept for picture in (pair.source, pair.target)}
    collected.left_over[:0] = [item for item in plan.left_over if item.path not in plan.files]
    collected.files = {**{path: file for path, file in plan.files.items() if path not in used}, **collected.files}
    found = match(collected)
    return replace(
        found,
        files={**plan.files, **collected.files},
        pairs=with_unique_names((*kept, *cropped_alike(found.pairs, collected.files))),
        is_corrected=plan.is_corrected,
    )


def store_plan(
    store: PairStore,
    plan: ImportPlan,
    label: Callable[[PurePosixPath], str] = str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImportReport:
    """Add the pairs of a plan to a store.

    Args:
        store: Where the pairs go.
        plan: What to store; its guesses too, for the person has seen them.
        label: What the person calls a file in a sentence.
        progress: Is told how many pairs are done, of how many.

    Returns:
        The new pairs, and what was left out and why; files of the system (`is_clutter`) are not reported.

    Raises:
        PairError: The store may not take that many. Nothing is added then.
        OSError: The store cannot be written, for instance because the disk is full. Nothing is added then.
    """
    problems = sentences((item for item in plan.left_over if not item.is_clutter), label)

    lost: defaultdict[str, list[str]] = defaultdict(list)

    def usable() -> Iterator[tuple[str, Image.Image, Image.Image]]:
        for done, pair in enumerate(plan.pairs, start=1):
            files = [(plan.files[picture.path], label(picture.path)) for picture in (pair.source, pair.target)]
            try:
                sizes = [picture_size(*file) for file in files]
                with STORING.take(sum(width * height for width, height in sizes)):
                    layers = [
                        picture.cut(load_layers(*file)) for picture, file in zip((pair.source, pair.target), files)
                    ]
                    require_same_shape(pair.name, *(side.colors.size for side in layers))
                    source, target, loss = opaque(*layers)
                    del layers
                    lost[loss].append(pair.name)
                    if loss != "all":
                        yield pair.name, source, target
            except (ImageError, PairError) as error:
                problems.append(str(error))
            progress(done, len(plan.pairs))

    with closing(usable()) as pairs:  # else a disk that is full would keep the budget of a pair
        added = store.add_all(pairs)
    if names := lost["all"]:
        problems.append(f"{listed(names)} {LEFT_OUT[len(names) > 1]}. {ALL_LOST}")
    if names := lost["some"]:
        problems.append(f"In {listed(names)} {SOME_LOST}")
    return ImportReport(added, problems)


def listed(names: Sequence[str]) -> str:
    """Return names in one sentence, the first of them if they are many."""
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"{', '.join(names[:MAX_NAMED])}{more}"


def sentences(
    left_over: Iterable[LeftOver], label: Callable[[PurePosixPath], str] = str, fate: tuple[str, str] = LEFT_OUT
) -> list[str]:
    """Return one sentence or two for all files that were left out for the same reason.

    Args:
        left_over: The files.
        label: What the person calls a file in a sentence.
        fate: What became of one file, and of several.
    """
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for item in left_over:
        by_reason[item.reason].append(label(item.path))
    return [f"{listed(names)} {fate[len(names) > 1]}. {reason}" for reason, names in by_reason.items()]
