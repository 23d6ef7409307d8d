"""All pairs i by j as a heat map, with a look at one cell beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Literal

from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import address, placeholder
from editor.workspace import PairMatrix, hardest, reference_deviation

Kind = Literal["source", "target"]
MAX_NUMBERS = 12  # pairs up to which the numbers are written into the cells


def pair_matrix(matrix: PairMatrix | None, kind: Kind, pairs: Sequence[Pair], thumbnail: Callable[[Path], Path]) -> str:
    """Return the heat map; `assets/pair_matrix.js` shows the pictures of the cell that is looked at.

    Args:
        matrix: What is known.
        kind: Whether to show the error of x_j_hat or that of y_j_hat.
        pairs: Those of the run.
        thumbnail: Makes a small copy of a picture.
    """
    if matrix is None:
        return placeholder(messages.inspect.NO_MATRIX)
    values = getattr(matrix, kind)
    verdict = messages.inspect.matrix_verdict(hardest(matrix, values), kind)
    state = [messages.inspect.matrix_state(matrix), messages.inspect.matrix_references(reference_deviation(values))]
    spoken = ' aria-live="polite"' if matrix.is_done else ""  # until then, something changes at every step
    said = f'<p class="pb-matrix-verdict">{escape(verdict)}</p>' if verdict else ""
    return (
        f'<section class="pb-matrix" data-matrix="{escape(_data(matrix, pairs, thumbnail))}">{said}'
        f'<p class="pb-matrix-state"{spoken}>{escape(" ".join(filter(None, state)))}</p>'
        f'<div class="pb-matrix-body"><div class="pb-matrix-map">{_table(matrix, kind)}{_key(values)}</div>'
        f'<aside class="pb-matrix-look"{spoken}><p>{escape(messages.inspect.MATRIX_LOOK)}</p></aside>'
        "</div></section>"
    )


def _table(matrix: PairMatrix, kind: Kind) -> str:
    values = getattr(matrix, kind)
    low, high = _range(values)
    columns = "".join(_head(name, "col", matrix) for name in matrix.names)
    rows = "".join(
        f"<tr>{_head(name, 'row', matrix)}{''.join(_cell(value, low, high) for value in row)}</tr>"
        for name, row in zip(matrix.names, values)
    )
    size = "pb-wide" if len(matrix.names) > MAX_NUMBERS else ""
    label = messages.inspect.MATRIX_LABEL.format(kind=messages.inspect.MATRIX_KINDS[kind])
    return (
        f'<table class="{size}" role="grid" aria-label="{escape(label)}"><thead><tr>'
        f'<td><span class="pb-corner"><span>{escape(messages.inspect.MATRIX_COLUMNS)}</span>'
        f"<span>{escape(messages.inspect.MATRIX_ROWS)}</span></span></td>{columns}"
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )


def _head(name: str, scope: str, matrix: PairMatrix) -> str:
    held = f' class="pb-held" title="{escape(messages.inspect.MATRIX_HELD_OUT)}"' if name in matrix.held_out else ""
    return f'<th scope="{scope}"{held}><span>{escape(name)}</span></th>'


def _cell(value: float | None, low: float, high: float) -> str:
    if value is None:
        return "<td></td>"
    share = (high - value) / (high - low) if high > low else 0.0
    return f'<td style="--e:{min(max(share, 0.0), 1.0):.2f}">{value:.1f}</td>'


def _key(values: Sequence[Sequence[float | None]]) -> str:
    low, high = _range(values)
    if high <= low:
        return ""
    return (
        f'<p class="pb-matrix-key"><span>{messages.common.score(high)}</span><i></i>'
        f"<span>{messages.common.score(low)}</span>"
        f'<b class="pb-held">{escape(messages.inspect.MATRIX_HELD_OUT)}</b></p>'
    )


def _range(values: Sequence[Sequence[float | None]]) -> tuple[float, float]:
    """Return the lowest and the highest value off the diagonal, where a pair explains itself."""
    found = [v for i, row in enumerate(values) for j, v in enumerate(row) if v is not None and i != j]
    return (min(found), max(found)) if found else (0.0, 0.0)


def _data(matrix: PairMatrix, pairs: Sequence[Pair], thumbnail: Callable[[Path], Path]) -> str:
    """Return what the look at a cell needs, as JSON."""
    by_name = {pair.name: pair for pair in pairs}
    found = [by_name[name] for name in matrix.names]
    return json.dumps(
        {
            "names": matrix.names,
            "source": [[value and round(value, 1) for value in row] for row in matrix.source],
            "target": [[value and round(value, 1) for value in row] for row in matrix.target],
            "sheets": [address(path) for path in matrix.sheets or ()],
            # Only once all is there: until then the heat map is sent anew at every step.
            "x": [address(thumbnail(pair.source)) for pair in found] if matrix.is_done else [],
            "y": [address(thumbnail(pair.target)) for pair in found] if matrix.is_done else [],
            "heldOut": [name in matrix.held_out for name in matrix.names],
        }
    )
