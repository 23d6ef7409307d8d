"""All pairs i by j as a heat map, with the pictures of one cell beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from markupsafe import Markup

from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import address, from_template, placeholder
from editor.workspace import PairMatrix, hardest, reference_deviation

Kind = Literal["source", "target"]
MAX_NUMBERS = 12  # pairs up to which the numbers are written into the cells


class Cell(NamedTuple):
    """One number of the heat map."""

    value: float  # dB
    shade: float  # 0 for the best, 1 for the worst


class Ends(NamedTuple):
    """What the best and the worst shade stand for."""

    high: str
    low: str


def pair_matrix(
    matrix: PairMatrix | None, kind: Kind, pairs: Sequence[Pair], thumbnail: Callable[[Path], Path]
) -> Markup:
    """Return the heat map; `assets/pair_matrix.js` shows the pictures of the cell under the pointer.

    Args:
        matrix: What is known.
        kind: Whether to show the error of x_j_hat or that of y_j_hat.
        pairs: Those of the run.
        thumbnail: Makes a small copy of a picture.
    """
    if matrix is None:
        return placeholder(messages.inspect.NO_MATRIX)
    values = getattr(matrix, kind)
    low, high = _range(values)
    state = [messages.inspect.matrix_state(matrix), messages.inspect.matrix_references(reference_deviation(values))]
    return from_template(
        "pair_matrix",
        data=_data(matrix, pairs, thumbnail),
        verdict=messages.inspect.matrix_verdict(hardest(matrix, values), kind),
        state=" ".join(filter(None, state)),
        is_done=matrix.is_done,  # until then, something changes at every step, and nothing is read out
        is_wide=len(matrix.names) > MAX_NUMBERS,
        label=messages.inspect.MATRIX_LABEL.format(kind=messages.inspect.MATRIX_KINDS[kind]),
        names=matrix.names,
        held_out=matrix.held_out,
        rows=[(name, [_cell(value, low, high) for value in row]) for name, row in zip(matrix.names, values)],
        key=Ends(messages.common.score(high), messages.common.score(low)) if high > low else None,
    )


def _cell(value: float | None, low: float, high: float) -> Cell | None:
    if value is None:
        return None
    share = (high - value) / (high - low) if high > low else 0.0
    return Cell(value, min(max(share, 0.0), 1.0))


def _range(values: Sequence[Sequence[float | None]]) -> tuple[float, float]:
    """Return the lowest and the highest value off the diagonal, where a pair explains itself."""
    found = [v for i, row in enumerate(values) for j, v in enumerate(row) if v is not None and i != j]
    return (min(found), max(found)) if found else (0.0, 0.0)


def _data(matrix: PairMatrix, pairs: Sequence[Pair], thumbnail: Callable[[Path], Path]) -> str:
    """Return what shows one cell in detail, as JSON."""
    by_name = {pair.name: pair for pair in pairs}
    found = [by_name[name] for name in matrix.names]
    return json.dumps(
        {
            "names": matrix.names,
            "source": [[value and round(value, 1) for value in row] for row in matrix.source],
            "target": [[value and round(value, 1) for value in row] for row in matrix.target],
            "sheets": [address(path) for path in matrix.sheets or ()],
            # Only once all cells are there: until then the whole heat map is sent again at every step.
            "x": [address(thumbnail(pair.source)) for pair in found] if matrix.is_done else [],
            "y": [address(thumbnail(pair.target)) for pair in found] if matrix.is_done else [],
            "heldOut": [name in matrix.held_out for name in matrix.names],
        }
    )
