"""Rows of small pictures to choose from: photos, examples, references, and edits beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template, picture
from editor.workspace import EditVariant, Photo


def photo_row(photos: Sequence[Photo], pictures: Sequence[Path | None], shown: int) -> Markup:
    """Return the filmstrip: the photos of the tab, with their edits as far as they are made, and ways to remove them.

    Args:
        photos: The photos.
        pictures: Their edits; None where one is still to be made, which `edit_choices.js` then asks for.
        shown: Index of the one that is shown large.
    """
    done = sum(path is not None for path in pictures)
    return from_template(
        "photo_row",
        pending=len(photos) - done,
        done=messages.edit.photos_done(done, len(photos)),
        percent=100 * done / len(photos),
        photos=[
            {
                "name": photo.name,
                "path": photo.path,
                "remove": messages.edit.REMOVE_PHOTO.format(name=photo.name),
                "choice": _choice("photo", str(index), photo.name, _thumbnail(path, photo.name), index == shown),
            }
            for index, (photo, path) in enumerate(zip(photos, pictures))
        ],
    )


def example_row(examples: Sequence[tuple[str, Path]]) -> Markup:
    """Return photos to try a run with, as (name, thumbnail)."""
    choices = [
        _choice("example", name, messages.edit.TRY_EXAMPLE.format(name=name), picture(path, name, is_lazy=True))
        for name, path in examples
    ]
    return from_template("example_row", choices=choices) if choices else Markup()


def reference_row(references: Sequence[tuple[str, Path]], chosen: str) -> Markup:
    """Return how to choose a reference pair.

    Args:
        references: Name and thumbnail of each pair to choose from, after the edit.
        chosen: A name of a choice, such as "random", or "pair:" and the name of a pair.
    """
    ways = [
        _choice("reference", f"choice:{way}", label, from_template("way", label=label), chosen == f"choice:{way}")
        for way, label in messages.edit.REFERENCE_CHOICES.items()
    ]
    pairs = [
        _choice(
            "reference",
            f"pair:{name}",
            messages.edit.BY_PAIR.format(name=name),
            picture(path, name, is_lazy=True),
            chosen == f"pair:{name}",
        )
        for name, path in references
    ]
    return from_template("reference_row", ways=ways, pairs=pairs)


def variant_grid(variants: Sequence[EditVariant], *, title: str, kind: Literal["reference", "run"]) -> Markup:
    """Return several edits of one photo beside each other.

    Args:
        variants: The edits.
        title: What they differ in.
        kind: What is chosen with a click: the pair that an edit goes by, or its run.
    """
    cells = []
    for variant in variants:
        by_pair = kind == "reference"
        name = variant.settings.reference if by_pair else variant.name
        value = f"pair:{name}" if by_pair else variant.settings.run
        label = messages.edit.PAIR_TAKE.format(name=name) if by_pair else name
        image = picture(variant.picture, messages.common.EDITED_ALT.format(name=label))
        score = "" if by_pair or variant.psnr is None else messages.common.score(variant.psnr)
        says = (messages.edit.BY_PAIR if by_pair else messages.edit.TAKE_THIS).format(name=name)
        choice = _choice(kind, value, says, image)
        cells.append({"choice": choice, "label": label, "score": score})
    return from_template("variant_grid", title=title, variants=cells)


def _choice(kind: str, value: str, label: str, content: Markup, is_chosen: bool = False) -> Markup:
    return from_template("choice", kind=kind, value=value, label=label, content=content, is_chosen=is_chosen)


def _thumbnail(path: Path | None, name: str) -> Markup:
    return picture(path, messages.common.EDITED_ALT.format(name=name)) if path else from_template("waiting")
