"""What happens to the desk: photos come and go, settings change, and the page shows the outcome."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import gradio as gr

from editor.config import MAX_SEED
from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.html import note
from editor.ui.handlers import mistake, seed_from
from editor.ui.inputs import sent, whole
from editor.ui.tabs.edit.desk import Desk, Shown, preview, show, strip
from editor.ui.tabs.edit.strips import example_strip, reference_strip, variant_grid
from editor.workspace import EditSettings, MaskMode, Photo, Services

MAX_PHOTOS = 200
MAX_EXAMPLES = 8
MAX_REFERENCES = 48  # shown to choose from
NUM_VARIATIONS = 4
MAX_COMPARED = 4  # runs


def change_run(services: Services, desk: Desk, run: str | None) -> tuple[Any, ...]:
    """Edit with another run: return what is shown, the photos to try it with, and its references."""
    settings = _settings(services, desk, run) if run and services.editing.version(run) else None
    desk = desk.anew(settings)
    return *show(services, desk), examples(services, run), references(services, desk, run)


def examples(services: Services, run: str | None) -> str:
    """Return the photos to try a run with: what it never learned from."""
    found = services.editing.examples(run) if run else []
    return example_strip([(pair.name, services.workspace.thumbnail(pair.source)) for pair in found[:MAX_EXAMPLES]])


def references(services: Services, desk: Desk, run: str | None) -> str:
    """Return the pairs of the run that an edit may go by."""
    pairs = [pair for pair in services.training.pairs(run) if not pair.is_held_out] if run else []
    settings = desk.settings
    chosen = "choice:random"
    if settings is not None:
        chosen = f"pair:{settings.reference}" if settings.reference else f"choice:{settings.choice}"
    shown = [(pair.name, services.workspace.thumbnail(pair.target)) for pair in pairs[:MAX_REFERENCES]]
    return reference_strip(shown, chosen)


def drop(services: Services, desk: Desk, run: str | None, files: list[str] | None) -> tuple[Any, ...]:
    """Open photos and edit the first of them at once. A bad file is named and stops no other."""
    opened, problems = [], []
    services.editing.touch(desk.photos)  # else opening one clears away those that were not looked at for long
    for path in map(Path, files or ()):
        if len(desk.photos) + len(opened) >= MAX_PHOTOS:
            problems.append(messages.edit.TOO_MANY_PHOTOS.format(limit=MAX_PHOTOS))
            break
        try:
            opened.append(services.editing.open_photo(path))
        except UserError as error:
            problems.append(str(error))
    return *_with_photos(services, desk, run, opened, problems), None


def edit(services: Services, desk: Desk, run: str | None) -> Shown:
    """Edit all photos with the newest weights of the run; the shown one first."""
    if not run:
        raise mistake(messages.edit.NO_RUN_TO_EDIT)
    if desk.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    return show(services, desk.anew(_settings(services, desk, run)))


def clear(services: Services, desk: Desk) -> tuple[Any, ...]:
    """Take all photos off the desk."""
    return *show(services, replace(desk, photos=(), shown=0, brushes={}, corrections={})), ""


def choose(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> tuple[Any, ...]:
    """Follow a click on a small picture: a photo, an example, a reference, a seed or a run.

    Returns:
        What is shown, the references, the seed and the run.
    """
    kind, value = sent(event._data, kind=str, value=str)
    chosen_seed, chosen_run = gr.skip(), gr.skip()
    if kind == "photo":
        if value not in map(str, range(len(desk.photos))):
            raise mistake(messages.errors.STALE_PAGE)
        shown = show(services, replace(desk, shown=int(value)))
    elif kind == "example":
        shown = _example(services, desk, run, value)
    elif kind == "reference":
        shown = _by_reference(services, desk, run, value)
    elif kind == "seed":
        number = seed_from(whole(value))
        shown, chosen_seed = show(services, ready(services, desk, run).with_settings(seed=number)), number
    elif kind == "run":
        services.training.open(value)  # raises if there is none
        shown, chosen_run = _nothing_new(), value
    else:
        raise mistake(messages.errors.STALE_PAGE)
    told = references(services, shown.desk, run) if kind == "reference" else gr.skip()
    return *shown, told, chosen_seed, chosen_run


def edit_next(services: Services, desk: Desk) -> Shown:
    """Edit the next photo that waits, and return the strip; and all that is shown where a photo is gone."""
    if len(services.editing.touch(desk.photos)) < len(desk.photos):
        return show(services, desk)
    for photo in desk.photos if desk.settings else ():
        if services.editing.thumbnail(photo, desk.settings, is_wanted=False) is None:
            services.editing.thumbnail(photo, desk.settings, is_wanted=True)
            break
    return _nothing_new()._replace(strip=strip(services, desk))


def drag(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> Any:
    """Return a quick look while the strength is being moved."""
    return preview(services, ready(services, desk, run).with_settings(strength=_strength(event)))


def set_strength(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> Shown:
    """Edit with another strength, at full size."""
    return show(services, ready(services, desk, run).with_settings(strength=_strength(event)))


def set_scope(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> Shown:
    """Change where photos may change."""
    (scope,) = sent(event._data, value=str)
    if scope not in get_args(MaskMode):
        raise mistake(messages.errors.STALE_PAGE)
    return show(services, ready(services, desk, run).with_settings(mask=scope))


def set_seed(services: Services, desk: Desk, seed: float | None) -> Shown:
    """Draw the noise, and perhaps the reference, anew."""
    number = seed_from(seed)
    if desk.settings is None:
        return _nothing_new()
    return show(services, desk.with_settings(seed=number))


def brush(services: Services, desk: Desk, run: str | None, event: gr.EventData) -> Shown:
    """Let a photo change only where the person brushed."""
    desk = ready(services, desk, run)
    brushed = meant(services, desk, event)
    drawing = services.editing.save_brush(brushed.photo, uploaded(services, event))
    brushes = {**desk.brushes, brushed.photo.path: drawing}
    return show(services, replace(brushed.with_settings(mask="brushed"), brushes=brushes, shown=desk.shown))


def variations(services: Services, desk: Desk, run: str | None) -> str:
    """Return the shown photo edited with several seeds."""
    desk = ready(services, desk, run)
    seeds = [(desk.settings.seed + index) % (MAX_SEED + 1) for index in range(NUM_VARIATIONS)]
    takes = services.editing.variants(desk.photo, [replace(desk.settings, seed=seed) for seed in seeds])
    return variant_grid(takes, title=messages.edit.VARIATIONS, is_choice=True)


def compare(services: Services, desk: Desk, runs: list[str] | None) -> str:
    """Return the shown photo edited by several runs."""
    if desk.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    runs = list(dict.fromkeys(runs or ()))
    if not 2 <= len(runs) <= MAX_COMPARED:
        raise mistake(messages.edit.CHOOSE_RUNS.format(limit=MAX_COMPARED))
    if gone := sorted({*runs} - {run.id for run in services.training.runs()}):
        raise mistake(messages.edit.RUN_GONE.format(name=gone[0]))
    base = desk.settings or EditSettings(run=runs[0])
    wanted = [replace(base, run=run, version=services.editing.version(run), reference=None) for run in runs]
    return variant_grid(services.editing.variants(desk.photo, wanted), title=messages.edit.COMPARED, is_choice=False)


def comparable(services: Services) -> Any:
    """Return the runs to compare: those that have learned something."""
    runs = [run for run in services.training.runs() if services.editing.version(run.id)]
    return gr.update(choices=[(run.name, run.id) for run in runs])


def watch(services: Services, desk: Desk, run: str | None) -> tuple[Any, ...]:
    """Edit the shown photo with weights that have come since; nothing is computed where there are none.

    Returns:
        What is shown, whether the newest weights are followed, and the timer.
    """
    nothing_new = *_nothing_new(), gr.skip(), gr.skip()
    settings = desk.settings
    if settings is None or desk.photo is None or settings.run != run or desk.corrected:
        return nothing_new
    try:
        version = services.editing.version(run)
        if (version, "newest") == (settings.version, settings.weights):
            return nothing_new
        return *show(services, desk.with_settings(version=version, weights="newest")), gr.skip(), gr.skip()
    except UserError as error:  # in the page and not as a toast, since the timer would raise one after another
        desk = desk.with_settings(weights="chosen")
        told = note([str(error)], kind="bad", title=messages.edit.NOT_FOLLOWED)
        return *_nothing_new()._replace(desk=desk, note=told), False, gr.Timer(active=False)


def set_newest(services: Services, desk: Desk, run: str | None, is_on: bool) -> tuple[Any, ...]:
    """Begin or end to follow the newest weights."""
    timer = gr.Timer(active=bool(is_on))
    if desk.settings is None or desk.photo is None:
        return *_nothing_new(), timer
    desk = desk.with_settings(weights="newest" if is_on else "chosen", version=services.editing.version(run or ""))
    return *show(services, desk), timer


def uploaded(services: Services, event: gr.EventData) -> Path:
    """Return the file that a page uploaded and names in an event."""
    (path,) = sent(event._data, path=str)
    if not services.workspace.is_upload(Path(path)):
        raise mistake(messages.errors.STALE_PAGE)
    return Path(path)


def meant(services: Services, desk: Desk, event: gr.EventData) -> Desk:
    """Return the desk with the photo shown that an event of the viewer is about: another may be shown by now.

    Raises:
        gr.Error: It is gone.
    """
    (path,) = sent(event._data, photo=str)
    for photo in services.editing.touch(desk.photos):
        if str(photo.path) == path:
            return replace(desk, shown=desk.photos.index(photo))
    raise mistake(messages.edit.PHOTO_GONE)


def ready(services: Services, desk: Desk, run: str | None) -> Desk:
    """Return a desk with a photo, and with settings to edit it, though the run may have had no weights until now.

    Raises:
        gr.Error: There is no photo, no run, or it has learned nothing yet.
    """
    if desk.photo is None:
        raise mistake(messages.edit.NO_PHOTO)
    return desk if desk.settings else replace(desk, settings=_settings(services, desk, run))


def version_of(services: Services, run: str | None) -> int:
    """Return the version of the weights of a run.

    Raises:
        gr.Error: There is no run, or it has learned nothing yet.
    """
    version = services.editing.version(run) if run else 0
    if not version:
        raise mistake(messages.common.NO_WEIGHTS if run else messages.edit.NO_RUN_TO_EDIT)
    return version


def _with_photos(services: Services, desk: Desk, run: str | None, opened: list[Photo], problems: list[str]) -> Shown:
    if run and services.editing.version(run):
        desk = replace(desk, settings=_settings(services, desk, run))
    if opened:
        photos = (*desk.photos, *opened)
        desk = replace(desk, photos=photos, shown=len(desk.photos))
    return show(services, desk, problems)


def _example(services: Services, desk: Desk, run: str | None, name: str) -> Shown:
    version_of(services, run)  # raises if it knows nothing
    found = [pair.source for pair in services.editing.examples(run) if pair.name == name]
    if not found:
        raise mistake(messages.errors.STALE_PAGE)
    for photo in services.editing.touch(desk.photos):
        if photo.source == found[0]:  # it is on the desk already
            return show(services, replace(desk, shown=desk.photos.index(photo)))
    return _with_photos(services, desk, run, [services.editing.open_photo(found[0], name)], [])


def _by_reference(services: Services, desk: Desk, run: str | None, value: str) -> Shown:
    kind, _, name = value.partition(":")
    if desk.settings is None:
        desk = replace(desk, settings=_settings(services, desk, run))
    if kind == "choice" and name in messages.edit.REFERENCE_CHOICES:
        return show(services, desk.with_settings(reference=None, choice=name))
    if kind != "pair" or name not in {pair.name for pair in services.training.pairs(desk.settings.run)}:
        raise mistake(messages.errors.STALE_PAGE)
    return show(services, desk.with_settings(reference=name))


def _settings(services: Services, desk: Desk, run: str | None) -> EditSettings:
    """Return the settings of the desk for a run and what it knows now; a reference belongs to one run."""
    version = version_of(services, run)
    settings = desk.settings or EditSettings(run=run)
    reference = settings.reference if settings.run == run else None
    return replace(settings, run=run, version=version, reference=reference)


def _nothing_new() -> Shown:
    return Shown(*(gr.skip() for _ in Shown._fields))


def _strength(event: gr.EventData) -> float:
    (percent,) = sent(event._data, value=int)
    if not 0 <= percent <= 150:
        raise mistake(messages.errors.STALE_PAGE)
    return percent / 100
