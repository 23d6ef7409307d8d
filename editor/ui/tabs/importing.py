"""Step 1, the drop places: files are uploaded, paired by their names, corrected by the person, and stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.errors import PairError
from editor.pairs.importing.cropping import cropped_alike
from editor.pairs.importing.importer import ImportReport
from editor.pairs.importing.plan import ImportPlan, LeftOver
from editor.samples.catalog import SAMPLE_NAMES
from editor.ui import messages
from editor.ui.components.effect_picker import selected
from editor.ui.components.html import from_template, note, script
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.components.plan_view import plan_view
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import MAX_ITEMS, sent, whole
from editor.ui.selection import ORPHANS
from editor.ui.undo import Undo, offered
from editor.workspace import Services
from editor.workspace.imports import PendingImport, Waiting
from editor.workspace.names import free_name

MAX_PROBLEMS = 40  # shown after one import
MAX_PROBLEM = 600  # characters
FOLDERS = ("", "before", "after")  # which sides the files are, by the place they were dropped on; empty for both
POLL_SECONDS = 0.6  # between two requests while thumbnails are being made
AT_ONCE = 8  # imports in all pages together; each decodes one picture at a time


class Place(NamedTuple):
    """Where dropped files wait that are not stored yet, as a page knows it; there may be none.

    Attributes:
        key: Of these files in `Services.imports`.
        page: Which part of a long list the page shows.
    """

    key: str
    page: int = 0


NOTHING_NEW = gr.skip(), gr.skip(), gr.skip()  # no step back, and the same effect


class Parts(NamedTuple):
    """The components, in the order in which handlers answer."""

    place: gr.State
    view: gr.HTML
    clock: gr.Timer
    report: gr.HTML
    undo_step: gr.State
    undo_button: gr.Button
    effect: gr.Dropdown


Shown = tuple[Any, Any, gr.Timer]  # a `Place`, its HTML, and the timer, which runs until all of it is shown


def restore(services: Services) -> Shown:
    """Return the files that were dropped before and neither stored nor discarded, for a page that is being opened."""
    key = services.imports.newest()
    return show(services, Place(key) if key else None)


def show(services: Services, place: Place | None) -> Shown:
    """Return what waits. While another event changes it, the page keeps what it shows and asks again."""
    place = place or _nothing(services)
    waiting = services.imports.peek(place.key)
    if waiting.is_busy:
        return place, gr.skip(), gr.Timer(active=True)
    return _shown(services, place if waiting.plan else Place(place.key), waiting)


def count_stored(services: Services, place: Place | None) -> str:
    """Return how far the work on the dropped files has come, while there is any."""
    key = place.key if place else services.imports.newest()  # a page learns its key only at the end
    if key is None or not services.imports.peek(key).is_busy:
        return ""
    stored = services.imports.stored(key)
    if stored is None:
        return note([messages.importing.LOOKING])
    return note([messages.importing.STORING.format(done=stored[0], total=stored[1])])


def add_files(services: Services, effect: str | None, place: Place | None, event: gr.EventData) -> tuple[Any, ...]:
    """Take in what was dropped, and store it at once if there is nothing to ask."""
    (dropped,) = sent(event._data, files=list)
    total, unreadable = sent({"total": 0, "unreadable": 0, **event._data}, total=int, unreadable=int)
    files = [sent(file, path=str, name=str) for file in dropped]
    folder = event._data.get("folder", "")
    if folder not in FOLDERS:
        raise mistake(messages.errors.STALE_PAGE)
    if total > MAX_ITEMS:
        raise mistake(messages.importing.TOO_MANY_FILES.format(total=total, limit=MAX_ITEMS))
    if not files:
        reason = messages.importing.unreadable(unreadable) if unreadable else messages.importing.NOTHING_DROPPED
        raise mistake(messages.importing.UPLOAD_FAILED if event._data.get("failed") else reason)
    if unreadable:
        gr.Warning(messages.importing.unreadable(unreadable))
    effect = chosen_effect(effect)  # raises before the files are looked at
    uploads = [(Path(path), name) for path, name in files]
    place = place or _nothing(services)
    with services.imports.locked(place.key) as pending:
        plan = pending.add(uploads, folder=folder)
        if plan.is_certain:
            return _store(services, effect, place, pending)
        if not plan.files:  # nothing that could ever become a pair
            pending.discard()
            report = note(_bounded(_reasons(plan.left_over)), kind="bad", title=messages.importing.added([]))
            return *_shown(services, place, pending), report, *NOTHING_NEW
        return *_shown(services, place, pending), "", *NOTHING_NEW


def correct(services: Services, effect: str | None, place: Place | None, event: gr.EventData) -> tuple[Any, ...]:
    """Do what a button of the plan says. Another page may have changed it: then this one shows how it is now."""
    action, name, to = sent(event._data, action=str, name=str, to=str)
    place = place or _nothing(services)
    with services.imports.locked(place.key) as files:
        if files.plan is None:
            gone = "" if action == "show" else note([messages.importing.PLAN_GONE], kind="bad")
            return *_shown(services, place, files), gone or gr.skip(), *NOTHING_NEW
        if action == "add":
            return _store(services, chosen_effect(effect), place, files)
        report = gr.skip()
        if action == "discard":
            files.discard()
            report = ""
        elif action == "page":
            place = place._replace(page=whole(to))
        elif action != "show":
            try:
                files.plan = _corrected(files.plan, action, name, to)
            except PairError as error:
                report = note([str(error)], kind="bad")
        return *_shown(services, place, files), report, *NOTHING_NEW


def chosen_effect(effect: str | None) -> str:
    """Return the effect that a page has selected.

    Raises:
        gr.Error: It has none.
    """
    if effect in (None, "", ORPHANS):
        raise mistake(messages.pairs.NO_EFFECT)
    return effect


def build(
    services: Services, effect: gr.Dropdown, undo_step: gr.State, undo_button: gr.Button
) -> tuple[list[Any], gr.HTML]:
    """Lay out the drop places and the plan, and return the events after which the page refreshes, and the report."""
    with gr.Row(elem_classes="pb-drops"):
        places = [
            gr.HTML(
                from_template("drop_place", folder=folder, label=label, help=words, wait=""),
                js_on_load=script("folder_drop", most=MAX_ITEMS, at_once=MAX_ITEMS),
                elem_id=elem_id,
                scale=scale,
                min_width=width,
            )
            for folder, label, words, elem_id, scale, width in (
                ("", messages.importing.DROP_LABEL, messages.importing.DROP_HELP, "pairs-folder", 3, 300),
                ("before", messages.importing.SOURCES_LABEL, messages.importing.SOURCES_HELP, "pairs-sources", 1, 150),
                ("after", messages.importing.TARGETS_LABEL, messages.importing.TARGETS_HELP, "pairs-targets", 1, 150),
            )
        ]
    words = {**messages.pairs.LIST_WORDS, **messages.importing.PLAN_WORDS}
    parts = Parts(
        gr.State(None),
        gr.HTML(js_on_load=script("keep_focus", "actions", "plan_view", words=words), elem_id="pairs-plan"),
        gr.Timer(POLL_SECONDS, active=False),
        gr.HTML(elem_id="pairs-report"),
        undo_step,
        undo_button,
        effect,
    )
    # Events about the same plan wait for each other in `Imports.locked`; others do not.
    shown: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    gr.on(None, bound(restore, services), [], list(parts[:3]), **shown)  # when the page is opened
    parts.clock.tick(bound(show, services), parts.place, list(parts[:3]), **shown)
    options: dict[str, Any] = {
        "inputs": [effect, parts.place],
        "outputs": list(parts),
        "trigger_mode": "multiple",
        "concurrency_id": "import",
        "concurrency_limit": AT_ONCE,
        "show_progress": "hidden",
        "js": wait_begins("import", messages.importing.WAIT, 2),
    }
    events = [
        place.dropped(bound(add_files, services), api_name=api_name, **options)
        for place, api_name in zip(places, ("add_files", "add_sources", "add_targets"))
    ]
    events.append(parts.view.act(bound(correct, services), api_name="correct_plan", **options))
    counter, counted = gr.Timer(POLL_SECONDS, active=False), gr.HTML(elem_id="pairs-counted")
    for begins in (*(place.dropped for place in places), parts.view.act):
        begins(lambda: gr.Timer(active=True), None, counter, trigger_mode="multiple", **shown)
    counter.tick(bound(count_stored, services, is_shown=False), parts.place, counted, **shown)
    for event in events:
        event.then(lambda: (gr.Timer(active=False), ""), None, [counter, counted], **shown)
        wait_ends("import", event)
    return events, parts.report


def _nothing(services: Services) -> Place:
    return Place(services.imports.new_key())


def _shown(services: Services, place: Place, waiting: Waiting | PendingImport) -> Shown:
    if waiting.plan is None:
        return Place(place.key), "", gr.Timer(active=False)
    thumbnails = PageThumbnails(services.workspace)
    view = plan_view(waiting.plan, waiting.revision, place.page, thumbnails)
    return place, view, gr.Timer(active=not thumbnails.is_complete)


def _store(services: Services, effect: str, place: Place, files: PendingImport) -> tuple[Any, ...]:
    plan = files.plan
    ignored = [str(item.path) for item in plan.left_over if item.is_clutter] if plan else []
    with _own_effect(services, effect) as goal:
        report = files.store(goal)
    shown, summary = _shown(services, place, files), _summary(report, ignored)
    if not report.added:
        return *shown, summary, *NOTHING_NEW
    words = messages.importing.UNDO_ADD.format(pairs=messages.common.count(len(report.added), "pair"))
    step = Undo("remove", goal, tuple(report.added), label=words)
    return *shown, summary, *offered(step), _selected(services, effect, goal)


@contextmanager
def _own_effect(services: Services, effect: str) -> Iterator[str]:
    """Return where pairs go for which an effect is selected: to a new one instead of a sample, which shows another.

    A context: a new effect that has got no pair by its end is gone again.
    """
    workspace = services.workspace
    if workspace.effect(effect).name not in SAMPLE_NAMES:
        yield effect
        return
    own = workspace.create_effect(free_name(messages.importing.OWN_EFFECT, workspace.effect_names())).slug
    try:
        yield own
    finally:
        if not workspace.pairs(own):
            workspace.discard_effect(own)


def _selected(services: Services, effect: str, goal: str) -> Any:
    return gr.skip() if goal == effect else selected(services, goal)


def _corrected(plan: ImportPlan, action: str, name: str, to: str) -> ImportPlan:
    if action == "undo":
        return plan.undone()
    if action == "swap-all":
        corrected = plan.swapped()
    elif action == "swap":
        corrected = plan.swapped(name)
    elif action == "apart":
        corrected = plan.without(name)
    elif action == "pair":  # of the pictures before and after
        corrected = plan.repaired(PurePosixPath(name), PurePosixPath(to))
        *others, pair = corrected.pairs
        corrected = replace(corrected, pairs=(*others, *cropped_alike([pair], plan.files)))
    else:
        raise mistake(messages.errors.STALE_PAGE)
    return corrected.corrected_from(plan)


def _summary(report: ImportReport, ignored: Sequence[str]) -> str:
    quiet = [messages.importing.ignored_files(ignored)] if ignored else []
    return note(
        [*_bounded(report.problems), *quiet],
        kind="bad" if report.problems else "good",
        title=messages.importing.added(report.added),
    )


def _reasons(items: Sequence[LeftOver]) -> list[str]:
    return [f"{item.path}: {item.reason}" for item in items]


def _bounded(problems: Sequence[str]) -> list[str]:
    bounded = [problem[:MAX_PROBLEM] for problem in problems]
    if (more := len(bounded) - MAX_PROBLEMS) > 0:  # an archive may hold thousands of bad files
        bounded[MAX_PROBLEMS:] = [messages.importing.MORE_PROBLEMS.format(count=more)]
    return bounded
