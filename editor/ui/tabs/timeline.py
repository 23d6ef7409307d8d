"""The right side of Train: curves, the timeline of previews, two moments compared, and the way there as a file."""

from __future__ import annotations

from typing import Any, NamedTuple, get_args

import gradio as gr

from editor.ui import messages
from editor.ui.components.mode import EXPERT
from editor.ui.components.previews import comparison, timeline, timeline_data
from editor.ui.components.run_charts import loss_chart, losses, score_chart, scores
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.selection import place_of
from editor.workspace import RunListing, RunStatus, RunSummary, Services
from editor.workspace.timelines import AnimationFormat

ALL_PREVIEWS = "previews"  # what an animation shows, beside the shapes of a clip
SAME_RUN = ""  # as a choice of what to compare with


class Live(NamedTuple):
    """What is kept up to date, in the order of `render`."""

    losses: gr.HTML
    psnr: gr.HTML
    previews: gr.HTML
    compared: gr.Dropdown


def render(services: Services, listing: RunListing, snapshot: RunStatus | None) -> tuple[Any, ...]:
    """Return what `Live` should show of a run, which can be compared with the others of its effect."""
    history = snapshot.history if snapshot else None
    return (
        losses(history),
        scores(history),
        timeline_data(services, snapshot),
        gr.update(choices=_choices(listing.runs, snapshot)),
    )


def compare(services: Services, other: str | None) -> str:
    """Return the moments of the run to compare with; nothing for the run that is shown itself."""
    return timeline_data(services, services.training.status(other)) if other else ""


def save_animation(services: Services, run: str | None, format: str | None, shows: str | None = ALL_PREVIEWS) -> Any:
    """Make an animation of the run that is shown, of all previews or as a clip of some shape, and offer it."""
    if not run:
        raise mistake(messages.common.CHOOSE_RUN)
    if shows == ALL_PREVIEWS:
        path = services.timelines.save_animation(run, format)
    else:
        path = services.timelines.save_clip(run, format, shows)
    size = messages.common.readable_bytes(path.stat().st_size)
    label = messages.runs.SAVE_ANIMATION.format(format=path.suffix[1:].upper(), size=size)
    return gr.update(value=str(path), label=label, visible=True)


def build(services: Services, run_state: gr.State) -> Live:
    """Lay out the parts and connect them.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
    """
    previews = timeline()  # pictures first: they say more than numbers
    with gr.Row(elem_classes=["pb-charts", EXPERT]):
        charts = loss_chart(), score_chart()
    with gr.Accordion(messages.runs.COMPARE, open=False, elem_id="timeline-compare"):
        other = gr.Dropdown(
            [(messages.runs.SAME_RUN, SAME_RUN)],
            value=SAME_RUN,
            label=messages.runs.COMPARE_WITH,
            elem_id="timeline-other",
            filterable=False,
        )
        sides = comparison()
    with gr.Accordion(messages.runs.ANIMATION, open=False, elem_id="timeline-animation"):
        gr.Markdown(messages.runs.ANIMATION_HELP, elem_classes="pb-help")
        shows = gr.Radio(
            [(messages.runs.ALL_PREVIEWS, ALL_PREVIEWS), *messages.common.clip_shapes()],
            value=ALL_PREVIEWS,
            show_label=False,
            container=False,
            elem_id="timeline-shows",
        )
        with gr.Row(elem_classes="pb-buttons"):
            formats = [(messages.common.FORMATS[name], name) for name in get_args(AnimationFormat)]
            format = gr.Radio(
                formats,
                value=formats[0][1],
                show_label=False,
                container=False,
                elem_id="timeline-format",
                min_width=280,
                scale=2,
            )
            make = gr.Button(messages.runs.MAKE_ANIMATION, elem_id="timeline-save", min_width=170, scale=1)
            download = gr.DownloadButton("", visible=False, elem_id="timeline-download", min_width=170, scale=1)
    other.input(
        bound(compare, services),
        other,
        sides,
        trigger_mode="always_last",
        api_name="compare_runs",
        show_progress="hidden",
    )
    hide = "() => ({ __type__: 'update', visible: false })"  # in the page itself: runs change whenever it is opened
    run_state.change(None, None, download, js=hide, api_visibility="private", show_progress="hidden")
    made = make.click(
        bound(save_animation, services),
        [run_state, format, shows],
        download,
        api_name="save_timeline",
        show_progress="hidden",
        js=wait_begins("animation", messages.runs.MAKING_ANIMATION, 3),
    )
    wait_ends("animation", made)
    return Live(*charts, previews, other)


def _choices(runs: list[RunSummary], snapshot: RunStatus | None) -> list[tuple[str, str]]:
    shown = snapshot and snapshot.run
    others = [(run.name, run.id) for run in runs if shown and run.id != shown.id and place_of(run) == place_of(shown)]
    return [(messages.runs.SAME_RUN, SAME_RUN), *others]
