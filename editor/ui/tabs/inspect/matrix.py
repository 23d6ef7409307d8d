"""The lower part of Inspect: the matrix of all pairs i by j, computed on request, a few cells at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.html import placeholder, script
from editor.ui.components.pair_matrix import pair_matrix
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.workspace import PairMatrix, Services

CHUNK_PAUSE = 0.4  # seconds between two batches of cells, in which other events get the device


class Matrix(NamedTuple):
    """What the tab connects to."""

    html: gr.HTML  # its event `pick` brings the names `i` and `j`


def show(services: Services, run: str | None, kind: str) -> tuple[Any, ...]:
    """Return the page's parts: the heat map, both buttons and the timer, which is off."""
    try:
        matrix = services.inspecting.matrix(run) if run else None
        return _shown(services, run, matrix, kind, is_going=False)
    except UserError as error:
        return _ended(error)


def start(services: Services, run: str | None, kind: str) -> tuple[Any, ...]:
    """Begin, or go on; the timer calls `advance` until it is done."""
    if not run:
        raise mistake(messages.common.CHOOSE_RUN)
    matrix = services.inspecting.begin_matrix(run)
    if matrix.is_done:
        gr.Info(messages.inspect.MATRIX_UP_TO_DATE)
    return _shown(services, run, matrix, kind, is_going=not matrix.is_done)


def advance(services: Services, run: str | None, kind: str) -> tuple[Any, ...]:
    """Compute a little more. This only ever turns the timer off: by now, the person may have pressed Stop."""
    try:
        if not run or services.inspecting.matrix(run) is None:  # another run was chosen meanwhile
            return show(services, run, kind)
        matrix = services.inspecting.advance_matrix(run)
        shown = _shown(services, run, matrix, kind, is_going=False)
        return shown if matrix.is_done else (shown[0], gr.skip(), gr.skip(), gr.skip())
    except UserError as error:
        return _ended(error)


def build(services: Services, run_state: gr.State) -> Matrix:
    """Lay it out and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
    """
    gr.Markdown(
        f"### {messages.inspect.MATRIX_TITLE}\n{messages.inspect.MATRIX_HELP}",
        elem_classes="pb-matrix-help",
        container=False,
    )
    with gr.Row(elem_classes="pb-row pb-matrix-controls"):
        kind = gr.Radio(
            [(label, name) for name, label in messages.inspect.MATRIX_KINDS.items()],
            value="target",
            label=messages.inspect.MATRIX_KIND,
            elem_id="inspect-matrix-kind",
        )
        start_button = gr.Button(messages.inspect.MATRIX_START, elem_id="inspect-matrix-start")
        stop_button = gr.Button(messages.inspect.MATRIX_STOP, visible=False, elem_id="inspect-matrix-stop")
    html = gr.HTML(
        placeholder(messages.inspect.NO_MATRIX),
        js_on_load=script("pair_matrix", words=messages.inspect.MATRIX_WORDS),
        elem_id="inspect-matrix",
    )
    timer = gr.Timer(CHUNK_PAUSE, active=False)
    inputs, outputs = [run_state, kind], [html, start_button, stop_button, timer]
    gr.on(
        [run_state.change, stop_button.click],
        bound(show, services),
        inputs,
        outputs,
        show_progress="hidden",
        api_visibility="private",
    )
    kind.input(bound(_switch, services), inputs, html, show_progress="hidden", api_visibility="private")
    begun = start_button.click(
        bound(start, services),
        inputs,
        outputs,
        show_progress="hidden",
        concurrency_id="device",
        concurrency_limit=1,
        api_name="compute_matrix",
        js=wait_begins("matrix", messages.inspect.MATRIX_STARTS, len(inputs)),
    )
    wait_ends("matrix", begun)
    timer.tick(
        bound(advance, services),
        inputs,
        outputs,
        show_progress="hidden",
        concurrency_id="device",
        concurrency_limit=1,
        api_visibility="private",
    )
    return Matrix(html)


def _ended(error: UserError) -> tuple[Any, ...]:
    """Return what the page shows where it cannot go on: in place of the matrix; a toast would come at every tick."""
    return placeholder(str(error)), gr.update(visible=True), gr.update(visible=False), gr.Timer(active=False)


def _switch(services: Services, run: str | None, kind: str) -> str:
    """Return the heat map of the other error; a computation goes on."""
    return show(services, run, kind)[0]


def _shown(
    services: Services, run: str | None, matrix: PairMatrix | None, kind: str, *, is_going: bool
) -> tuple[Any, ...]:
    if kind not in messages.inspect.MATRIX_KINDS:
        raise mistake(messages.errors.STALE_PAGE)
    pairs = services.training.pairs(run) if run else []
    label = messages.inspect.MATRIX_START
    if matrix is not None:
        label = messages.inspect.MATRIX_GO_ON if not matrix.is_done else messages.inspect.MATRIX_AGAIN
    return (
        pair_matrix(matrix, kind, pairs, services.workspace.thumbnail),
        gr.update(value=label, visible=not is_going),
        gr.update(visible=is_going),
        gr.Timer(active=is_going),
    )
