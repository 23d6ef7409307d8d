"""Step 1: choose what to teach, and give the pairs that show it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from editor.pairs.doctor import repair
from editor.pairs.doctor.flags import readiness
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.glance import Glance
from editor.ui.components.html import button, note, placeholder, script
from editor.ui.components.pair_cards import flag_line, pager, pair_cards
from editor.ui.handlers import bound, mistake
from editor.ui.inputs import sent, whole
from editor.ui.tabs import effects, importing
from editor.ui.tabs.importing import chosen_effect
from editor.ui.undo import Undo, offered, undo
from editor.workspace import Checkup, Services

PAGE = 36  # cards shown at once


class View(NamedTuple):
    """Which cards a page shows; of another effect than this one it shows the first ones."""

    effect: str | None = None
    page: int = 0
    only_flagged: bool = False


class Live(NamedTuple):
    """What is kept up to date, in the order of `render`."""

    effect: gr.Dropdown
    summary: gr.HTML
    cards: gr.HTML
    doctor: gr.HTML


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    live: Live
    view: gr.State
    changes: list[Any]  # events after which the page looks again


def render(
    services: Services,
    effect: str | None,
    chosen: str | None,
    pairs: Sequence[Pair],
    problem: str,
    view: View | None = None,
) -> tuple[Any, str, str, str]:
    """Return what `Live` should show.

    Args:
        services: The one object to ask.
        effect: The effect that the page has selected.
        chosen: The one it should have selected.
        pairs: The pairs of that one.
        problem: Why they cannot be shown, if so.
        view: Which of them the page wants to see.
    """
    choices = [(item.name, item.slug) for item in services.workspace.effects()]
    update = {"choices": choices} if effect == chosen else {"choices": choices, "value": chosen}
    if chosen is None or problem:
        return (
            gr.update(**update),
            "",
            note([problem], kind="bad") if problem else placeholder(messages.pairs.NO_PAIRS),
            "",
        )
    checkup = services.checkups.of(chosen)
    view = view if view and view.effect == chosen else View(chosen)
    return (
        gr.update(**update),
        _summary(pairs, checkup),
        _cards(services, chosen, pairs, checkup, view),
        _doctor(pairs, checkup, view),
    )


def act(services: Services, effect: str | None, event: gr.EventData) -> tuple[Any, Any]:
    """Do what a button of a card says.

    Returns:
        The step that can be taken back, and the button that does it.
    """
    effect = chosen_effect(effect)
    name, action = sent(event._data, name=str, action=str)
    if action == "remove":
        trash_id = services.library.remove_pairs(effect, [name])
        return offered(Undo("restore", effect, trash_id=trash_id, said=messages.pairs.UNDO_REMOVE.format(name=name)))
    if action == "rename":
        (to,) = sent(event._data, to=str)
        new = services.library.rename_pair(effect, name, to)
        return offered(Undo("rename", effect, (new, name), said=messages.pairs.UNDO_RENAME.format(name=new)))
    with services.workspace.using_pairs(effect) as store:
        if action == "align":
            repair.align(store, name)
            return offered(Undo("unalign", effect, (name,), said=messages.pairs.UNDO_ALIGN.format(name=name)))
        if action == "swap":
            repair.swap_sides(store, name)
            return offered(Undo("swap", effect, (name,), said=messages.pairs.UNDO_SWAP.format(name=name)))
        if action == "unalign":
            repair.undo(store, name)
        elif action in ("hold", "learn"):
            held_out = {pair.name for pair in store.held_out()}
            store.set_held_out(held_out | {name} if action == "hold" else held_out - {name})
        else:
            raise mistake(messages.errors.STALE_PAGE)
    return gr.skip(), gr.skip()


def browse(services: Services, effect: str | None, view: View, event: gr.EventData) -> View:
    """Show another part of the pairs, or only those that the doctor has flagged."""
    action, to = sent(event._data, action=str, to=str)
    if action == "only":
        return View(effect, 0, to == "flagged")
    if action != "page":
        raise mistake(messages.errors.STALE_PAGE)
    return View(effect, whole(to), view.only_flagged and view.effect == effect)


def build(services: Services, tab: gr.Tab) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        tab: The tab that this is in; what others do changes what it says of storage.
    """
    with gr.Row(elem_classes="pb-row"):
        effect = gr.Dropdown([], value=None, label=messages.pairs.EFFECT, elem_id="effect", scale=3, filterable=False)
        with gr.Row(elem_classes="pb-new", scale=2):
            name = gr.Textbox(
                label=messages.pairs.NEW_EFFECT,
                placeholder=messages.pairs.NEW_EFFECT_HINT,
                max_lines=1,
                elem_id="effect-name",
                scale=3,
                min_width=160,
            )
            create_button = gr.Button(messages.pairs.CREATE_EFFECT, elem_id="effect-create", scale=1, min_width=90)
    view, undo_step = gr.State(View()), gr.State(None)
    undo_button = gr.Button("", visible=False, size="sm", elem_id="pairs-undo", elem_classes="pb-undo", render=False)
    import_events, report = importing.build(services, effect, undo_step, undo_button)
    summary = gr.HTML(elem_id="pairs-summary")
    doctor = gr.HTML(js_on_load=_script(), elem_id="pairs-doctor")
    cards = gr.HTML(js_on_load=_script(), elem_id="pairs-cards")
    effects_event, panel = effects.build(services, effect, undo_step, undo_button)
    undo_button.render()

    create_event = gr.on(
        [create_button.click, name.submit],
        bound(effects.create, services),
        name,
        [effect, name],
        api_name="create_effect",
    )
    undo_event = undo_button.click(
        bound(undo, services),
        undo_step,
        [undo_step, undo_button, report, effect],
        api_visibility="private",
        show_progress="hidden",
    )
    changes = [
        create_event,
        undo_event,
        effects_event,
        *import_events,
    ]
    for place, api_name in ((cards, "change_pair"), (doctor, "change_flagged_pair")):
        changes += [
            place.act(
                bound(act, services),
                effect,
                [undo_step, undo_button],
                trigger_mode="multiple",
                api_name=api_name,
                show_progress="hidden",
            ),
            place.browse(
                bound(browse, services),
                [effect, view],
                view,
                trigger_mode="multiple",
                api_visibility="private",
                show_progress="hidden",
            ),
        ]
    for event in (tab.select, *(change.success for change in changes if change is not effects_event)):
        event(
            bound(effects.refresh, services),
            panel.is_open,
            panel.html,
            trigger_mode="always_last",
            api_visibility="private",
            show_progress="hidden",
        )
    return Tab(Live(effect, summary, cards, doctor), view, changes)


