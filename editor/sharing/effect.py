"""Making the effect file of a run: what goes in, and how near its edits come to those of the run."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.image_files import load_image
from editor.pairs.folder import Pair
from editor.sharing.card import card_text
from editor.sharing.cutouts import cutouts_of
from editor.training.checkpoint import load_model, save_weights
from editor.training.effect_file import MAX_PAIRS, About, Contents, write_effect_file
from editor.training.history import read_history
from editor.training.manifest import intact_version
from editor.training.received import MOST_AGREEMENT, ReceivedEffect
from editor.training.run_folder import RunFolder

NUM_COMPARED = 4  # pairs that are edited with references and without
MOST_LOST = 0.2  # dB that edits may be farther from the truth without pairs


class Compared(NamedTuple):
    """How edits of an effect file compare with those of its run, as PSNR in dB.

    Attributes:
        agreement: Between the two, at most `MOST_AGREEMENT`.
        of_file: Between those of the file and the truth.
        of_run: Between those of the run and the truth.
    """

    agreement: float
    of_file: float
    of_run: float


def export_effect(run: RunFolder, path: Path, *, pairs: Sequence[str] = (), license: str = "") -> Compared | None:
    """Write the effect file of a run.

    No photograph goes in but those of `pairs`. Where edits paste what the pairs add, that alone goes in, cut out.

    Args:
        run: A run that has learned something.
        path: The file.
        pairs: Names of pairs that go along.
        license: What the card says of the terms; may be empty.

    Returns:
        What the card says of its edits, measured now; None where they were not compared.

    Raises:
        UserError: The run has learned nothing, there is no such pair, there are too many, or edits need some.
        OSError: The file cannot be written.
    """
    if not run.has_weights:
        raise UserError(f"The run in {run.path} has learned nothing yet. Train it first.")
    if len(pairs) > MAX_PAIRS:
        raise UserError(f"At most {MAX_PAIRS} pairs can go along, not {len(pairs)}.")
    editor = Editor.load(run.path, "cpu")
    large = run.large_files()
    files = {pair.name: large.get(pair.name, pair) for pair in run.store.pairs()}
    if unknown := [name for name in pairs if name not in files]:
        raise UserError(f"This run has no pair named {unknown[0]!r}. It has: {', '.join(files)}.")
    cutouts = [tuple(picture.image for picture in cutout) for cutout in cutouts_of(editor)]
    chosen = [_pictures(files[name]) for name in pairs]
    with tempfile.TemporaryDirectory(prefix="pairbrush-") as scratch:
        weights = Path(scratch, "model.safetensors")
        model, step = load_model(intact_version(run.editing_weights_path), run.config)
        save_weights(weights, model, step, is_half=True)
        about = About(
            effect=run.effect,
            created=run.created.isoformat(),
            config=run.config.to_dict(),
            license=license,
        )

        def written(to: Path, facts: ReceivedEffect, card: str) -> Path:
            """Write the file with what is known so far."""
            now = about.model_copy(update=facts.model_dump())
            write_effect_file(to, Contents(now, weights, card, cutouts, chosen))
            return to

        if run.config.output == "canvas":  # which copies from its references by definition
            compared, needs_pairs = None, True
        else:
            without = Editor.load(written(Path(scratch, "try.pairbrush"), about, ""), "cpu")
            compared = _compare(editor, without, run.store.pairs())
            needs_pairs = compared.of_run - compared.of_file > MOST_LOST
        if needs_pairs and not chosen:
            raise UserError(
                f"Edits of {run.name} go by its pairs, so at least one has to go along, and with it two photographs. "
                "Choose which."
            )
        facts = ReceivedEffect(
            needs_pairs=needs_pairs,
            agreement=compared and compared.agreement,
            license=license,
        )
        if needs_pairs:
            cutouts = []
        written(path, facts, card_text(run, read_history(run), facts, step, len(cutouts), len(chosen)))
    return compared


def _pictures(pair: Pair) -> tuple[Image.Image, Image.Image]:
    return load_image(pair.source), load_image(pair.target)


def _compare(editor: Editor, without: Editor, pairs: Sequence[Pair]) -> Compared:
    """Edit some pairs, those that were not learned from first, with the pairs of the run and without."""
    errors = []
    for pair in sorted(pairs, key=lambda pair: not pair.is_held_out)[:NUM_COMPARED]:
        before, truth = _pictures(pair)
        ours, theirs = (each.edit(before).image for each in (editor, without))
        errors.append([_squared_error(*both) for both in ((ours, theirs), (theirs, truth), (ours, truth))])
    return Compared(*(_psnr(sum(column) / len(column)) for column in zip(*errors)))


def _squared_error(a: Image.Image, b: Image.Image) -> float:
    difference = np.asarray(a, np.float32) - np.asarray(b, np.float32)
    return float(np.square(difference / 255).mean())


def _psnr(squared_error: float) -> float:
    return MOST_AGREEMENT if squared_error == 0 else min(MOST_AGREEMENT, -10 * math.log10(squared_error))
