"""Step 3: look inside a run, at what happens from one pair to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.store import Pair
from editor.ui import messages
from editor.ui.components.html import placeholder
from editor.ui.components.run_picker import run_picker
from editor.ui.handlers import bound
from editor.workspace import InspectionPictures, Services

REFRESH_SECONDS = 2.0


class Figure(NamedTuple):
    """How one picture of an inspection is shown."""

    field: str  # of InspectionPictures
    label: str
    alt: str


ROWS: tuple[tuple[str, str, tuple[Figure, ...]], ...] = (
    (
        "What the model sees",
        "Two sources. The edit of i is known; the edit of j is asked for.",
        (
            Figure("x_i", "x_i, reference before", "Source picture of the reference pair i"),
            Figure("x_j", "x_j, picture to edit", "Source picture of pair j"),
            Figure("y_i", "y_i, reference after", "Target picture of the reference pair i"),
        ),
    ),
    (
        "How it gets from x_i to x_j",
        "F says where each pixel comes from, C how its color is scaled and shifted.",
        (
            Figure("flow", "F, flow", "Flow field F in Middlebury colors"),
            Figure("flow_legend", "F, legend", "Legend of the flow: a wheel of directions with its scale in pixels"),
            Figure("scale", "C, scale", "Color scale per pixel, diverging around 1"),
            Figure("scale_legend", "C, scale, legend", "Color bar of the scale"),
            Figure("shift", "C, shift", "Color shift per pixel, diverging around 0"),
            Figure("shift_legend", "C, shift, legend", "Color bar of the shift"),
        ),
    ),
    (
        "Does that explain x_j?",
        "F moves x_i, then C recolors it. What is left is the error.",
        (
            Figure("warped", "T_s(x_i), moved by F", "The reference source moved by the flow"),
            Figure("x_j_hat", "x̂_j, moved and recolored", "Prediction of the source j"),
            Figure("x_error", "Error of x̂_j", "Heat map of the error of the predicted source"),
        ),
    ),
    (
        "The edit",
        "What the model makes of x_j, beside the truth it never saw.",
        (
            Figure("y_j_hat", "ŷ_j, the edit", "Edit of the source j"),
            Figure("y_j", "y_j, truth", "Target picture of pair j"),
            Figure("y_error", "Error of ŷ_j", "Heat map of the error of the edit"),
            Figure("error_legend", "Error, legend", "Color bar of the errors"),
        ),
    ),
)
FIGURES = tuple(figure for _, _, figures in ROWS for figure in figures)
Look = tuple[str, str, str, int]  # run, i, j, version of the weights


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    run: gr.Dropdown
    timer: gr.Timer


def look(services: Services, run: str | None, i: str | None, j: str | None, seen: Look | None) -> tuple[Any, ...]:
    """Return seen, i, j, a note and the pictures; nothing is computed where nothing has changed.

    Args:
        services: The one object to ask.
        run: The run to look into.
        i: Name of the reference pair, or None for the first.
        j: Name of the pair to predict, or None for the first that is held out.
        seen: What the page shows now.
    """
    if not run:
        return seen, gr.skip(), gr.skip(), placeholder(messages.NO_RUN_TO_INSPECT), *_skips()
    version = services.editing.version(run)
    if not version:
        return seen, gr.skip(), gr.skip(), placeholder(messages.NO_WEIGHTS), *_skips()
    pairs = services.training.pairs(run)
    names = {pair.name for pair in pairs}
    is_new_run = seen is None or seen[0] != run
    first_i, first_j = _first_choice(pairs)
    i = i if i in names else first_i
    j = j if j in names else first_j
    if seen == (run, i, j, version):
        return tuple(gr.skip() for _ in range(4 + len(FIGURES)))
    pictures = services.editing.inspect(run, i, j)
    choices = [(f"{pair.name}{', held out' if pair.is_held_out else ''}", pair.name) for pair in pairs]
    updates = [gr.update(choices=choices, value=value) if is_new_run else gr.skip() for value in (i, j)]
    return (run, i, j, version), *updates, "", *_in_order(pictures)


def build(services: Services, run_state: gr.State) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
    """
    with gr.Row(elem_classes="pb-row"):
        run = run_picker("inspect-run")
        pair_i, pair_j = (
            gr.Dropdown([], value=None, label=label, elem_id=elem_id, min_width=150)
            for label, elem_id in (("Pair i, the reference", "inspect-i"), ("Pair j, to predict", "inspect-j"))
        )
    note = gr.HTML(placeholder(messages.NO_RUN_TO_INSPECT), elem_id="inspect-note")
    pictures = []
    for title, text, figures in ROWS:
        gr.Markdown(f"### {title}\n{text}", elem_classes="pb-section")
        with gr.Row(elem_classes="pb-figures"):
            pictures += [_figure(figure) for figure in figures]
    seen = gr.State(None)
    timer = gr.Timer(REFRESH_SECONDS, active=False)
    gr.on(
        [timer.tick, pair_i.input, pair_j.input, run_state.change],
        bound(look, services),
        [run_state, pair_i, pair_j, seen],
        [seen, pair_i, pair_j, note, *pictures],
        show_progress="hidden",
        trigger_mode="always_last",
        concurrency_id="device",
        concurrency_limit=1,
        api_name="inspect",
    )
    return Tab(run, timer)


def _figure(figure: Figure) -> gr.Image:
    is_legend = figure.field.endswith("legend")
    return gr.Image(
        label=figure.label,
        alt_text=figure.alt,
        format="png",
        interactive=False,
        buttons=[] if is_legend else ["download", "fullscreen"],
        min_width=90 if is_legend else 150,
        elem_id=f"inspect-{figure.field.replace('_', '-')}",
        elem_classes="pb-legend-picture" if is_legend else "pb-picture",
    )


def _first_choice(pairs: Sequence[Pair]) -> tuple[str, str]:
    training = [pair.name for pair in pairs if not pair.is_held_out]
    held_out = [pair.name for pair in pairs if pair.is_held_out]
    return training[0], (held_out or training[1:] or training)[0]


def _in_order(pictures: InspectionPictures) -> list[Any]:
    return [getattr(pictures, figure.field) for figure in FIGURES]


def _skips() -> list[Any]:
    return [gr.skip() for _ in FIGURES]