def _script() -> str:
    return script("keep_focus", "actions", "pair_cards", words=messages.pairs.LIST_WORDS)


def _summary(pairs: Sequence[Pair], checkup: Checkup) -> str:
    """Return whether this is enough to start, and how many pairs there are for what."""
    held_out = sum(pair.is_held_out for pair in pairs)
    split = messages.pairs.pairs_split(len(pairs) - held_out, held_out)
    return (
        f'<div class="pb-summary"><strong>{escape(readiness(len(pairs), checkup.flags))}</strong>'
        f'<span title="{escape(messages.pairs.HELD_OUT_HELP)}">{escape(split)}. '
        f"{escape(messages.pairs.HELD_OUT_HELP)}</span></div>"
    )


def _doctor(pairs: Sequence[Pair], checkup: Checkup, view: View) -> str:
    """Return what the doctor says of all pairs, and of pictures that are in none."""
    if not pairs and not checkup.flags:
        return ""
    names = {pair.name for pair in pairs}
    flagged = {flag.name for flag in checkup.flags} & names
    if checkup.problem:
        words = messages.pairs.NOT_CHECKED.format(reason=checkup.problem)
    elif not checkup.is_done:
        words = messages.pairs.CHECKING
    else:
        words = messages.pairs.flagged(len(flagged)) if flagged else messages.pairs.HEALTHY if not checkup.flags else ""
    kind = "busy" if not checkup.is_done else "found" if checkup.flags else "fine"
    toggle = ""
    if view.only_flagged:
        toggle = button(messages.pairs.ALL_PAIRS, "only", to="all", elem_id="doctor-filter", is_small=True)
    elif flagged:
        toggle = button(messages.pairs.ONLY_FLAGGED, "only", to="flagged", elem_id="doctor-filter", is_small=True)
    lonely = "".join(
        f'<li data-item="{escape(flag.name)}">{flag_line(flag)}</li>'
        for flag in checkup.flags
        if flag.name not in names
    )
    lonely = f'<ul class="pb-lonely">{lonely}</ul>' if lonely else ""
    return (
        f'<div class="pb-doctor" data-state="{kind}" role="status"><p><span>{escape(words)}</span>{toggle}</p>'
        f"{lonely}</div>"
    )


def _cards(services: Services, effect: str, pairs: Sequence[Pair], checkup: Checkup, view: View) -> str:
    flagged = {flag.name for flag in checkup.flags}
    wanted = [pair for pair in pairs if pair.name in flagged] if view.only_flagged else pairs
    if pairs and not wanted:
        return placeholder(messages.pairs.NOTHING_FLAGGED)
    first = PAGE * min(view.page, max(0, len(wanted) - 1) // PAGE)
    aligned = set(repair.originals(services.workspace.store(effect)).names())
    shown = pair_cards(wanted[first : first + PAGE], checkup.flags, aligned, Glance(services.workspace))
    return shown + pager(first, PAGE, len(wanted))
