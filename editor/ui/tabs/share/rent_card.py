"""The card of a rented machine: prices before anything is sent, then Start; while a run is there, its cost and Stop.

It is laid out only in an app that nobody else reaches.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import from_template, go_to, script
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import number
from editor.ui.tabs.share.cards import Place, chosen
from editor.workspace import LostMachineError, RunStatus, Services

CONTINUE = "continue"
MINUTES = "20"


def build(place: Place, effect: gr.Dropdown) -> tuple[gr.HTML, list[Any]]:
    """Lay out the card and connect it.

    Returns:
        Where its words are kept up to date, and the events after which the page refreshes.
    """
    words, services = messages.share, place.services
    hidden: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    qualities = [
        (words.RENT_NEW.format(title=messages.train.PRESET_LABELS[name][0], size=config.image_size), name)
        for name, config in services.presets.items()
        if name in messages.train.PRESET_LABELS
    ]
    what = [*qualities, (words.RENT_CONTINUE, CONTINUE)]
    with gr.Column(min_width=200, elem_id="rent"):
        about = gr.HTML(js_on_load=script("actions", words={}), elem_id="share-rent", elem_classes="pb-share-card")
        with gr.Column(elem_id="rent-form"):
            trains = gr.Radio(what, value=what[0][1], label=words.RENT_WHAT, elem_id="rent-what")
            minutes = gr.Textbox(MINUTES, label=words.RENT_MINUTES, elem_id="rent-minutes")
            keep = gr.Checkbox(label=words.RENT_KEEP, elem_id="rent-keep")
            ask = gr.Button(words.RENT_ASK, elem_id="rent-ask")
            machine = gr.Dropdown(
                [], label=words.RENT_MACHINE, info=words.RENT_MACHINE_HELP, visible=False, elem_id="rent-machine"
            )
            start = gr.Button(words.RENT_START, variant="primary", visible=False, elem_id="rent-start")
    asked = ask.click(
        bound(ask_prices, services),
        minutes,
        [machine, start],
        js=wait_begins("rent-ask", words.RENT_ASKING, 1),
        **hidden,
    )
    wait_ends("rent-ask", asked)
    # A price is that of a time: another time hides it.
    minutes.input(lambda: [gr.update(visible=False, value=None)] * 2, None, [machine, start], **hidden)
    given = [effect, place.run, trains, minutes, machine, keep]
    started = start.click(
        bound(begin, services),
        given,
        [place.run, machine, start],
        trigger_mode="once",
        js=wait_begins("rent", words.RENT_STARTING, len(given)),
        **hidden,
    )
    wait_ends("rent", started)
    started.success(None, None, None, js=go_to("train"), api_visibility="private")
    stopped = about.act(
        bound(stop, services), place.run, None, js=wait_begins("rent-stop", words.RENT_STOPPING, 1), **hidden
    )
    wait_ends("rent-stop", stopped)
    return about, [started, stopped]


def render(services: Services, snapshot: RunStatus | None) -> str:
    """Return what the card says: of the machine that the run is on, or of machines that could be rented."""
    facts, lost = None, ""
    try:
        facts = services.rented.facts(snapshot.run.id) if snapshot else None
    except LostMachineError as error:
        lost = messages.share.RENT_LOST.format(problem=error)
    return from_template("rent_card", facts=facts, lost=lost, is_logged_in=services.rented.is_logged_in)


def ask_prices(services: Services, minutes: str | None) -> list[Any]:
    """Ask what machines cost, and offer them."""
    prices = [
        (
            messages.share.RENT_PRICE.format(
                name=price.flavor, about=price.described, minute=price.dollars, most=price.dollars * price.minutes
            ),
            price.flavor,
        )
        for price in services.rented.offers(number(minutes))
    ]
    return [gr.update(choices=prices, value=None, visible=True), gr.update(visible=True)]


def begin(
    services: Services,
    effect: str | None,
    run: str | None,
    what: str,
    minutes: str | None,
    machine: str | None,
    keep: bool,
) -> list[Any]:
    """Train a new run of the effect, or the one that the page shows, on a machine."""
    if not machine:
        raise mistake(messages.share.RENT_NO_MACHINE)
    if what == CONTINUE:
        run = chosen(run)
        services.rented.resume(run, machine, number(minutes), is_kept=keep is True)
    elif what in services.presets:
        if not effect:
            raise mistake(messages.pairs.NO_EFFECT)
        run = services.rented.start(effect, services.presets[what], machine, number(minutes), is_kept=keep is True)
    else:
        raise mistake(messages.errors.STALE_PAGE)
    return [run, gr.update(visible=False, value=None), gr.update(visible=False)]


def stop(services: Services, run: str | None) -> None:
    """Stop the machine of the run that the page shows."""
    services.rented.cancel(chosen(run))
