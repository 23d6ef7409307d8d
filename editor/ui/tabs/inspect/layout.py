"""The Inspect tab laid out and connected."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.figures import EXTRAS, SECTIONS, STEPS, figure
from editor.ui.components.html import note, placeholder, script
from editor.ui.components.mode import SIMPLE
from editor.ui.components.readout import readout
from editor.ui.components.run_picker import run_picker
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound
from editor.ui.inputs import PICTURES
from editor.ui.tabs.inspect import matrix
from editor.ui.tabs.inspect.handlers import COLOR_RANGES, FACTS, MAX_STEPS, SCALES, follow, inspect, pick
from editor.workspace import ColorRange, Services

REFRESH_SECONDS = 1.0
WAIT = "inspect"  # key of what this tab waits for
QUIETLY: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "device", "concurrency_limit": 1}


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    run: gr.Dropdown
    timer: gr.Timer


class _Parts(NamedTuple):
    """What there is on the tab."""

    run: gr.Dropdown
    pair_i: gr.Dropdown
    pair_j: gr.Dropdown
    photo: gr.File  # the person's own picture, which takes the place of j
    controls: dict[str, Any]  # how to look, by name
    cells: gr.HTML  # the matrix of all pairs
    filled: list[Any]  # by a look, in the order of its answer


def build(services: Services, run_state: gr.State, page: gr.State, tab: gr.Tab) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
        page: What the page was sent, a `state.Seen`.
        tab: The tab that this is in; nothing is computed while it is closed.
    """
    parts = _lay_out(services, run_state)
    seen = gr.State(None)
    timer = gr.Timer(REFRESH_SECONDS, active=False)
    looks = _connect(services, parts, run_state, seen)
    # Not at every tick, most of which find nothing new; and before the look, or it would begin when that has ended.
    begins = wait_begins(WAIT, messages.inspect.WAIT, 0)
    gr.on([tab.select, parts.run.input], None, None, None, js=begins, api_visibility="private")
    looks.append(
        gr.on(
            [tab.select, timer.tick],
            bound(follow, services),
            [run_state, seen, page],
            [seen, *parts.filled],
            trigger_mode="always_last",
            api_visibility="private",
            **QUIETLY,
        )
    )
    for look in looks:
        wait_ends(WAIT, look)
    return Tab(parts.run, timer)


def _lay_out(services: Services, run_state: gr.State) -> _Parts:
    with gr.Row(elem_classes="pb-row"):
        run = run_picker("inspect-run")
        pair_i, pair_j = (
            gr.Dropdown([], value=None, label=label, elem_id=elem_id, min_width=150)
            for label, elem_id in ((messages.inspect.PAIR_I, "inspect-i"), (messages.inspect.PAIR_J, "inspect-j"))
        )
    gr.HTML(note([messages.inspect.FOR_EXPERTS]), elem_id="inspect-about", elem_classes=SIMPLE)
    notice = gr.HTML(placeholder(messages.inspect.FIRST_LOOK), elem_id="inspect-note")
    line = gr.HTML(readout(), js_on_load=script("inspect_readout"), elem_id="inspect-readout")
    numbers, controls, pictures = [], {}, []
    for section in SECTIONS:
        with gr.Row(elem_classes="pb-figures", elem_id=f"inspect-section-{section.name}"):
            with gr.Column(min_width=200, elem_classes="pb-section"):
                title, text = messages.inspect.INSPECT_SECTIONS[section.name]
                gr.Markdown(f"### {title}\n{text}", container=False)
                if section.name == "given":
                    photo = gr.File(
                        label=messages.inspect.OWN_PICTURE_LABEL,
                        file_types=PICTURES,
                        height=130,
                        elem_id="inspect-photo",
                    )
                elif section.name == "flow":
                    controls |= _flow_controls()
                elif section.name == "target":
                    controls |= _sampling_controls()
                if section.name in FACTS:
                    numbers.append(gr.HTML(elem_id=f"inspect-{section.name}-facts"))
            for about in section.figures:
                with gr.Column(min_width=200):
                    pictures += figure(about)
    for name, figures in EXTRAS.items():
        with gr.Row(elem_classes="pb-figures", elem_id=f"inspect-section-{name}"):
            for about in figures:
                with gr.Column(min_width=200):
                    pictures += figure(about)
    pictures += figure(STEPS)
    with gr.Column(elem_classes="pb-figures pb-matrix-part"):
        cells = matrix.build(services, run_state).html
    filled = [pair_i, pair_j, notice, line, *numbers, *pictures]
    return _Parts(run, pair_i, pair_j, photo, controls, cells, filled)


def _connect(services: Services, parts: _Parts, run_state: gr.State, seen: gr.State) -> list[Any]:
    """Look anew whenever a person chooses something else; return the events that do."""
    _, pair_i, pair_j, photo, controls, cells, filled = parts
    how = [controls[name] for name in ("view", "scale", "colors", "noise", "steps")]
    asked = [run_state, pair_i, pair_j, photo, *how, seen]
    begins = wait_begins(WAIT, messages.inspect.WAIT, len(asked))
    looks = [
        gr.on(
            [pair_i.input, photo.upload, photo.clear, *(control.input for control in controls.values())],
            bound(inspect, services),
            asked,
            [seen, *filled],
            trigger_mode="always_last",
            api_name="inspect",
            js=begins,
            **QUIETLY,
        )
    ]
    picked = cells.pick(
        bound(pick, services), None, [pair_i, pair_j, photo], trigger_mode="multiple", api_visibility="private"
    )
    chosen = pair_j.input(None, None, photo, js="() => null", api_visibility="private")
    # Only once the person's own picture is taken away, which would stay in place of j.
    for event in (picked.success, chosen.success):
        look = event(bound(inspect, services), asked, [seen, *filled], api_visibility="private", js=begins, **QUIETLY)
        looks.append(look)
    return looks


def _flow_controls() -> dict[str, Any]:
    views = [(label, name) for name, label in messages.inspect.FLOW_VIEWS.items()]
    scales = [
        (messages.inspect.PIXELS.format(pixels) if pixels else messages.inspect.AUTOMATIC, pixels) for pixels in SCALES
    ]
    ranges = [(messages.inspect.color_range(ColorRange.fixed(percent / 100)), percent) for percent in COLOR_RANGES[1:]]
    return {
        "view": gr.Radio(views, value="wheel", label=messages.inspect.SHOW_FLOW_AS, elem_id="inspect-view"),
        "scale": gr.Dropdown(
            scales, value=0, label=messages.inspect.FLOW_SCALE, filterable=False, elem_id="inspect-flow-scale"
        ),
        "colors": gr.Dropdown(
            [(messages.inspect.AUTOMATIC, 0), *ranges],
            value=0,
            label=messages.inspect.COLOR_SCALE,
            filterable=False,
            elem_id="inspect-color-range",
        ),
    }


def _sampling_controls() -> dict[str, Any]:
    return {
        "noise": gr.Slider(0, 1, value=1, step=0.05, label=messages.inspect.NOISE_LEVEL, elem_id="inspect-noise"),
        "steps": gr.Slider(
            1, MAX_STEPS, value=1, step=1, label=messages.inspect.SAMPLING_STEPS, elem_id="inspect-steps-count"
        ),
    }
