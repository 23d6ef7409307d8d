"""Step 3: look inside a run, at what happens from one pair to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from editor.errors import UserError
from editor.pairs.store import Pair
from editor.ui import messages
from editor.ui.components.html import placeholder
from editor.ui.components.run_picker import run_picker
from editor.ui.handlers import bound
from editor.workspace import Services

REFRESH_SECONDS = 1.0


class Figure(NamedTuple):
    """How one picture of an inspection is shown."""

    field: str  # of workspace.InspectionPictures
    label: str
    alt: str
    legend: str = ""  # the field of the picture that explains its colors


class Section(NamedTuple):
    """One row of pictures and what it is about."""

    title: str
    text: str
    figures: tuple[Figure, ...]


SECTIONS = (
    Section(
        "What it is given",
        "The reference pair i, before and after, and another picture to edit in the same way.",
        (
            Figure("x_i", "x_i: reference before", "Source picture of the reference pair i"),
            Figure("y_i", "y_i: reference after", "Target picture of the reference pair i"),
            Figure("x_j", "x_j: picture to edit", "Source picture of pair j"),
        ),
    ),
    Section(
        "From x_i to x_j",
        "What the first network, M_x, predicts. F says where each pixel comes from, C how its color is scaled and "
        "shifted.",
        (
            Figure("flow", "F: flow", "Flow field F in Middlebury colors", "flow_legend"),
            Figure("scale", "C: scale", "Color scale per pixel, diverging around 1", "scale_legend"),
            Figure("shift", "C: shift", "Color shift per pixel, diverging around 0", "shift_legend"),
        ),
    ),
    Section(
        "Does that explain x_j?",
        "F moves x_i, then C recolors it. Where the result differs from x_j, the error is bright.",
        (
            Figure("warped", "T_s(x_i): moved by F", "The reference source moved by the flow"),
            Figure("x_j_hat", "x̂_j: moved and recolored", "Prediction of the source of pair j"),
            Figure("x_error", "error of x̂_j", "Heat map of the error of the predicted source", "error_legend"),
        ),
    ),
    Section(
        "The edit",
        "What the second network, M_y, makes of it, beside the truth that it never sees.",
        (
            Figure("y_j_hat", "ŷ_j: the edit", "Edit of the source of pair j"),
            Figure("y_j", "y_j: the truth", "Target picture of pair j"),
            Figure("y_error", "error of ŷ_j", "Heat map of the error of the edit"),
        ),
    ),
)
FIELDS = tuple(
    field for section in SECTIONS for figure in section.figures for field in (figure.field, figure.legend) if field
)
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
    try:
        return _look(services, run, i, j, seen)
    except UserError as error:  # in the page and not as a toast, since the timer would raise one every second
        return _nothing(str(error))


def build(services: Services, run_state: gr.State, tab: gr.Tab) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
        tab: The tab that this is in; nothing is computed while it is closed.
    """
    with gr.Row(elem_classes="pb-row"):
        run = run_picker("inspect-run")
        pair_i, pair_j = (
            gr.Dropdown([], value=None, label=label, elem_id=elem_id, min_width=150)
            for label, elem_id in (("Pair i, the reference", "inspect-i"), ("Pair j, to predict", "inspect-j"))
        )
    note = gr.HTML(placeholder(messages.NO_RUN_TO_INSPECT), elem_id="inspect-note")
    pictures = []
    for section in SECTIONS:
        with gr.Row(elem_classes="pb-figures"):
            gr.Markdown(f"### {section.title}\n{section.text}", elem_classes="pb-section", container=False)
            for figure in section.figures:
                with gr.Column(min_width=200):
                    pictures.append(_picture(figure))
                    if figure.legend:
                        pictures.append(_legend(figure))
    seen = gr.State(None)
    timer = gr.Timer(REFRESH_SECONDS, active=False)
    gr.on(
        [tab.select, timer.tick, pair_i.input, pair_j.input],
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


def _look(services: Services, run: str | None, i: str | None, j: str | None, seen: Look | None) -> tuple[Any, ...]:
    if not run:
        return _nothing(messages.NO_RUN_TO_INSPECT)
    version = services.editing.version(run)
    if not version:
        return _nothing(messages.NO_WEIGHTS)
    pairs = services.training.pairs(run)
    names = {pair.name for pair in pairs}
    first_i, first_j = _first_choice(pairs)
    i = i if i in names else first_i
    j = j if j in names else first_j
    if seen == (run, i, j, version):
        return tuple(gr.skip() for _ in range(4 + len(FIELDS)))
    pictures = services.editing.inspect(run, i, j)
    choices = [(f"{pair.name}{', held out' if pair.is_held_out else ''}", pair.name) for pair in pairs]
    is_new_run = seen is None or seen[0] != run
    updates = [gr.update(choices=choices, value=value) if is_new_run else gr.skip() for value in (i, j)]
    return (run, i, j, version), *updates, "", *(getattr(pictures, field) for field in FIELDS)


def _nothing(sentence: str) -> tuple[Any, ...]:
    return None, gr.skip(), gr.skip(), placeholder(sentence), *(gr.skip() for _ in FIELDS)


def _picture(figure: Figure) -> gr.Image:
    return gr.Image(
        label=figure.label,
        alt_text=figure.alt,
        format="png",
        interactive=False,
        buttons=["download", "fullscreen"],
        elem_id=f"inspect-{figure.field.replace('_', '-')}",
        elem_classes="pb-picture",
    )


def _legend(figure: Figure) -> gr.Image:
    return gr.Image(
        show_label=False,
        alt_text=f"Legend of {figure.label}",
        format="png",
        interactive=False,
        buttons=[],
        container=False,
        elem_id=f"inspect-{figure.legend.replace('_', '-')}",
        elem_classes="pb-picture pb-legend-picture",
    )


def _first_choice(pairs: Sequence[Pair]) -> tuple[str, str]:
    training = [pair.name for pair in pairs if not pair.is_held_out]
    held_out = [pair.name for pair in pairs if pair.is_held_out]
    return training[0], (held_out or training[1:] or training)[0]
