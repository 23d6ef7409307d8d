"""The list of runs in Train: show, name, copy, continue, delete and bring back, and their curves in one chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from editor.ui import messages
from editor.ui.components.mode import EXPERT
from editor.ui.components.run_cards import run_cards, run_cards_data
from editor.ui.components.run_charts import comparison, comparison_chart
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import number, sent
from editor.workspace import RunCard, Services

MAX_COMPARED = 8  # runs in one chart


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    list: gr.HTML  # kept up to date by `render`
    changes: list[Any]  # events after which the page refreshes


def render(cards: Sequence[RunCard], problems: Sequence[str], shown: str | None) -> str:
    """Return what the list says of the runs of an effect, and of others that cannot be shown.

    Args:
        cards: The runs of the effect.
        problems: Why others cannot be shown.
        shown: The id of the run that the page shows.
    """
    return run_cards_data(cards, shown, problems)


def act(services: Services, minutes: str | float | None, event: gr.EventData) -> tuple[Any, Any, Any]:
    """Do what a button of a row says; see `_do`."""
    action, run, name = sent(event._data, action=str, run=str, name=str)
    return _do(services, action, run, name, minutes)


def act_on_shown(services: Services, minutes: str | float | None, event: gr.EventData) -> tuple[Any, Any, Any]:
    """Do what a button on the card of the run that is shown says; see `_do`."""
    action, run = sent(event._data, action=str, name=str)
    name = event._data.get("to")
    return _do(services, action, run, name if isinstance(name, str) else "", minutes)


def _do(services: Services, action: str, run: str, name: str, minutes: str | float | None) -> tuple[Any, Any, Any]:
    """Change a run.

    Returns:
        The run to show, what to bring back should the person change their mind, and the button that does it.
    """
    shown: Any = gr.skip()
    if action == "show":
        shown = services.training.open(run).id
    elif action == "rename":
        services.library.rename_run(run, name)
    elif action == "copy":
        shown = services.library.duplicate_run(run)
    elif action == "continue":
        services.training.resume(run, number(minutes))
        shown = run
    elif action == "slim":
        freed = services.library.slim_run(run)
        gr.Info(messages.runs.SLIMMED.format(size=messages.common.readable_bytes(freed)))
    elif action == "delete":
        title = next((item.name for item in services.training.runs() if item.id == run), run)
        deleted = services.library.delete_run(run)
        return gr.skip(), deleted, gr.update(value=messages.runs.UNDO_DELETE_RUN.format(name=title), visible=True)
    else:
        raise mistake(messages.errors.STALE_PAGE)
    return shown, gr.skip(), gr.skip()


def undo(services: Services, deleted: str | None) -> tuple[Any, None, Any]:
    """Bring back the run that was deleted last, and show it."""
    run = services.library.restore(deleted).id if deleted else gr.skip()
    return run, None, gr.update(visible=False)


def compare(services: Services, event: gr.EventData) -> str:
    """Return the curves of the runs that are ticked."""
    (runs,) = sent(event._data, runs=list)
    if not all(isinstance(run, str) for run in runs):
        raise mistake(messages.errors.STALE_PAGE)
    if len(runs) > MAX_COMPARED:
        raise mistake(messages.runs.TOO_MANY_COMPARED.format(count=MAX_COMPARED))
    return comparison([services.training.status(run) for run in runs])


def build(services: Services, run_state: gr.State, minutes: gr.Textbox, card: gr.HTML) -> Tab:
    """Lay out the list and connect it.

    Args:
        services: The one object to ask.
        run_state: The id of the run that the page shows.
        minutes: How long a finished run goes on.
        card: Of the run that is shown, with buttons as the rows have them.
    """
    deleted = gr.State(None)
    undo_button = gr.Button("", visible=False, size="sm", elem_id="runs-undo", elem_classes="pb-undo")
    with gr.Accordion(messages.runs.RUNS, open=False, elem_id="runs"):
        rows = run_cards()
        with gr.Column(elem_classes=EXPERT):
            chart = comparison_chart()
    undone = undo_button.click(
        bound(undo, services),
        deleted,
        [run_state, deleted, undo_button],
        api_visibility="private",
        show_progress="hidden",
    )
    # The run was restored, or deleted for good, in the trash panel meanwhile. Where restoring failed, the trash has it.
    undone.failure(
        lambda: (None, gr.update(visible=False)),
        None,
        [deleted, undo_button],
        api_visibility="private",
        show_progress="hidden",
    )
    changes = [
        undone,
        *(
            place.act(
                bound(handler, services),
                minutes,
                [run_state, deleted, undo_button],
                trigger_mode="multiple",
                api_name=api_name,
                show_progress="hidden",
            )
            for place, handler, api_name in ((rows, act, "change_run"), (card, act_on_shown, "change_shown_run"))
        ),
    ]
    rows.compare(
        bound(compare, services),
        None,
        chart,
        trigger_mode="multiple",  # with "always_last", Gradio would send the data of the first event again
        api_name="compare_curves",
        show_progress="hidden",
    )
    return Tab(rows, changes)
