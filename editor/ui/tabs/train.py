"""Step 2: start, watch, stop and continue a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.store import Pair
from editor.ui import messages
from editor.ui.components.run_picker import run_picker
from editor.ui.components.run_status import run_status
from editor.ui.handlers import bound, mistake, seed_from
from editor.ui.tabs import runs, timeline
from editor.workspace import Effect, Services, Snapshot

DEFAULT_MINUTES = 3


class Live(NamedTuple):
    """What is kept up to date, in the order of `render`."""

    effect: gr.HTML
    start: gr.Button
    stop: gr.Button
    resume: gr.Button
    status: gr.HTML
    losses: gr.HTML
    psnr: gr.HTML
    previews: gr.HTML
    compared: gr.Dropdown
    runs: gr.HTML


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    live: Live
    run: gr.Dropdown
    changes: list[Any]  # events after which the page looks again


def render(services: Services, effect: str | None, pairs: Sequence[Pair], snapshot: Snapshot | None) -> tuple[Any, ...]:
    """Return what `Live` should show.

    Args:
        services: The one object to ask.
        effect: The effect that would be learned.
        pairs: Its pairs.
        snapshot: The run to show.
    """
    is_busy = services.training.active is not None
    is_ours = snapshot is not None and snapshot.run.id == services.training.active
    can_stop = is_busy and not (is_ours and snapshot.state == "stopping")
    can_resume = not is_busy and snapshot is not None and not snapshot.is_live
    return (
        _effect_card(services.workspace.effect(effect), pairs) if effect else "",
        gr.update(interactive=not is_busy),
        gr.update(interactive=can_stop),
        gr.update(interactive=can_resume),
        run_status(snapshot),
        *timeline.render(services, snapshot),
        runs.render(services, snapshot.run.id if snapshot else None),
    )


def start(services: Services, effect: str | None, preset: str, minutes: float | None, seed: float | None) -> str:
    """Begin a run in the background and return its id."""
    if not effect:
        raise mistake(messages.NO_EFFECT)
    if preset not in services.presets:
        raise mistake(messages.BAD_PRESET.format(names=", ".join(services.presets)))
    config = replace(services.presets[preset], seed=seed_from(seed))
    return services.training.start(effect, config, minutes)


def resume(services: Services, run: str | None, minutes: float | None) -> None:
    """Continue the run that is shown."""
    if not run:
        raise mistake(messages.CHOOSE_RUN)
    services.training.resume(run, minutes)


def stop(services: Services) -> None:
    """Ask the run in progress to stop."""
    services.training.stop()


def build(services: Services, effect: gr.Dropdown, run_state: gr.State) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        effect: The page's effect.
        run_state: The id of the run that the page shows.
    """
    with gr.Row(elem_classes="pb-row"):
        with gr.Column(scale=2, min_width=280):
            effect_card = gr.HTML(elem_id="train-effect")
            preset = gr.Radio(
                preset_choices(services), value=next(iter(services.presets)), label="Quality", elem_id="train-preset"
            )
            minutes = gr.Number(DEFAULT_MINUTES, label="Minutes", elem_id="train-minutes", step=1)
            with gr.Accordion("Advanced", open=False, elem_id="train-advanced"):
                seed = gr.Number(0, label="Seed", info=messages.SEED_INFO, precision=0, elem_id="train-seed")
            start_button = gr.Button("Start training", variant="primary", elem_id="train-start")
            with gr.Row(elem_classes="pb-buttons"):
                stop_button = gr.Button("Stop", interactive=False, elem_id="train-stop", min_width=90)
                resume_button = gr.Button("Continue", interactive=False, elem_id="train-continue", min_width=90)
            gr.Markdown(messages.CONTINUE_HELP, elem_classes="pb-help")
        with gr.Column(scale=5, min_width=320):
            run = run_picker("train-run")
            run_list = runs.build(services, run_state, minutes)
            status = gr.HTML(elem_id="train-status")
            watched = timeline.build(services, run_state)

    changes = [
        start_button.click(
            bound(start, services),
            [effect, preset, minutes, seed],
            run_state,
            api_name="start_training",
            show_progress="minimal",
            show_progress_on=start_button,
        ),
        resume_button.click(
            bound(resume, services),
            [run_state, minutes],
            None,
            api_name="continue_training",
        ),
        stop_button.click(bound(stop, services), None, None, api_name="stop_training"),
        *run_list.changes,
    ]
    live = Live(effect_card, start_button, stop_button, resume_button, status, *watched, run_list.list)
    return Tab(live, run, changes)


def preset_choices(services: Services) -> Sequence[tuple[str, str]]:
    """Return a label and a name for every preset."""
    choices = []
    for name, config in services.presets.items():
        title, hint = messages.PRESET_LABELS.get(name, (name.capitalize(), ""))
        choices.append((f"{title}, {config.image_size} px{f': {hint}' if hint else ''}", name))
    return choices


def _effect_card(effect: Effect, pairs: Sequence[Pair]) -> str:
    held_out = sum(pair.is_held_out for pair in pairs)
    summary = messages.pairs_summary(len(pairs) - held_out, held_out)
    return (
        f'<div class="pb-effect"><span>Learn</span><strong>{escape(effect.name)}</strong>'
        f"<span>{escape(summary)}</span></div>"
    )
