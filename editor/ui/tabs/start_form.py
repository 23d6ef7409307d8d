"""The form of step 2: for how long, how good, and with which settings to train."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import escape

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.decimal_box import decimal_box
from editor.ui.components.forecast_note import forecast_note
from editor.ui.components.html import note
from editor.ui.components.mode import EXPERT
from editor.ui.components.settings_form import (
    differences,
    fit_choice,
    read_settings,
    settings,
    settings_form,
    settings_of,
)
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import number
from editor.workspace import Services, Visitors

MINUTES = (1, 3, 5, 10, 30)  # the quick choices, as far as they are allowed
DEFAULT_MINUTES = 3
# Which quick choice is pressed, given what stands in the box.
PRESSED = (
    "(text) => [Number(String(text).trim().replace(',', '.'))].find((minutes) => {choices}.includes(minutes)) ?? null"
)


class Form(NamedTuple):
    """What the rest of the tab connects to."""

    values: list[Any]  # preset, minutes and the settings: what `read_settings` takes
    minutes: gr.Textbox
    fit: gr.Radio
    fit_preview: gr.HTML
    start: gr.Button
    start_later: gr.Button
    resume: gr.Button
    resume_later: gr.Button
    measure: gr.Button
    clone: gr.Button


def build(services: Services | Visitors, run_state: gr.State, ended: gr.State) -> Form:
    """Lay out the form and connect what happens inside it.

    Args:
        services: The one object to ask or, in public mode, those who each have one.
        run_state: The id of the run that the page shows.
        ended: Changes when the run that is shown ends, and with what it could go on with.
    """
    name, config = next(iter(services.presets.items()))
    longest = services.limits.minutes if isinstance(services, Visitors) else math.inf
    choices = [minutes for minutes in MINUTES if minutes <= longest]
    time = gr.Radio(
        [(messages.train.QUICK_MINUTES.format(minutes), minutes) for minutes in choices],
        value=DEFAULT_MINUTES,
        label=messages.train.TIME,
        info=messages.train.TIME_INFO,
        elem_id="train-time",
    )
    minutes = decimal_box(DEFAULT_MINUTES, label=messages.train.MINUTES_LABEL, elem_id="train-minutes")
    minutes_note = gr.HTML(elem_id="train-minutes-note")
    preset = gr.Radio(preset_choices(services), value=name, label=messages.train.QUALITY, elem_id="train-preset")
    fit = fit_choice(config)
    fit_preview = gr.HTML(elem_id="train-fit-preview")
    start = gr.Button(messages.train.START_PLAIN, variant="primary", elem_id="train-start")
    later = messages.train.later(messages.train.START_PLAIN)
    # While a run is learning. A button of its own: whoever presses Enter twice on Start does not start two.
    start_later = gr.Button(later, visible=False, elem_id="train-start-later")
    # These act on the run that is shown, so they are rendered there.
    resume, resume_later = (
        gr.Button(words, visible=False, elem_id=name, render=False)
        for words, name in (
            (messages.common.CONTINUE, "train-continue"),
            (messages.train.later(messages.common.CONTINUE), "train-continue-later"),
        )
    )
    measure_button = gr.Button(messages.train.MEASURE, size="sm", visible=False, elem_id="train-measure")
    forecast = gr.HTML(elem_id="train-forecast")
    with gr.Accordion(messages.train.ADVANCED, open=False, elem_id="train-advanced", elem_classes=EXPERT):
        gr.Markdown(messages.settings.SETTINGS_HELP, elem_classes="pb-help")
        settings_note = gr.HTML(elem_id="train-settings-note", elem_classes="pb-help")
        controls = [fit, *settings_form(config)]
        with gr.Row(elem_classes="pb-buttons"):
            reset = gr.Button(messages.train.RESET, size="sm", elem_id="train-reset", min_width=90)
            clone_button = gr.Button(messages.train.SETTINGS_OF_RUN, size="sm", elem_id="train-clone", min_width=90)

    values = [preset, minutes, *controls]
    time.input(None, time, minutes, js="(minutes) => String(minutes)")
    minutes.change(None, minutes, time, js=PRESSED.format(choices=choices))
    minutes.change(
        bound(check_minutes, services),
        minutes,
        minutes_note,
        show_progress="hidden",
        trigger_mode="always_last",
        concurrency_limit=None,
        api_visibility="private",
    )
    filled = [
        event(bound(handler, services), given, [preset, *controls], api_visibility="private", show_progress="hidden")
        for event, handler, given in (
            (preset.input, fill, preset),
            (reset.click, fill, preset),
            (clone_button.click, clone, run_state),
        )
    ]
    batch_size = controls[[setting.path for setting in settings()].index("optimizer.batch_size")]
    measured = measure_button.click(
        bound(measure, services),
        values,
        [forecast, batch_size],
        api_name="measure_training",
        show_progress="hidden",
        js=wait_begins("measure", messages.train.MEASURING, len(values)),
        concurrency_id="device",
        concurrency_limit=1,
    )
    wait_ends("measure", measured)
    edited = [minutes.change, *(control.input for control in controls)]
    gr.on([*edited, preset.input, reset.click, clone_button.click], None, None, forecast, js="() => ''")
    at_once = partial(gr.on, [*edited, run_state.change, ended.change])
    for event in (at_once, *(event.success for event in (*filled, measured))):
        event(
            bound(relabel, services),
            [run_state, *values],
            [start, resume, settings_note, start_later, resume_later],
            show_progress="hidden",
            trigger_mode="always_last",
            concurrency_limit=None,
            api_visibility="private",
        )
    return Form(
        values, minutes, fit, fit_preview, start, start_later, resume, resume_later, measure_button, clone_button
    )


def measure(services: Services, preset: str, minutes: str | float | None, *values: Any) -> tuple[str, Any]:
    """Return what the training would take, and the batch size that fits."""
    config = read_settings(services.presets, preset, values)
    budget = services.training.budget(number(minutes))
    found = services.training.forecast(config)
    names = list(services.presets)
    smaller = names[names.index(preset) - 1] if names.index(preset) else None
    title = messages.train.PRESET_LABELS.get(smaller, (smaller,))[0] if smaller else None
    fits = found.fitting_batch_size in (0, found.batch_size)
    return forecast_note(found, budget, smaller_preset=title), gr.skip() if fits else found.fitting_batch_size


def check_minutes(services: Services, minutes: str | float | None) -> str:
    """Return why nothing can be trained for so long, if it cannot."""
    try:
        services.training.budget(number(minutes))
    except UserError as error:
        return note([str(error)], kind="bad")
    return ""


def describe(
    services: Services, run: str | None, preset: str, minutes: str | float | None, *values: Any
) -> tuple[str, str, str]:
    """Return what Start and Continue will do, and how the settings differ from the preset's."""
    snapshot = services.training.status(run) if run else None
    left = snapshot.budget_left if snapshot else None
    time = "…" if check_minutes(services, minutes) else messages.common.duration(number(minutes))
    if left:
        more = messages.train.CONTINUE_LEFT.format(left=messages.train.budget(left))
    else:
        is_new = snapshot is not None and snapshot.state == "untrained"
        more = (messages.train.START_THIS if is_new else messages.train.CONTINUE_MORE).format(time=time)
    try:
        config = read_settings(services.presets, preset, values)
    except gr.Error as error:
        return messages.train.START_PLAIN, more, error.message  # `mistake` has escaped it
    except UserError as error:
        return messages.train.START_PLAIN, more, escape(str(error))
    changes = differences(config, services.presets[preset])
    title = messages.train.PRESET_LABELS.get(preset, (preset.capitalize(),))[0]
    says = (
        messages.settings.CHANGED.format(changes="; ".join(changes))
        if changes
        else messages.settings.UNCHANGED.format(preset=title)
    )
    label = messages.train.START.format(time=time, preset=config.preset if changes else preset, size=config.image_size)
    return label, more, escape(says)


