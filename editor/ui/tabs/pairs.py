"""Step 1: choose what to teach, and give the pairs that show it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.importing import ImportReport
from editor.pairs.store import Pair
from editor.ui import messages
from editor.ui.components.html import note
from editor.ui.components.pair_cards import pair_cards
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import sent
from editor.ui.theme import ASSETS
from editor.workspace import Services

MAX_PROBLEMS = 40  # told after one import
MAX_PROBLEM = 600  # characters


class Live(NamedTuple):
    """What is kept up to date, in the order of `render`."""

    effect: gr.Dropdown
    summary: gr.HTML
    cards: gr.HTML


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    live: Live
    changes: list[Any]  # events after which the page looks again


def render(
    services: Services, effect: str | None, chosen: str | None, pairs: Sequence[Pair], problem: str
) -> tuple[Any, str, str]:
    """Return what `Live` should show.

    Args:
        services: The one object to ask.
        effect: The effect that the page has selected.
        chosen: The one it should have selected.
        pairs: The pairs of that one.
        problem: Why they cannot be shown, if so.
    """
    choices = [(item.name, item.slug) for item in services.workspace.effects()]
    update = {"choices": choices} if effect == chosen else {"choices": choices, "value": chosen}
    held_out = sum(pair.is_held_out for pair in pairs)
    summary = messages.pairs_summary(len(pairs) - held_out, held_out)
    return (
        gr.update(**update),
        f'<div class="pb-summary"><strong>{escape(summary)}</strong>'
        f"<span>{escape(messages.HELD_OUT_HELP)}</span></div>",
        note([problem], kind="bad") if problem else pair_cards(pairs, services.workspace.thumbnail),
    )


def create(services: Services, name: str) -> tuple[Any, str]:
    """Make an effect and select it."""
    effect = services.workspace.create_effect(name or "")
    choices = [(item.name, item.slug) for item in services.workspace.effects()]
    return gr.update(choices=choices, value=effect.slug), ""


def add_files(
    services: Services, effect: str | None, sources: list[str] | None, targets: list[str] | None
) -> tuple[Any, Any, Any]:
    """Import what has a partner on the other side. What has none stays where it was dropped, and is named."""
    # An upload is imported once: a second event that was under way with the same files finds them gone.
    before, after = ([path for path in map(Path, side or ()) if path.is_file()] for side in (sources, targets))
    if (sources or targets) and not (before or after):
        return gr.skip(), gr.skip(), gr.skip()
    partners = {_key(path) for path in before} & {_key(path) for path in after}
    matched = [[path for path in side if _key(path) in partners] for side in (before, after)]
    left = [[path for path in side if _key(path) not in partners] for side in (before, after)]
    waiting = messages.waiting_files(*([path.name for path in side] for side in left))
    if not partners:
        # The places are left alone: something may have been dropped there since this was called.
        return gr.skip(), gr.skip(), note(waiting)
    report = services.import_files(_chosen(effect), *matched)
    rest = [[str(path) for path in side] or None for side in left]
    return rest[0], rest[1], _told(report, waiting)


def add_folder(services: Services, effect: str | None, event: gr.EventData) -> str:
    """Import a folder, which the page has uploaded file by file, or a zip file."""
    (dropped,) = sent(event._data, files=list)
    files = [sent(file, path=str, name=str) for file in dropped]
    if not files:
        raise mistake(messages.UPLOAD_FAILED if event._data.get("failed") else messages.NOTHING_DROPPED)
    return _told(services.import_folder(_chosen(effect), [(Path(path), name) for path, name in files]))


def act(services: Services, effect: str | None, event: gr.EventData) -> tuple[Any, Any]:
    """Do what a button of a card says: hold the pair out, learn from it again, or remove it.

    Returns:
        What to bring back should the person change their mind, and the button that does it.
    """
    store = services.workspace.store(_chosen(effect))
    name, action = sent(event._data, name=str, action=str)
    held_out = {pair.name for pair in store.held_out()}
    if action == "remove":
        removed = services.library.remove_pairs(_chosen(effect), [name])
        return removed, gr.update(value=messages.UNDO_REMOVE.format(name=name), visible=True)
    elif action == "hold":
        store.set_held_out(held_out | {name})
    elif action == "learn":
        store.set_held_out(held_out - {name})
    else:
        raise mistake(messages.STALE_PAGE)
    return gr.skip(), gr.skip()


def undo(services: Services, removed: str | None) -> tuple[None, Any]:
    """Bring back the pair that was removed last."""
    if removed:
        services.library.restore(removed)
    return None, gr.update(visible=False)


def build(services: Services) -> Tab:
    """Lay out the tab and connect it."""
    with gr.Row(elem_classes="pb-row"):
        effect = gr.Dropdown([], value=None, label="Effect", elem_id="effect", scale=3, filterable=False)
        with gr.Row(elem_classes="pb-new", scale=2):
            name = gr.Textbox(
                label="New effect",
                placeholder=messages.NEW_EFFECT_HINT,
                max_lines=1,
                elem_id="effect-name",
                scale=3,
                min_width=160,
            )
            create_button = gr.Button("Create", elem_id="effect-create", scale=1, min_width=90)
    with gr.Row(elem_classes="pb-row"):
        sources, targets = (
            gr.File(
                label=label, file_count="multiple", file_types=["image"], elem_id=elem_id, height=170, min_width=260
            )
            for label, elem_id in (
                (messages.SOURCES_LABEL, "pairs-sources"),
                (messages.TARGETS_LABEL, "pairs-targets"),
            )
        )
        folder = gr.HTML(
            FOLDER_HTML,
            js_on_load=(ASSETS / "folder_drop.js").read_text(encoding="utf-8"),
            elem_id="pairs-folder",
            min_width=260,
        )
    gr.Markdown(messages.PAIRS_HELP, elem_classes="pb-help")
    report = gr.HTML(elem_id="pairs-report")
    summary = gr.HTML(elem_id="pairs-summary")
    removed = gr.State(None)
    undo_button = gr.Button("", visible=False, size="sm", elem_id="pairs-undo", elem_classes="pb-undo")
    cards = gr.HTML(js_on_load=(ASSETS / "pair_cards.js").read_text(encoding="utf-8"), elem_id="pairs-cards")

    changes = [
        gr.on(
            [create_button.click, name.submit],
            bound(create, services),
            name,
            [effect, name],
            api_name="create_effect",
        ),
        gr.on(
            # What was dropped on the other side meanwhile is looked at once the first handler is done.
            [sources.upload, targets.upload, sources.delete, targets.delete, sources.clear, targets.clear],
            bound(add_files, services),
            [effect, sources, targets],
            [sources, targets, report],
            trigger_mode="always_last",
            api_name="add_files",
        ),
        folder.dropped(bound(add_folder, services), effect, report, api_name="add_folder"),
        cards.act(
            bound(act, services),
            effect,
            [removed, undo_button],
            trigger_mode="multiple",
            api_name="change_pair",
            show_progress="hidden",
        ),
        undo_button.click(
            bound(undo, services),
            removed,
            [removed, undo_button],
            api_visibility="private",
            show_progress="hidden",
        ),
    ]
    return Tab(Live(effect, summary, cards), changes)


FOLDER_HTML = f"""
<div class="pb-drop">
  <strong>{messages.FOLDER_LABEL}</strong>
  <span data-text>{messages.FOLDER_HELP}</span>
  <p><label>Choose folder<input type="file" webkitdirectory multiple></label>
  <label>Choose zip<input type="file" accept=".zip"></label></p>
</div>
"""


def _key(path: Path) -> str:
    """Return what the partner of a file shares with it, see `pairs.importing`."""
    return unicodedata.normalize("NFC", path.stem).casefold()


def _chosen(effect: str | None) -> str:
    if not effect:
        raise mistake(messages.NO_EFFECT)
    return effect


def _told(report: ImportReport, waiting: Sequence[str] = ()) -> str:
    problems = [problem[:MAX_PROBLEM] for problem in (*report.problems, *waiting)]
    if (more := len(problems) - MAX_PROBLEMS) > 0:  # an archive may hold thousands of bad files
        problems[MAX_PROBLEMS:] = [messages.MORE_PROBLEMS.format(count=more)]
    return note(problems, kind="bad" if problems else "good", title=messages.added(report.added))
