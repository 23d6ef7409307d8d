"""The Share tab laid out and connected."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.effect_drop import effect_choice
from editor.ui.components.html import from_template, placeholder, script
from editor.ui.components.run_picker import run_picker
from editor.ui.tabs.share import rent_card
from editor.ui.tabs.share.cards import FILES, Card, Place
from editor.ui.tabs.share.effect_card import EffectCard
from editor.ui.tabs.share.hub_card import HubCard
from editor.workspace import RunStatus, Services, Visitors

CARDS: tuple[Card, ...] = (EffectCard(), *FILES, HubCard())


class Tab(NamedTuple):
    """What the other parts of the page connect to.

    Attributes:
        run: The list of runs.
        live: What is kept up to date, in the order of `render`.
        changes: Events after which the page refreshes.
    """

    run: gr.Dropdown
    live: tuple[gr.HTML, ...]
    changes: tuple[Any, ...]


def render(services: Services, snapshot: RunStatus | None) -> list[str]:
    """Return what `Tab.live` should show of a run."""
    rented = [rent_card.render(services, snapshot)] if services.rented.is_offered else []
    return [*_shareable(services, snapshot), *rented]


def _shareable(services: Services, snapshot: RunStatus | None) -> list[str]:
    if snapshot is None or not snapshot.has_weights:
        hint = messages.share.NO_RUN_TO_SHARE if snapshot is None else messages.common.NO_WEIGHTS
        return [placeholder(hint), *("" for _ in CARDS)]
    try:
        facts = services.sharing.facts(snapshot.run.id)
    except UserError as error:  # damaged weights, which editing reports too
        return [placeholder(str(error)), *("" for _ in CARDS)]
    return ["", *(card.render(services, facts) for card in CARDS)]


def build(services: Services | Visitors, effect: gr.Dropdown, run_state: gr.State) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        effect: The page's effect.
        run_state: The id of the run that the page shows.
    """
    run = run_picker("share-run")
    hint = gr.HTML(elem_id="share-hint")
    file = gr.HTML(None, html_template=from_template("edit_file"), js_on_load=script("edit_file"), elem_id="share-file")
    place = Place(services, run_state, file)
    with gr.Row(elem_id="share-cards", elem_classes="pb-share"):
        cards = tuple(card.build(place) for card in CARDS)
        changes = []
        if not isinstance(services, Visitors) and services.rented.is_offered:
            rented, changes = rent_card.build(place, effect)
            cards = (*cards, rented)
        changes.append(effect_choice(services, effect, run_state))
    return Tab(run, (hint, *cards), tuple(changes))
