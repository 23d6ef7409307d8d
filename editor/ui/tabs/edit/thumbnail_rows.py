"""Rows of small pictures to choose from: photos, examples, references, and edits beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template, picture
from editor.workspace import EditState, EditVariant


def photo_row(state: EditState, pictures: Sequence[Path | None], page: range) -> Markup:
    """Return the filmstrip: the photos of the tab, with their edits as far as they are made, and ways to remove them.

    Args:
        state: The photos, and how far they are.
        pictures: Their edits; None where one is still to be made, which `edit_choices.js` then asks for, or failed.
        page: Indices of those to show.
    """
    photos, progress = state.photos, state.progress
    done = sum(path is not None for path in pictures)
    failed = sum(photo.path in progress.failed and path is None for photo, path in zip(photos, pictures, strict=True))
    pending = len(photos) - done - failed
    return from_template(
        "photo_row",
        pending=pending,
        is_stopped=progress.is_stopped,
        turn=progress.turn,
        done=messages.edit.photos_done(
            done, len(photos), len(progress.failed), None if progress.pace is None else pending * progress.pace
        ),
        percent=100 * (done + failed) / len(photos),
        failures=progress.failed,
        earlier=_to_page(state, page.start - 1, messages.edit.EARLIER),
        later=_to_page(state, page.stop, messages.edit.LATER),
        place=messages.edit.photos_shown(page.start + 1, page.stop, len(photos)),
        photos=[
            {
                "name": photo.name,
                "path": photo.path,
                "remove": messages.edit.REMOVE_PHOTO.format(name=photo.name),
                "choice": _choice(
                    "photo",
                    str(index),
                    photo.name,
                    _thumbnail(pictures[index], photo.name, photo.path in progress.failed),
                    index == state.shown,
                ),
            }
            for index in page
            for photo in [photos[index]]
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


def _to_page(state: EditState, index: int, words: str) -> Markup:
    """Return the way to another page of the filmstrip: it shows a photo of that page."""
    if not 0 <= index < len(state.photos):
        return Markup()
    content = from_template("way", label=words)
    return _choice("photo", str(index), f"{words}: {state.photos[index].name}", content)


def _choice(kind: str, value: str, label: str, content: Markup, is_chosen: bool = False) -> Markup:
    return from_template("choice", kind=kind, value=value, label=label, content=content, is_chosen=is_chosen)


def _thumbnail(path: Path | None, name: str, is_failed: bool) -> Markup:
    if path is None:
        return from_template("waiting", words=messages.edit.FAILED if is_failed else messages.edit.WAITING)
    return picture(path, messages.common.EDITED_ALT.format(name=name), is_lazy=True)
