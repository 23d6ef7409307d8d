"""Rows of small pictures to choose from: photos, examples, references, and edits beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from editor.ui import messages
from editor.ui.components.html import picture
from editor.workspace import EditVariant


def photo_strip(names: Sequence[str], pictures: Sequence[Path | None], shown: int) -> str:
    """Return the photos of a desk.

    Args:
        names: What the person calls them.
        pictures: Their edits; None where one is still to be made, which `edit_choices.js` then asks for.
        shown: Index of the one that is shown large.
    """
    cells = "".join(
        _choice(
            "photo", str(index), name, _thumbnail(path, messages.common.EDITED_ALT.format(name=name)), index == shown
        )
        for index, (name, path) in enumerate(zip(names, pictures))
    )
    done = sum(path is not None for path in pictures)
    share = 100 * done / len(names)
    bar = f'<div class="pb-bar"><i style="width:{share:.0f}%"></i></div>' if done < len(names) else ""
    spoken = ' role="status"' if done == len(names) else ""  # not after each of many photos
    return (
        f'<section class="pb-thumbs" data-pending="{len(names) - done}"><p{spoken}>'
        f"{escape(messages.edit.photos_done(done, len(names)))}</p>{bar}<div>{cells}</div></section>"
    )


def example_strip(examples: Sequence[tuple[str, Path]]) -> str:
    """Return photos to try a run with, as (name, thumbnail)."""
    cells = "".join(
        _choice("example", name, messages.edit.TRY_EXAMPLE.format(name=name), picture(path, name, is_lazy=True))
        for name, path in examples
    )
    return (
        f'<section class="pb-thumbs"><p>{escape(messages.edit.EXAMPLES)}</p><div>{cells}</div></section>'
        if cells
        else ""
    )


def reference_strip(references: Sequence[tuple[str, Path]], chosen: str) -> str:
    """Return how to choose a reference pair.

    Args:
        references: Name and thumbnail of each pair to choose from, after the edit.
        chosen: A name of a choice, such as "random", or "pair:" and the name of a pair.
    """
    ways = "".join(
        _choice("reference", f"choice:{way}", label, f"<span>{escape(label)}</span>", chosen == f"choice:{way}")
        for way, label in messages.edit.REFERENCE_CHOICES.items()
    )
    pairs = "".join(
        _choice(
            "reference",
            f"pair:{name}",
            messages.edit.BY_PAIR.format(name=name),
            picture(path, name, is_lazy=True),
            chosen == f"pair:{name}",
        )
        for name, path in references
    )
    return (
        f'<section class="pb-thumbs pb-references"><p>{escape(messages.edit.REFERENCE_TITLE)}</p>'
        f'<div class="pb-ways">{ways}</div><div>{pairs}</div></section>'
    )


def variant_grid(takes: Sequence[EditVariant], *, title: str, is_choice: bool) -> str:
    """Return several edits of one photo beside each other.

    Args:
        takes: The edits.
        title: What they differ in.
        is_choice: Whether a seed may be chosen with a click; else they are of several runs.
    """
    cells = []
    for take in takes:
        seed = messages.edit.SEED_TAKE.format(seed=take.settings.seed)
        label, value = (seed, str(take.settings.seed)) if is_choice else (take.name, take.settings.run)
        image = picture(take.picture, messages.common.EDITED_ALT.format(name=label))
        score = "" if is_choice or take.psnr is None else messages.common.score(take.psnr)
        caption = f"<figcaption><strong>{escape(label)}</strong> {escape(score)}</figcaption>"
        button = _choice("seed" if is_choice else "run", value, messages.edit.TAKE_THIS.format(name=label), image)
        cells.append(f"<figure>{button}{caption}</figure>")
    return f'<section class="pb-takes"><p>{escape(title)}</p><div>{"".join(cells)}</div></section>'


def _choice(kind: str, value: str, label: str, content: str, is_chosen: bool = False) -> str:
    pressed = str(is_chosen).lower()
    return (
        f'<button type="button" data-kind="{kind}" data-value="{escape(value)}" aria-pressed="{pressed}" '
        f'aria-label="{escape(label)}" title="{escape(label)}">{content}</button>'
    )


def _thumbnail(path: Path | None, alt: str) -> str:
    return picture(path, alt) if path else f'<span class="pb-waiting">{escape(messages.edit.WAITING)}</span>'
