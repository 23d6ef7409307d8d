"""Step 2: start, watch and steer a run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import gradio as gr

from editor.config import FitMode
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.effect_summary import effect_card
from editor.ui.components.fit_preview import SHOWN, fit_preview
from editor.ui.components.html import from_template
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.components.run_picker import run_picker
from editor.ui.components.run_status import other_run, run_card, run_status
from editor.ui.components.settings_form import read_settings
from editor.ui.components.training_queue import queue_place, training_queue
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import number, sent
from editor.ui.selection import ORPHANS, place_of, runs_of
from editor.ui.tabs import runs, start_form, timeline
from editor.workspace import RunListing, RunStatus, Services

STEPS = {"up": -1, "down": 1}  # places in the line of runs that wait


class Live(NamedTuple):
    """What is kept up to date, in the order of `render`."""

    effect: gr.HTML
    fit: gr.Radio
    fit_preview: gr.HTML
    other: gr.HTML
    go: gr.Button
    stop_other: gr.Button
    queue: gr.HTML
    start: gr.Button
    start_later: gr.Button
    measure: gr.Button
    resume: gr.Button
    resume_later: gr.Button
    hold: gr.Button
    preview_now: gr.Button
    save_now: gr.Button
    stop: gr.Button
    clone: gr.Button
    ended: gr.State
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
    fit: gr.Radio
    changes: list[Any]  # events after which the page refreshes


def render(
    services: Services,
    effect: str | None,
    pairs: Sequence[Pair],
    listing: RunListing,
    snapshot: RunStatus | None,
    fit: FitMode | None = None,
) -> tuple[Any, ...]:
    """Return what `Live` should show: only the buttons that do something now.

    Args:
        services: The one object to ask.
        effect: The effect that would be learned, or `ORPHANS`.
        pairs: Its pairs.
        listing: All runs.
        snapshot: The run to show, one of that effect.
        fit: What the form says of pictures that are not square.
    """
    fit = fit or "whole"
    thumbnails = PageThumbnails(services.workspace)
    odd = thumbnails.not_square(pairs, SHOWN)
    asks_for_fit = bool(odd) or fit != "whole"  # a choice that was made stays visible
    active = listing.active
    is_ours = snapshot is not None and snapshot.run.id == active
    state = snapshot.state if is_ours else None
    other = None if is_ours else listing.status(active)
    is_ended = snapshot is not None and not snapshot.is_live
    asked = snapshot.asked if snapshot else ()
    can_start = active is None and effect != ORPHANS
    can_resume = is_ended and not snapshot.run.is_received
    cards = services.cards.of(runs_of(listing, effect), listing)
    sizes = {card.run.id: card.bytes for card in cards}
    return (
        _about(services, effect, pairs),
        gr.update(visible=asks_for_fit),
        fit_preview(odd, fit, thumbnails) if asks_for_fit else "",
        other_run(other, is_other_effect=other is not None and place_of(other.run) != effect),
        gr.update(visible=other is not None),
        gr.update(visible=other is not None and other.state != "stopping"),
        training_queue(listing),
        gr.update(visible=can_start),
        gr.update(visible=active is not None and effect != ORPHANS),
        gr.update(visible=can_start and not services.training.is_public),
        gr.update(visible=active is None and can_resume),
        gr.update(visible=active is not None and can_resume),
        _hold(state, is_offered=not services.training.is_public),
        _asking("preview", messages.train.PREVIEW_NOW, state, asked),
        _asking("save", messages.train.SAVE_NOW, state, asked),
        gr.update(visible=is_ours and state != "stopping"),
        gr.update(interactive=snapshot is not None),
        (snapshot.run.id, snapshot.budget_left) if snapshot and is_ended else None,
        run_status(snapshot, sizes.get(snapshot.run.id) if snapshot else None),
        *timeline.render(services, listing, snapshot),
        runs.render(cards, listing.problems, snapshot.run.id if snapshot else None),
    )


def _about(services: Services, effect: str | None, pairs: Sequence[Pair]) -> str:
    if effect == ORPHANS:
        return from_template("orphans")
    return effect_card(services.workspace.effect(effect), pairs) if effect else ""


def start(services: Services, effect: str | None, preset: str, minutes: str | float | None, *values: Any) -> str:
    """Begin a run in the background and return its id."""
    if not effect:
        raise mistake(messages.pairs.NO_EFFECT)
    return services.training.start(effect, read_settings(services.presets, preset, values), number(minutes))


def start_later(services: Services, *form: Any) -> Any:
    """Put a run in line. The page stays with the one that it shows, unless the new one is the next to be trained."""
    run = start(services, *form)
    return run if run == services.training.active else gr.skip()


def act_on_queue(services: Services, event: gr.EventData) -> Any:
    """Do what a button of the list of runs that wait says, and return the run to show."""
    action, run = sent(event._data, action=str, name=str)
    if action == "show":
        return services.training.open(run).id
    if action == "cancel":
        services.training.leave(run)
    elif action in STEPS:
        services.training.move(run, STEPS[action])
    else:
        raise mistake(messages.errors.STALE_PAGE)
    return gr.skip()


def resume(services: Services, run: str | None, minutes: str | float | None) -> None:
    """Continue the run that is shown."""
    if not run:
        raise mistake(messages.common.CHOOSE_RUN)
    services.training.resume(run, number(minutes))


def stop_other(services: Services) -> None:
    """Ask the run that is being trained to stop, while the page shows another one."""
    services.training.stop(services.training.active)


def stop(services: Services, run: str | None) -> None:
    """Ask the run that the page shows, or else the one that is being trained, to stop or to leave the queue."""
    services.training.stop(run)


def hold(services: Services, run: str | None, word: str) -> None:
    """Do what the button said, `messages.train.PAUSE` or `RESUME`: another page may have pressed its own before."""
    if word == messages.train.PAUSE:
        services.training.pause(run)
    elif word == messages.train.RESUME:
        services.training.control(run).resume()
    else:
        raise mistake(messages.errors.STALE_PAGE)


def preview_now(services: Services, run: str | None) -> None:
    """Ask the run for a preview."""
    services.training.control(run).ask("preview")


def save_now(services: Services, run: str | None) -> None:
    """Ask the run to save its state."""
    services.training.control(run).ask("save")


def go(services: Services) -> Any:
    """Return the run that is being trained, for the page to show."""
    return services.training.active or gr.skip()


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
            other = gr.HTML(elem_id="train-other")
            with gr.Row(elem_classes="pb-steering"):
                go_button = _button(messages.train.SHOW_ACTIVE, "train-go", variant="primary")
                stop_other_button = _button(messages.train.STOP_OTHER, "train-stop-other")
            ended = gr.State(None)
            form = start_form.build(services, run_state, ended)
            queue = queue_place()
        with gr.Column(scale=5, min_width=320):
            run = run_picker("train-run")
            status = run_card()
            run_list = runs.build(services, run_state, form.minutes, status)
            with gr.Column(elem_classes="pb-run-card"):
                status.render()
                with gr.Row(elem_id="train-steering", elem_classes="pb-steering"):
                    # One button with changing words: a button that disappears loses the keyboard focus.
                    hold_button = _button(messages.train.PAUSE, "train-hold")
                    stop_button = _button(messages.common.STOP, "train-stop")
                    preview_button = _button(messages.train.PREVIEW_NOW, "train-preview-now")
                    save_button = _button(messages.train.SAVE_NOW, "train-save-now")
                    form.resume.render()
                    form.resume_later.render()
            watched = timeline.build(services, run_state)

    steering = (
        (preview_button, preview_now, "preview_training"),
        (save_button, save_now, "save_training"),
        (stop_button, stop, "stop_training"),
    )
    hidden: dict[str, Any] = {"show_progress": "hidden"}
    inputs = [effect, *form.values]
    started = form.start.click(
        bound(start, services),
        inputs,
        run_state,
        api_name="start_training",
        js=wait_begins("start", messages.train.STARTING, len(inputs)),
        **hidden,
    )
    wait_ends("start", started)
    held = [run_state, hold_button]
    changes = [
        started,
        form.start_later.click(
            bound(start_later, services), inputs, run_state, api_name="start_training_later", **hidden
        ),
        *(
            button.click(bound(resume, services), [run_state, form.minutes], None, api_name=name, **hidden)
            for button, name in ((form.resume, "continue_training"), (form.resume_later, "continue_training_later"))
        ),
        queue.act(
            bound(act_on_queue, services), None, run_state, trigger_mode="multiple", api_name="change_queue", **hidden
        ),
        go_button.click(bound(go, services), None, run_state, api_visibility="private", **hidden),
        stop_other_button.click(bound(stop_other, services), None, None, api_visibility="private", **hidden),
        hold_button.click(bound(hold, services), held, None, api_name="hold_training", **hidden),
        *(
            button.click(bound(handler, services), run_state, None, api_name=name, **hidden)
            for button, handler, name in steering
        ),
        *run_list.changes,
    ]
    live = Live(
        effect=effect_card,
        fit=form.fit,
        fit_preview=form.fit_preview,
        other=other,
        go=go_button,
        stop_other=stop_other_button,
        queue=queue,
        start=form.start,
        start_later=form.start_later,
        measure=form.measure,
        resume=form.resume,
        resume_later=form.resume_later,
        hold=hold_button,
        preview_now=preview_button,
        save_now=save_button,
        stop=stop_button,
        clone=form.clone,
        ended=ended,
        status=status,
        **watched._asdict(),
        runs=run_list.list,
    )
    return Tab(live, run, form.fit, changes)


def _button(label: str, elem_id: str, variant: str = "secondary") -> gr.Button:
    """Return a button that is there only while it does something."""
    return gr.Button(label, variant=variant, visible=False, elem_id=elem_id, min_width=90)


def _asking(request: str, label: str, state: str | None, asked: Collection[str]) -> Any:
    """Return a button that asks the run for something. It stays while that is being done, and says so."""
    is_asked = request in asked
    return gr.update(
        value=messages.train.BEING_DONE[request] if is_asked else label,
        visible=state == "running",
        interactive=not is_asked,
    )


def _hold(state: str | None, *, is_offered: bool) -> Any:
    is_held = state in ("pausing", "paused")
    return gr.update(
        value=messages.train.RESUME if is_held else messages.train.PAUSE,
        variant="primary" if is_held else "secondary",
        visible=is_offered and (is_held or state in ("waiting", "running")),
    )
