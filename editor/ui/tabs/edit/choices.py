"""What a person picks by a small picture: a photo, an example, a reference pair, a seed or a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.handlers import mistake, seed_from
from editor.ui.inputs import sent, whole
from editor.ui.selection import place_of
from editor.ui.tabs.edit.checks import editable, require_weights, settings_for
from editor.ui.tabs.edit.photos import add_photo
from editor.ui.tabs.edit.state import Shown, nothing_new, show
from editor.ui.tabs.edit.thumbnail_rows import example_row, reference_row, variant_grid
from editor.workspace import EditSettings, EditState, Services

MAX_EXAMPLES = 8
MAX_REFERENCES = 48  # shown to choose from
MAX_COMPARED = 4  # runs
VISIBLE_LEVELS = 1.0  # of 255, mean difference of two edits that a person may tell apart


def change_run(services: Services, state: EditState, run: str | None) -> tuple[Any, ...]:
    """Edit with another run: return what is shown, the photos to try it with, and its references."""
    settings = settings_for(services, state, run) if run and services.editing.version(run) else None
    if settings is None or state.settings is None or state.settings.run != run:  # else all is as the page left it
        state = state.anew(settings)
    return *show(services, state), examples(services, run), references(services, state, run)


def examples(services: Services, run: str | None) -> str:
    """Return the photos to try a run with: what it never learned from."""
    found = services.editing.examples(run) if run else []
    return example_row([(pair.name, services.workspace.thumbnail(pair.source)) for pair in found[:MAX_EXAMPLES]])


def references(services: Services, state: EditState, run: str | None) -> str:
    """Return the pairs of the run that an edit may go by."""
    pairs = [pair for pair in services.training.pairs(run) if not pair.is_held_out] if run else []
    settings = state.settings
    chosen = "choice:random"
    if settings is not None:
        chosen = f"pair:{settings.reference}" if settings.reference else f"choice:{settings.choice}"
    shown = [(pair.name, services.workspace.thumbnail(pair.target)) for pair in pairs[:MAX_REFERENCES]]
    return reference_row(shown, chosen)


def choose(services: Services, state: EditState, run: str | None, event: gr.EventData) -> tuple[Any, ...]:
    """Follow a click on a small picture: a photo, an example, a reference, a seed or a run.

    Returns:
        What is shown, the references, the seed and the run.
    """
    kind, value = sent(event._data, kind=str, value=str)
    chosen_seed, chosen_run = gr.skip(), gr.skip()
    if kind == "photo":
        if value not in map(str, range(len(state.photos))):
            raise mistake(messages.errors.STALE_PAGE)
        shown = show(services, replace(state, shown=int(value)))
    elif kind == "example":
        shown = _example(services, state, run, value)
    elif kind == "reference":
        shown = _by_reference(services, state, run, value)
    elif kind == "seed":
        number = seed_from(whole(value))
        shown, chosen_seed = show(services, editable(services, state, run).with_settings(seed=number)), number
    elif kind == "run":
        services.training.open(value)  # raises if there is none
        shown, chosen_run = nothing_new(), value
    else:
        raise mistake(messages.errors.STALE_PAGE)
    row = references(services, shown.state, run) if kind == "reference" else gr.skip()
    return *shown, row, chosen_seed, chosen_run


def variations(services: Services, state: EditState, run: str | None) -> str:
    """Return the shown photo edited by the reference pairs that make the most of a difference."""
    state = editable(services, state, run)
    found = services.editing.by_references(state.photo, state.settings, state.brush)
    title = messages.edit.VARIATIONS if found.levels >= VISIBLE_LEVELS else messages.edit.NO_VARIATION
    return variant_grid(found.variants, title=title, kind="reference")


def compare(services: Services, state: EditState, runs: list[str] | None) -> str:
    """Return the shown photo edited by several runs."""
    if state.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    runs = list(dict.fromkeys(runs or ()))
    if not 2 <= len(runs) <= MAX_COMPARED:
        raise mistake(messages.edit.CHOOSE_RUNS.format(limit=MAX_COMPARED))
    if gone := sorted({*runs} - {run.id for run in services.training.runs()}):
        raise mistake(messages.edit.RUN_GONE.format(name=gone[0]))
    base = state.settings or EditSettings(run=runs[0])
    wanted = [replace(base, run=run, version=services.editing.version(run), reference=None) for run in runs]
    variants = services.editing.variants(state.photo, wanted, state.brush)
    return variant_grid(variants, title=messages.edit.COMPARED, kind="run")


def comparable(services: Services, run: str | None) -> Any:
    """Return the runs to compare: those of the shown run's effect that have learned something."""
    listing = services.training.listing()
    effects = {place_of(item) for item in listing.runs if item.id == run}
    runs = [item.run for item in listing.statuses if item.has_weights and place_of(item.run) in effects]
    return gr.update(choices=[(run.name, run.id) for run in runs])


def _example(services: Services, state: EditState, run: str | None, name: str) -> Shown:
    require_weights(services, run)  # raises if it knows nothing
    found = [pair.source for pair in services.editing.examples(run) if pair.name == name]
    if not found:
        raise mistake(messages.errors.STALE_PAGE)
    for photo in services.editing.touch(state.photos):
        if photo.source == found[0]:  # it is there already
            return show(services, replace(state, shown=state.photos.index(photo)))
    return add_photo(services, state, run, services.editing.open_photo(found[0], name))


def _by_reference(services: Services, state: EditState, run: str | None, value: str) -> Shown:
    kind, _, name = value.partition(":")
    if state.settings is None:
        state = replace(state, settings=settings_for(services, state, run))
    if kind == "choice" and name in messages.edit.REFERENCE_CHOICES:
        return show(services, state.with_settings(reference=None, choice=name))
    if kind != "pair" or name not in {pair.name for pair in services.training.pairs(state.settings.run)}:
        raise mistake(messages.errors.STALE_PAGE)
    return show(services, state.with_settings(reference=name))
