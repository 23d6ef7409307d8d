"""How dropped files were understood, before anything of it is stored, with all that can be corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import PurePosixPath

from editor.pairs.importing.plan import ImportPlan, LeftOver, Picture, PlannedPair
from editor.ui import messages
from editor.ui.components.glance import Glance
from editor.ui.components.html import button
from editor.ui.components.pair_cards import ARROW, pager

PAGE = 24  # pairs, or pictures left over, shown at once
MAX_NAMED = 200  # files that are no pictures, named in full


def plan_view(plan: ImportPlan, page: int, glance: Glance) -> str:
    """Return the plan as HTML; `assets/actions.js` and `assets/plan_view.js` bring it to life.

    Args:
        plan: What would be stored.
        page: Which part of a long list to show.
        glance: Makes the pictures.
    """
    pictures = [item for item in plan.left_over if item.path in plan.files]
    others = [item for item in plan.left_over if item.path not in plan.files]
    first = PAGE * min(max(page, 0), max(0, len(plan.pairs) - 1) // PAGE)
    shown = plan.pairs[first : first + PAGE]
    return (
        f'<section class="pb-plan" aria-label="{escape(messages.importing.PLAN_LABEL)}"><header>'
        f"<strong>{escape(messages.importing.plan_summary(len(plan.pairs), len(pictures)))}</strong>"
        f"<span>{escape(messages.importing.PLAN_WAITING)}</span><span></span>{_buttons(plan)}</header>"
        f"{_rules(plan)}"
        f'<ul class="pb-pairs pb-planned">{"".join(_pair(pair, plan, glance) for pair in shown)}</ul>'
        f"{pager(first, PAGE, len(plan.pairs))}{_left_over(pictures, plan, glance)}{_others(others)}{_CHOSEN}</section>"
    )


# Filled by `plan_view.js` once two pictures were clicked.
_CHOSEN = (
    '<p class="pb-chosen" hidden role="status"><span data-chosen></span>'
    f'<button type="button" class="pb-button pb-main" data-make-pair hidden>'
    f"{escape(messages.importing.MAKE_PAIR)}</button>"
    f'<button type="button" class="pb-button" data-unchoose>{escape(messages.importing.CANCEL_CHOICE)}</button></p>'
)


def _buttons(plan: ImportPlan) -> str:
    swap = button(messages.importing.SWAP_ALL, "swap-all", elem_id="plan-swap") if plan.pairs else ""
    discard = button(messages.importing.DISCARD, "discard", elem_id="plan-discard")
    if not plan.pairs:
        return discard
    words = messages.importing.ADD_PLANNED.format(pairs=messages.common.count(len(plan.pairs), "pair"))
    return f"{swap}{discard}{button(words, 'add', elem_id='plan-add', is_main=True)}"


def _rules(plan: ImportPlan) -> str:
    rules = "".join(
        f"<li{' class=pb-guess' if use.is_guess else ''}>"
        f"{escape(messages.importing.rule_used(use.rule, use.count, len(plan.pairs)))}</li>"
        for use in plan.rules()
    )
    guess = f'<p class="pb-guess" role="alert">{escape(messages.importing.PLAN_GUESS)}</p>' if plan.is_guess else ""
    help_ = (
        f'<p class="pb-plan-help">{escape(messages.importing.PLAN_HELP)}</p>'
        if plan.left_over or any(p.source.part == "whole" for p in plan.pairs)
        else ""
    )
    return f'{guess}<ul class="pb-rules">{rules}</ul>{help_}'


def _pair(pair: PlannedPair, plan: ImportPlan, glance: Glance) -> str:
    name = escape(pair.name)
    swap, apart = (
        button(words, action, label=label.format(name=pair.name), is_small=True)
        for words, action, label in (
            (messages.importing.SWAP_ONE, "swap", messages.pairs.SWAP_LABEL),
            (messages.importing.TAKE_APART, "apart", messages.importing.TAKE_APART_LABEL),
        )
    )
    return (
        f'<li class="pb-pair" data-item="{name}" data-planned="{name}"{" data-guess" if pair.is_guess else ""}>'
        f'<div class="pb-sides">{_side(pair.source, "before", plan, glance)}{ARROW}'
        f"{_side(pair.target, 'after', plan, glance)}</div>"
        f'<div class="pb-pair-foot"><span class="pb-pair-name" title="{name}">{name}</span>'
        f"{swap}{apart}</div></li>"
    )


def _side(picture: Picture, side: str, plan: ImportPlan, glance: Glance) -> str:
    image = glance.picture(plan.files[picture.path], messages.common.SIDE_ALT[side].format(name=picture.path))
    caption = f'<span class="pb-file" title="{escape(str(picture.path))}">{escape(picture.path.name)}</span>'
    if picture.part != "whole":
        half = f'<span class="pb-file">{escape(messages.importing.HALVES[picture.part])}</span>'
        return f'<span class="pb-half" data-part="{picture.part}">{image}{half}</span>'
    return _choice(picture.path, f"{image}{caption}")


def _choice(path: PurePosixPath, content: str) -> str:
    known = escape(str(path))
    return f'<button type="button" class="pb-choice" data-path="{known}" aria-pressed="false">{content}</button>'


def _left_over(pictures: Sequence[LeftOver], plan: ImportPlan, glance: Glance) -> str:
    by_reason: defaultdict[str, list[LeftOver]] = defaultdict(list)
    for item in pictures:
        by_reason[item.reason].append(item)
    groups, room = [], PAGE
    for reason, items in by_reason.items():
        cells = "".join(
            _choice(
                item.path,
                f"{glance.picture(plan.files[item.path], str(item.path))}"
                f'<span class="pb-file" title="{escape(str(item.path))}">{escape(item.path.name)}</span>',
            )
            for item in items[:room]
        )
        hidden = [str(item.path) for item in items[room:]]
        more = f'<p class="pb-plan-help">{escape(messages.importing.and_more(hidden))}</p>' if hidden else ""
        groups.append(f'<p class="pb-reason">{escape(reason)}</p><div class="pb-tray">{cells}</div>{more}')
        room = max(0, room - len(items))
    if not groups:
        return ""
    title = f"{messages.importing.LEFT_OVER}: {messages.common.count(len(pictures), 'picture')}"
    return f'<section class="pb-left-over" id="plan-left-over"><h3>{escape(title)}</h3>{"".join(groups)}</section>'


def _others(others: Sequence[LeftOver]) -> str:
    """Return the files that are no pictures: folded, unless one of them might be missed."""
    if not others:
        return ""
    items = "".join(
        f"<li><b>{escape(str(item.path))}</b> {escape(item.reason)}</li>"
        for item in sorted(others, key=lambda item: item.is_clutter)[:MAX_NAMED]
    )
    if (more := len(others) - MAX_NAMED) > 0:
        items += f"<li>{escape(messages.importing.MORE_PROBLEMS.format(count=more))}</li>"
    is_open = " open" if any(not item.is_clutter for item in others) else ""
    title = f"{messages.importing.NOT_PICTURES}: {messages.common.count(len(others), 'file')}"
    return f'<details class="pb-others"{is_open}><summary>{escape(title)}</summary><ul>{items}</ul></details>'
