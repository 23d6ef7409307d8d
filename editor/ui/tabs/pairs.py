"""Step 1: the pairs that show what to teach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup, escape

from editor.errors import UserError
from editor.pairs.doctor import repair
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.effect_summary import doctor_note, pairs_summary
from editor.ui.components.html import note, placeholder, script
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.components.pair_cards import fix_of, pager, pair_cards
from editor.ui.handlers import bound, mistake
from editor.ui.header import Header
from editor.ui.inputs import sent, whole
from editor.ui.selection import ORPHANS
from editor.ui.tabs import effects, importing
from editor.ui.tabs.importing import chosen_effect
from editor.ui.undo import Undo, offered, undo
from editor.workspace import Checkup, Services

PAGE = 36  # cards shown at once


class View(NamedTuple):
    """Which cards a page shows; of another effect than this one it shows the first ones.

    Attributes:
        effect: Slug of the effect.
        page: Which part of a long list.
        only_flagged: Whether only those are shown that the doctor has flagged.
        known: Names of the pairs there were when that was chosen: newer ones are shown all the same.
    """

    effect: str | None = None
    page: int = 0
    only_flagged: bool = False
    known: frozenset[str] = frozenset()


class Live(NamedTuple):
    """What is kept up to date, in the order of `render`."""

    summary: gr.HTML
    cards: gr.HTML
    doctor: gr.HTML


class Tab(NamedTuple):
    """What the other parts of the page connect to."""

    live: Live
    view: gr.State
    changes: list[Any]  # events after which the page refreshes


def render(
    services: Services, effect: str | None, pairs: Sequence[Pair], problem: str, view: View | None = None
) -> tuple[str, str, str]:
    """Return what `Live` should show.

    Args:
        services: The one object to ask.
        effect: The effect.
        pairs: Its pairs.
        problem: Why they cannot be shown, if so.
        view: Which of them the page wants to see.
    """
    if problem:
        return "", note([problem], kind="bad"), ""
    if effect is None or effect == ORPHANS:
        return "", placeholder(messages.pairs.ONLY_RUNS if effect else messages.pairs.NO_PAIRS), ""
    checkup = services.checkups.of(effect)
    view = view if view and view.effect == effect else View(effect)
    return (
        pairs_summary(pairs, checkup.flags),
        _cards(services, effect, pairs, checkup, view),
        doctor_note(pairs, checkup, is_filtered=view.only_flagged),
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
        return offered(Undo("restore", effect, trash_id=trash_id, label=messages.pairs.UNDO_REMOVE.format(name=name)))
    if action == "rename":
        (to,) = sent(event._data, to=str)
        new = services.library.rename_pair(effect, name, to)
        return offered(Undo("rename", effect, (new, name), label=messages.pairs.UNDO_RENAME.format(name=new)))
    if action == "mend":
        return _mend(services, effect)
    with services.workspace.using_pairs(effect) as store:
        if action == "align":
            repair.align(store, name)
            return offered(Undo("unalign", effect, (name,), label=messages.pairs.UNDO_ALIGN.format(name=name)))
        if action == "swap":
            repair.swap_sides(store, name)
            return offered(Undo("swap", effect, (name,), label=messages.pairs.UNDO_SWAP.format(name=name)))
        if action == "exchange":
            (other,) = sent(event._data, to=str)
            repair.exchange(store, name, other)
            label = messages.pairs.UNDO_EXCHANGE.format(name=name, other=other)
            return offered(Undo("exchange", effect, (name, other), label=label))
        if action == "unalign":
            repair.undo(store, name)
        elif action in ("hold", "learn"):
            held_out = {pair.name for pair in store.held_out()}
            store.set_held_out(held_out | {name} if action == "hold" else held_out - {name})
        else:
            raise mistake(messages.errors.STALE_PAGE)
    return gr.skip(), gr.skip()


def _mend(services: Services, effect: str) -> tuple[Any, Any]:
    """Mend all that the doctor knows how to mend. What cannot be is told, and stops nothing else."""
    checkup = services.checkups.of(effect)
    if not checkup.is_done:
        raise mistake(messages.pairs.STILL_CHECKING)
    steps, problems = [], []
    # Which pair holds by now the picture after of another: exchanges may form a cycle, as a with b, b with c, c with a.
    holder: dict[str, str] = {}
    with services.workspace.using_pairs(effect) as store:
        for flag in checkup.flags:
            name, fix, with_ = flag.name, fix_of(flag), holder.get(flag.other or "", flag.other)
            try:
                if fix == "align":
                    repair.align(store, name)
                    steps.append(Undo("unalign", effect, (name,)))
                elif fix == "swap":
                    repair.swap_sides(store, name)
                    steps.append(Undo("swap", effect, (name,)))
                elif fix == "exchange" and with_ != name:
                    repair.exchange(store, name, with_)
                    steps.append(Undo("exchange", effect, (name, with_)))
                    own = next((pair for pair, at in holder.items() if at == name), name)
                    holder |= {flag.other: name, own: with_}
            except UserError as error:
                problems.append(str(error))
    if problems:
        gr.Warning(str(escape(" ".join(problems))))
    if not steps:
        raise mistake(messages.pairs.NOTHING_TO_MEND)
    repairs = messages.common.count(len(steps), "repair")
    return offered(Undo("all", effect, label=messages.pairs.UNDO_MEND.format(repairs=repairs), steps=tuple(steps)))


def browse(services: Services, effect: str | None, view: View, event: gr.EventData) -> View:
    """Show another part of the pairs, or only those that the doctor has flagged."""
    action, to = sent(event._data, action=str, to=str)
    if action == "only":
        known = frozenset(pair.name for pair in services.workspace.pairs(chosen_effect(effect)))
        return View(effect, 0, to == "flagged", known)
    if action != "page":
        raise mistake(messages.errors.STALE_PAGE)
    return view._replace(page=whole(to)) if view.effect == effect else View(effect, whole(to))


def build(services: Services, header: Header, tab: gr.Tab) -> Tab:
    """Lay out the tab and connect it.

    Args:
        services: The one object to ask.
        header: It has the page's effect, and makes new ones.
        tab: The tab that this is in; what others do changes what it says of storage.
    """
    effect = header.effect
    view, undo_step = gr.State(View()), gr.State(None)
    undo_button = gr.Button("", visible=False, size="sm", elem_id="pairs-undo", elem_classes="pb-undo", render=False)
    import_events, report = importing.build(services, effect, undo_step, undo_button)
    summary = gr.HTML(elem_id="pairs-summary")
    doctor = gr.HTML(js_on_load=_script(), elem_id="pairs-doctor")
    cards = gr.HTML(js_on_load=_script(), elem_id="pairs-cards")
    effects_event, panel = effects.build(services, effect, undo_step, undo_button)
    undo_button.render()

    undo_event = undo_button.click(
        bound(undo, services),
        undo_step,
        [undo_step, undo_button, report, effect],
        api_visibility="private",
        show_progress="hidden",
    )
    changes = [undo_event, effects_event, *import_events]
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
    others = [change.success for change in (header.created, *changes) if change is not effects_event]
    for event in (tab.select, *others):
        event(
            bound(effects.refresh, services),
            panel.is_open,
            panel.html,
            trigger_mode="always_last",
            api_visibility="private",
            show_progress="hidden",
        )
    return Tab(Live(summary, cards, doctor), view, changes)


def _script() -> str:
    return script("keep_focus", "actions", "pair_cards", words=messages.pairs.LIST_WORDS)


def _cards(services: Services, effect: str, pairs: Sequence[Pair], checkup: Checkup, view: View) -> Markup:
    flagged = {flag.name for flag in checkup.flags}
    wanted = (
        [pair for pair in pairs if pair.name in flagged or pair.name not in view.known] if view.only_flagged else pairs
    )
    if pairs and not wanted:
        return placeholder(messages.pairs.NOTHING_FLAGGED)
    first = PAGE * min(view.page, max(0, len(wanted) - 1) // PAGE)
    aligned = set(repair.originals(services.workspace.store(effect)).names())
    shown = pair_cards(wanted[first : first + PAGE], checkup.flags, aligned, PageThumbnails(services.workspace))
    return shown + pager(first, PAGE, len(wanted))
