"""Step 1, the drop places: files come in, are understood, corrected where need be, and stored."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.importing import ImportReport
from editor.pairs.plan import ImportPlan, LeftOver
from editor.ui import messages
from editor.ui.components.glance import Glance
from editor.ui.components.html import note, script
from editor.ui.components.plan_view import plan_view
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import sent, whole
from editor.ui.undo import Undo, offered
from editor.workspace import Import, Services

MAX_PROBLEMS = 40  # told after one import
MAX_PROBLEM = 600  # characters
FOLDERS = ("", "before", "after")  # what a person says by where they drop something
LOOK_SECONDS = 0.6  # between two looks at small copies that are being made


class Waiting(NamedTuple):
    """What a page has dropped and not stored yet.

    Attributes:
        files: The files and how they were understood.
        page: Which part of a long list the page shows.
    """

    files: Import
    page: int = 0


class Parts(NamedTuple):
    """The components, in the order in which handlers answer."""

    waiting: gr.State
    view: gr.HTML
    clock: gr.Timer
    report: gr.HTML
    undo_step: gr.State
    undo_button: gr.Button


def show(services: Services, waiting: Waiting | None) -> tuple[Waiting | None, str, gr.Timer]:
    """Return what waits, how it looks, and the clock, which runs as long as small copies are missing."""
    if waiting is None:
        return None, "", gr.Timer(active=False)
    glance = Glance(services.workspace)
    view = plan_view(waiting.files.plan, waiting.page, glance)
    return waiting, view, gr.Timer(active=not glance.is_complete)


def add_files(services: Services, effect: str | None, waiting: Waiting | None, event: gr.EventData) -> tuple[Any, ...]:
    """Take in what was dropped, and store it at once if there is nothing to ask."""
    (dropped,) = sent(event._data, files=list)
    files = [sent(file, path=str, name=str) for file in dropped]
    folder = event._data.get("folder", "")
    if folder not in FOLDERS:
        raise mistake(messages.STALE_PAGE)
    if not files:
        raise mistake(messages.UPLOAD_FAILED if event._data.get("failed") else messages.NOTHING_DROPPED)
    effect = chosen_effect(effect)
    uploads = [(Path(path), name) for path, name in files]
    taken = services.imports.add(waiting.files if waiting else None, uploads, folder=folder)
    if taken.plan.is_certain:
        return _store(services, effect, taken)
    if not taken.plan.files:  # nothing that could ever become a pair
        services.imports.discard(taken)
        report = note(_bounded(_reasons(taken.plan.left_over)), kind="bad", title=messages.added([]))
        return *show(services, None), report, gr.skip(), gr.skip()
    return *show(services, Waiting(taken)), "", gr.skip(), gr.skip()


def correct(services: Services, effect: str | None, waiting: Waiting | None, event: gr.EventData) -> tuple[Any, ...]:
    """Do what a button of the plan says."""
    action, name, to = sent(event._data, action=str, name=str, to=str)
    if waiting is None or not waiting.files.folder.is_dir():
        raise mistake(messages.PLAN_GONE)
    if action == "add":
        return _store(services, chosen_effect(effect), waiting.files)
    if action == "discard":
        services.imports.discard(waiting.files)
        return *show(services, None), "", gr.skip(), gr.skip()
    if action == "page":
        waiting = waiting._replace(page=whole(to))
    else:
        plan = _corrected(waiting.files.plan, action, name, to)
        waiting = waiting._replace(files=waiting.files._replace(plan=plan))
    return *show(services, waiting), gr.skip(), gr.skip(), gr.skip()


def chosen_effect(effect: str | None) -> str:
    """Return the effect that a page has selected.

    Raises:
        gr.Error: It has none.
    """
    if not effect:
        raise mistake(messages.NO_EFFECT)
    return effect


def build(
    services: Services, effect: gr.Dropdown, undo_step: gr.State, undo_button: gr.Button
) -> tuple[list[Any], gr.HTML]:
    """Lay out the drop places and the plan, and return the events after which the page looks again, and the report."""
    with gr.Row(elem_classes="pb-drops"):
        places = [
            gr.HTML(
                _place(folder, label, words),
                js_on_load=script("folder_drop"),
                elem_id=elem_id,
                scale=scale,
                min_width=width,
            )
            for folder, label, words, elem_id, scale, width in (
                ("", messages.DROP_LABEL, messages.DROP_HELP, "pairs-folder", 3, 300),
                ("before", messages.SOURCES_LABEL, messages.SOURCES_HELP, "pairs-sources", 1, 150),
                ("after", messages.TARGETS_LABEL, messages.TARGETS_HELP, "pairs-targets", 1, 150),
            )
        ]
    parts = Parts(
        gr.State(None),
        gr.HTML(js_on_load=script("keep_focus", "actions", "plan_view"), elem_id="pairs-plan"),
        gr.Timer(LOOK_SECONDS, active=False),
        gr.HTML(elem_id="pairs-report"),
        undo_step,
        undo_button,
    )
    # One after the other: each of them takes what the one before has left waiting.
    parts.clock.tick(
        bound(show, services),
        parts.waiting,
        list(parts[:3]),
        concurrency_id="import",
        concurrency_limit=1,
        api_visibility="private",
        show_progress="hidden",
    )
    options: dict[str, Any] = {
        "inputs": [effect, parts.waiting],
        "outputs": list(parts),
        "trigger_mode": "multiple",
        "concurrency_id": "import",
        "concurrency_limit": 1,
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
        "" if folder else f"<label>{messages.CHOOSE_FOLDER}<input type=file webkitdirectory multiple></label>"
    )
    return (
        f'<div class="pb-drop" data-folder="{folder}"><strong>{escape(label)}</strong>'
        f'<span data-text role="status">{escape(words)}</span>'
        f'<p><label>{messages.CHOOSE_FILES}<input type="file" multiple accept="image/*,.heic,.heif,.zip"></label>'
        f"{choose_folder}</p></div>"
    )


def _store(services: Services, effect: str, files: Import) -> tuple[Any, ...]:
    ignored = [str(item.path) for item in files.plan.left_over if item.is_clutter]
    report, rest = services.imports.store(effect, files)
    waiting = Waiting(rest) if rest else None
    if not report.added:
        return *show(services, waiting), _told(report, ignored), gr.skip(), gr.skip()
    words = messages.UNDO_ADD.format(pairs=messages.count(len(report.added), "pair"))
    step = Undo("remove", effect, tuple(report.added), said=words)
    return *show(services, waiting), _told(report, ignored), *offered(step)


def _corrected(plan: ImportPlan, action: str, name: str, to: str) -> ImportPlan:
    if action == "swap-all":
        return plan.swapped()
    if action == "swap":
        return plan.swapped(name)
    if action == "apart":
        return plan.without(name)
    if action == "pair":  # of the pictures before and after
        return plan.repaired(PurePosixPath(name), PurePosixPath(to))
    raise mistake(messages.STALE_PAGE)


def _told(report: ImportReport, ignored: Sequence[str]) -> str:
    quiet = [messages.ignored_files(ignored)] if ignored else []
    return note(
        [*_bounded(report.problems), *quiet],
        kind="bad" if report.problems else "good",
        title=messages.added(report.added),
    )


def _reasons(items: Sequence[LeftOver]) -> list[str]:
    return [f"{item.path}: {item.reason}" for item in items]


def _bounded(problems: Sequence[str]) -> list[str]:
    told = [problem[:MAX_PROBLEM] for problem in problems]
    if (more := len(told) - MAX_PROBLEMS) > 0:  # an archive may hold thousands of bad files
        told[MAX_PROBLEMS:] = [messages.MORE_PROBLEMS.format(count=more)]
    return told