def relabel(services: Services, run: str | None, preset: str, minutes: str | float | None, *values: Any) -> list[str]:
    """Return what `describe` does, and the labels of the buttons that do the same while another run is learning."""
    start, more, says = describe(services, run, preset, minutes, *values)
    return [start, more, says, messages.train.later(start), messages.train.later(more)]


def fill(services: Services, preset: str) -> list[Any]:
    """Return what the form shows for a preset, which does not set `fit`."""
    if preset not in services.presets:
        raise mistake(messages.settings.BAD_PRESET.format(names=", ".join(services.presets)))
    name, _, *values = settings_of(services.presets, services.presets[preset])
    return [name, gr.skip(), *values]


def clone(services: Services, run: str | None) -> list[Any]:
    """Return what the form shows for another run like this one."""
    if not run:
        raise mistake(messages.common.CHOOSE_RUN)
    return settings_of(services.presets, services.training.open(run).config)


def preset_choices(services: Services) -> Sequence[tuple[str, str]]:
    """Return a label and a name for every preset."""
    choices = []
    for name, config in services.presets.items():
        title, hint = messages.train.PRESET_LABELS.get(name, (name.capitalize(), ""))
        label = messages.train.QUALITY_CHOICE.format(title=title, size=config.image_size)
        choices.append((messages.train.QUALITY_HINT.format(choice=label, hint=hint) if hint else label, name))
    return choices
