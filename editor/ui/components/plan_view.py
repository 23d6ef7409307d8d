"""How dropped files were understood, before anything of it is stored, with all that can be corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from markupsafe import Markup

from editor.pairs.importing.plan import ImportPlan, LeftOver, Picture, PlannedPair
from editor.ui import messages
from editor.ui.components.html import from_template
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.components.pair_cards import pager

PAGE = 24  # pairs, or pictures left over, shown at once
MAX_NAMED = 200  # files that are no pictures, named in full


class Side(NamedTuple):
    """One picture of a planned pair; `half` says which part of its file it is, if it is not all of it."""

    path: PurePosixPath
    image: Markup
    part: str
    half: str


class Group(NamedTuple):
    """Pictures that are left over for the same reason; `more` names those that are not shown."""

    reason: str
    pictures: list[tuple[PurePosixPath, Markup]]
    more: str


def plan_view(plan: ImportPlan, revision: int, page: int, thumbnails: PageThumbnails) -> Markup:
    """Return the plan; `assets/actions.js` and `assets/plan_view.js` bring it to life.

    Args:
        plan: What would be stored.
        revision: Of the plan: the page asks again when an older one arrives after a newer one.
        page: Which part of a long list to show.
        thumbnails: Makes the pictures.
    """
    pictures = [item for item in plan.left_over if item.path in plan.files]
    others = [item for item in plan.left_over if item.path not in plan.files]
    total = len(plan.pairs)
    first = PAGE * min(max(page, 0), max(0, total - 1) // PAGE)
    return from_template(
        "plan_view",
        summary=messages.importing.plan_summary(total, len(pictures)),
        total=total,
        revision=revision,
        add=messages.importing.ADD_PLANNED.format(pairs=messages.common.count(total, "pair")),
        is_guess=plan.is_guess,
        rules=[
            {"is_guess": use.is_guess, "text": messages.importing.rule_used(use.rule, use.count, total)}
            for use in plan.rules()
        ],
        can_undo=bool(plan.earlier),
        can_choose=bool(plan.left_over) or any(pair.source.part == "whole" for pair in plan.pairs),
        pairs=[_pair(pair, plan, thumbnails) for pair in plan.pairs[first : first + PAGE]],
        pager=pager(first, PAGE, total),
        left_over=f"{messages.importing.LEFT_OVER}: {messages.common.count(len(pictures), 'picture')}",
        groups=_groups(pictures, plan, thumbnails),
        others=_others(others) if others else None,
    )


def _pair(pair: PlannedPair, plan: ImportPlan, thumbnails: PageThumbnails) -> dict[str, Any]:
    return {
        "name": pair.name,
        "is_guess": pair.is_guess,
        "before": _side(pair.source, "before", plan, thumbnails),
        "after": _side(pair.target, "after", plan, thumbnails),
    }


def _side(picture: Picture, side: str, plan: ImportPlan, thumbnails: PageThumbnails) -> Side:
    image = thumbnails.picture(plan.files[picture.path], messages.common.SIDE_ALT[side].format(name=picture.path))
    half = messages.importing.CROPPED if picture.box else messages.importing.HALVES.get(picture.part, "")
    return Side(picture.path, image, picture.part, half)


def _groups(pictures: Sequence[LeftOver], plan: ImportPlan, thumbnails: PageThumbnails) -> list[Group]:
    by_reason: defaultdict[str, list[LeftOver]] = defaultdict(list)
    for item in pictures:
        by_reason[item.reason].append(item)
    groups, room = [], PAGE
    for reason, items in by_reason.items():
        shown = [(item.path, thumbnails.picture(plan.files[item.path], str(item.path))) for item in items[:room]]
        hidden = [str(item.path) for item in items[room:]]
        groups.append(Group(reason, shown, messages.importing.and_more(hidden) if hidden else ""))
        room = max(0, room - len(items))
    return groups


def _others(others: Sequence[LeftOver]) -> dict[str, Any]:
    """Return the files that are no pictures: folded, unless one of them might be missed."""
    more = len(others) - MAX_NAMED
    return {
        "title": f"{messages.importing.NOT_PICTURES}: {messages.common.count(len(others), 'file')}",
        "is_open": any(not item.is_clutter for item in others),
        "named": sorted(others, key=lambda item: item.is_clutter)[:MAX_NAMED],
        "more": messages.importing.MORE_PROBLEMS.format(count=more) if more > 0 else "",
    }
