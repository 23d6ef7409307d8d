"""Which effect and which run a page shows: one effect for all tabs, and a run that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from editor.workspace import Effect, RunListing, RunStatus, RunSummary

# In place of an effect: the runs that belong to none, because it was deleted or they were made at the command line. No
# effect has this slug, for a folder with such a name is hidden.
ORPHANS = ".runs"


class Selection(NamedTuple):
    """What a page has selected.

    Attributes:
        effect: Slug of an effect, or `ORPHANS`.
        run: Id of a run of that effect.
    """

    effect: str | None = None
    run: str | None = None


def place_of(run: RunSummary) -> str:
    """Return where a run is found: the effect that it belongs to, or `ORPHANS`."""
    return run.effect_slug or ORPHANS


def runs_of(listing: RunListing, effect: str | None) -> list[RunStatus]:
    """Return the runs of an effect, or those of none, the newest first."""
    return [status for status in listing.statuses if place_of(status.run) == effect]


def select(
    effects: Sequence[Effect],
    listing: RunListing,
    asked: Selection,
    *,
    shown: Selection,
    remembered: str | None = None,
    started: str | None = None,
) -> tuple[str | None, RunStatus | None]:
    """Return the effect and the run to show. What is asked for and is not there counts as not asked for.

    Of the two, the one that has changed decides: another effect brings its newest useful run, another run its effect.

    Args:
        effects: All of them.
        listing: All runs.
        asked: What the page has selected now.
        shown: What it was sent last.
        remembered: The effect that this browser had selected the last time.
        started: The run that has just begun. It is followed if it is of that effect.
    """
    places = [effect.slug for effect in effects]
    if any(place_of(run) == ORPHANS for run in listing.runs):
        places.append(ORPHANS)
    run = listing.status(asked.run)
    is_run_new = run is not None and asked.run != shown.run
    if is_run_new and (asked.effect == shown.effect or asked.effect not in places):
        effect: str | None = place_of(run.run)
    else:
        wanted = [place for place in (asked.effect, remembered) if place in places]
        effect = [*wanted, *map(place_of, listing.runs), *places, None][0]
    own = runs_of(listing, effect)
    first = [status for status in (listing.status(started), run) if status in own]
    live = [status for status in own if status.is_live]
    useful = [status for status in own if status.has_weights]
    return effect, next(iter([*first, *live, *useful, *own]), None)
