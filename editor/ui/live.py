"""What every open page is sent, when it is opened and whenever it polls. All of it is read from the services.

A reloaded page, a second tab and last week's run go through the same function, so they show the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, get_args

import gradio as gr

from editor.config import FitMode
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.address import address, asked_for
from editor.ui.components.done_notice import done_notice
from editor.ui.components.effect_picker import effect_choices, selected
from editor.ui.components.next_step import next_step
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.components.polling import interval
from editor.ui.components.run_picker import run_choices
from editor.ui.components.welcome import welcome
from editor.ui.handlers import mistake
from editor.ui.inputs import sent
from editor.ui.selection import ORPHANS, Selection, runs_of, select
from editor.ui.state import Seen, only_changes
from editor.ui.tabs import edit, pairs, share, train
from editor.workspace import Services


def refresh(
    services: Services,
    effect: str | None,
    remembered: str | dict[str, Any] | None,
    run: str | None,
    seen: Seen,
    view: pairs.View | None = None,
    fit: FitMode | None = None,
) -> list[Any]:
    """Return the run, what was seen, and what each output should show where that has changed.

    Args:
        services: The one object to ask.
        effect: The effect that the page has selected.
        remembered: The effect that this browser had selected the last time; with it, while the page is being opened,
            what the address asks for, see `components.address.OPENING`.
        run: The run that the page shows.
        seen: What the page was sent last.
        view: Which pairs the page shows.
        fit: What its form says of pictures that are not square.

    Raises:
        gr.Error: It says what no form of ours says.
    """
    if fit not in (None, *get_args(FitMode)):
        raise mistake(messages.errors.STALE_PAGE)
    listing, effects = services.training.listing(), services.workspace.effects()
    active, is_first = listing.active, not seen.digests
    asked, remembered = asked_for(remembered) if isinstance(remembered, dict) else (Selection(effect, run), remembered)
    chosen, snapshot = select(
        effects,
        listing,
        asked,
        shown=seen.selection,
        remembered=remembered,
        started=active if seen.active is None and not is_first else None,
    )
    shown = snapshot.run.id if snapshot else None
    ended = seen.ended if seen.active in (None, active) else seen.active
    own = runs_of(listing, chosen)
    found, problem = _pairs(services, chosen)
    choices: dict[str, Any] = {"choices": effect_choices(effects, listing.runs)}
    values = [
        # First, so that Gradio stores the list of effects together with what is seen: of two refreshes at once, one
        # wins.
        gr.update(**choices) if effect == chosen else gr.update(**choices, value=chosen),
        *pairs.render(services, chosen, found, problem, view),
        interval(is_live=active is not None or (snapshot is not None and snapshot.is_live)),
        next_step(found, snapshot, listing.status(active), listing.place_of(active) or listing.place_of(shown)),
        welcome(effects, PageThumbnails(services.workspace)),
        address(Selection(chosen, shown)),
        done_notice(listing.status(ended)),
        *train.render(services, chosen, found, listing, snapshot, fit),
        edit.render_hint(snapshot),
        *share.render(services, snapshot),
        # One for each of the pickers: Gradio takes an update apart while it sends it.
        *(run_choices([status.run for status in own], shown) for _ in range(3)),
        run_choices([status.run for status in own if status.has_weights], shown),  # others cannot be shared
    ]
    changed, seen = only_changes(values, seen)
    seen = replace(seen, active=active, ended=ended, selection=Selection(chosen, shown), is_choosing=False)
    return [gr.skip() if shown == run else shown, seen, *changed]


def poll(services: Services, effect: str | None, remembered: Any, run: str | None, seen: Seen, *more: Any) -> Any:
    """Return what `refresh` does. A selection that was just made is left to the event that tells of it, once.

    Else this answer, if it came late, would undo the next selection.
    """
    places = {ORPHANS, *(item.slug for item in services.workspace.effects())}
    is_new = Selection(effect, run) != seen.selection and effect in places
    if seen.digests and is_new and not seen.is_choosing:
        return [gr.skip(), replace(seen, is_choosing=True), *(gr.skip() for _ in seen.digests)]
    return refresh(services, effect, remembered, run, seen, *more)


def move(services: Services, event: gr.EventData) -> tuple[Any, str | None]:
    """Return the effect and the run of an address that a person went back or forth to."""
    sent(event._data)  # raises if it is nothing that a page sends
    asked, _ = asked_for(event._data)
    listing, effects = services.training.listing(), services.workspace.effects()
    effect, snapshot = select(effects, listing, asked, shown=Selection())
    return selected(services, effect), snapshot.run.id if snapshot else None


def _pairs(services: Services, effect: str | None) -> tuple[Sequence[Pair], str]:
    """Return the pairs of the effect, and what is wrong with them."""
    try:
        return (services.workspace.pairs(effect), "") if effect not in (None, ORPHANS) else ((), "")
    except PairError as error:
        return (), str(error)
