"""Step 1, the drop places: files come in, are understood, corrected where need be, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.errors import PairError
from editor.pairs.importing.importer import ImportReport
from editor.pairs.importing.plan import ImportPlan, LeftOver
from editor.ui import messages
from editor.ui.components.glance import Glance
from editor.ui.components.html import note, script
from editor.ui.components.plan_view import plan_view
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import MAX_ITEMS, sent, whole
from editor.ui.undo import Undo, offered
from editor.workspace import Services
from editor.workspace.imports import PendingImport

MAX_PROBLEMS = 40  # told after one import
MAX_PROBLEM = 600  # characters
FOLDERS = ("", "before", "after")  # what a person says by where they drop something
LOOK_SECONDS = 0.6  # between two looks at small copies that are being made
AT_ONCE = 8  # imports of all pages, whoever they are of: each decodes one picture at a time


class Waiting(NamedTuple):
    """What a page has dropped and not stored yet, or where that will wait.

    Attributes:
        key: What the services know it by.
        page: Which part of a long list the page shows.
    """

    key: str
    page: int = 0


class Parts(NamedTuple):
    """The components, in the order in which handlers answer."""

    waiting: gr.State
    view: gr.HTML
    clock: gr.Timer
    report: gr.HTML
    undo_step: gr.State
    undo_button: gr.Button


Shown = tuple[Any, Any, gr.Timer]  # what waits, how it looks, and the clock, which runs while that is not all


def take_up(services: Services) -> Shown:
    """Show a page that is opened what was dropped before and neither stored nor discarded."""
    key = services.imports.newest()
    return show(services, Waiting(key) if key else None)


def show(services: Services, waiting: Waiting | None) -> Shown:
    """Return what waits. While somebody is at work on it the page shows what it did, and looks again."""
    plan, is_busy = services.imports.peek(waiting.key) if waiting else (None, False)
    if waiting is None or (plan is None and not is_busy):
        return _shown(services, _nothing(services), None)
    shown = _shown(services, waiting, plan)
    if is_busy or services.imports.peek(waiting.key)[0] is not plan:
        return waiting, gr.skip(), gr.Timer(active=True)
    return shown


def add_files(services: Services, effect: str | None, waiting: Waiting | None, event: gr.EventData) -> tuple[Any, ...]:
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
        told = messages.importing.unreadable(unreadable) if unreadable else messages.importing.NOTHING_DROPPED
        raise mistake(messages.importing.UPLOAD_FAILED if event._data.get("failed") else told)
    if unreadable:
        gr.Warning(messages.importing.unreadable(unreadable))
    effect = chosen_effect(effect)
    uploads = [(Path(path), name) for path, name in files]
    waiting = waiting or _nothing(services)
    with services.imports.locked(waiting.key) as taken:
        plan = taken.add(uploads, folder=folder)
        if plan.is_certain:
            return _store(services, effect, waiting, taken)
        if not plan.files:  # nothing that could ever become a pair
            taken.discard()
            report = note(_bounded(_reasons(plan.left_over)), kind="bad", title=messages.importing.added([]))
            return *_shown(services, waiting, None), report, gr.skip(), gr.skip()
        return *_shown(services, waiting, plan), "", gr.skip(), gr.skip()


def correct(services: Services, effect: str | None, waiting: Waiting | None, event: gr.EventData) -> tuple[Any, ...]:
    """Do what a button of the plan says. Another page may have been faster: then this one shows what there is now."""
    action, name, to = sent(event._data, action=str, name=str, to=str)
    waiting = waiting or _nothing(services)
    with services.imports.locked(waiting.key) as files:
        if files.plan is None:
            gone = note([messages.importing.PLAN_GONE], kind="bad")
            return *_shown(services, waiting, None), gone, gr.skip(), gr.skip()
        if action == "add":
            return _store(services, chosen_effect(effect), waiting, files)
        report = gr.skip()
        if action == "discard":
            files.discard()
            report = ""
        elif action == "page":
            waiting = waiting._replace(page=whole(to))
        else:
            try:
                files.plan = _corrected(files.plan, action, name, to)
            except PairError as error:
                report = note([str(error)], kind="bad")
        return *_shown(services, waiting, files.plan), report, gr.skip(), gr.skip()


def chosen_effect(effect: str | None) -> str:
    """Return the effect that a page has selected.

    Raises:
        gr.Error: It has none.
    """
    if not effect:
        raise mistake(messages.pairs.NO_EFFECT)
    return effect


def build(
    services: Services, effect: gr.Dropdown, undo_step: gr.State, undo_button: gr.Button
) -> tuple[list[Any], gr.HTML]:
    """Lay out the drop places and the plan, and return the events after which the page looks again, and the report."""
    with gr.Row(elem_classes="pb-drops"):
        places = [
            gr.HTML(
                _place(folder, label, words),
                js_on_load=script("folder_drop", most=MAX_ITEMS),
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
        gr.Timer(LOOK_SECONDS, active=False),
        gr.HTML(elem_id="pairs-report"),
        undo_step,
        undo_button,
    )
    # Whoever works at the same plan waits in `turn`, and nobody else does.
    shown: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    gr.on(None, bound(take_up, services), [], list(parts[:3]), **shown)  # when the page is opened
    parts.clock.tick(bound(show, services), parts.waiting, list(parts[:3]), **shown)
    options: dict[str, Any] = {
        "inputs": [effect, parts.waiting],
        "outputs": list(parts),
        "trigger_mode": "multiple",
        "concurrency_id": "import",
        "concurrency_limit": AT_ONCE,
        "show_progress_on": parts.view,
    }
    events = [
        place.dropped(bound(add_files, services), api_name=api_name, **options)
        for place, api_name in zip(places, ("add_files", "add_sources", "add_targets"))
    ]
    events.append(parts.view.act(bound(correct, services), api_name="correct_plan", **options))
    return events, parts.report


def _place(folder: str, label: str, words: str) -> str:
    """Return one place to drop files: the large one takes folders too, by a button, and the small ones one side."""
    choose_folder = (
        "" if folder else f"<label>{messages.importing.CHOOSE_FOLDER}<input type=file webkitdirectory multiple></label>"
    )
    return (
        f'<div class="pb-drop" data-folder="{folder}" data-uploading="{escape(messages.importing.UPLOADING)}">'
        f"<strong>{escape(label)}</strong>"
        f'<span data-text role="status">{escape(words)}</span>'
        f"<p><label>{messages.importing.CHOOSE_FILES}"
        f'<input type="file" multiple accept="image/*,.heic,.heif,.zip"></label>'
        f"{choose_folder}</p></div>"
    )


def _nothing(services: Services) -> Waiting:
    return Waiting(services.imports.new_key())


def _shown(services: Services, waiting: Waiting, plan: ImportPlan | None) -> Shown:
    if plan is None:
        return Waiting(waiting.key), "", gr.Timer(active=False)
    glance = Glance(services.workspace)
    view = plan_view(plan, waiting.page, glance)
    return waiting, view, gr.Timer(active=not glance.is_complete)


def _store(services: Services, effect: str, waiting: Waiting, files: PendingImport) -> tuple[Any, ...]:
    plan = files.plan
    ignored = [str(item.path) for item in plan.left_over if item.is_clutter] if plan else []
    report = files.store(effect)
    told = _shown(services, waiting, files.plan), _told(report, ignored)
    if not report.added:
        return *told[0], told[1], gr.skip(), gr.skip()
    words = messages.importing.UNDO_ADD.format(pairs=messages.common.count(len(report.added), "pair"))
    step = Undo("remove", effect, tuple(report.added), said=words)
    return *told[0], told[1], *offered(step)


def _corrected(plan: ImportPlan, action: str, name: str, to: str) -> ImportPlan:
    if action == "swap-all":
        return plan.swapped()
    if action == "swap":
        return plan.swapped(name)
    if action == "apart":
        return plan.without(name)
    if action == "pair":  # of the pictures before and after
        return plan.repaired(PurePosixPath(name), PurePosixPath(to))
    raise mistake(messages.errors.STALE_PAGE)


def _told(report: ImportReport, ignored: Sequence[str]) -> str:
    quiet = [messages.importing.ignored_files(ignored)] if ignored else []
    return note(
        [*_bounded(report.problems), *quiet],
        kind="bad" if report.problems else "good",
        title=messages.importing.added(report.added),
    )


def _reasons(items: Sequence[LeftOver]) -> list[str]:
    return [f"{item.path}: {item.reason}" for item in items]


def _bounded(problems: Sequence[str]) -> list[str]:
    told = [problem[:MAX_PROBLEM] for problem in problems]
    if (more := len(told) - MAX_PROBLEMS) > 0:  # an archive may hold thousands of bad files
        told[MAX_PROBLEMS:] = [messages.importing.MORE_PROBLEMS.format(count=more)]
    return told
