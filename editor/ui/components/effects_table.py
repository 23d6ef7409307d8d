"""All effects of a workspace with the space they take, and the trash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from editor.ui import messages
from editor.ui.components.html import button, note
from editor.workspace import Effect, Storage, TrashEntry


def effects_table(
    effects: Sequence[Effect],
    counts: Mapping[str, int],
    storage: Storage,
    trash: Sequence[TrashEntry],
    problems: Sequence[str],
) -> str:
    """Return the panel as HTML; `assets/actions.js` brings its buttons to life.

    Args:
        effects: All of them.
        counts: How many pairs each has, by slug.
        storage: What everything takes.
        trash: What can be restored.
        problems: What is there and cannot be shown.
    """
    rows = "".join(
        _effect(effect, counts.get(effect.slug, 0), storage.effects.get(effect.slug, 0)) for effect in effects
    )
    return (
        f'<div class="pb-manage"><section><h3>{escape(messages.effects.EFFECTS_TITLE)}</h3>'
        f'<ul class="pb-rows">{rows}</ul>'
        f'<p class="pb-plan-help">{escape(messages.effects.storage_total(storage.total, storage.free))}</p>'
        f"{note(list(problems), kind='bad')}</section>{_trash(trash)}</div>"
    )


def _effect(effect: Effect, count: int, size: int) -> str:
    name = escape(effect.name)
    facts = f"{messages.common.count(count, 'pair')}, {messages.common.readable_bytes(size)}"
    buttons = "".join(
        button(words, action, label=label.format(name=effect.name), is_small=True)
        for action, (words, label) in messages.effects.EFFECT_ACTIONS.items()
    )
    return (
        f'<li data-item="{escape(effect.slug)}"><button type="button" class="pb-row-name" data-action="open" '
        f'aria-label="{escape(messages.effects.OPEN_EFFECT.format(name=effect.name))}" data-label="{name}">'
        f"{name}</button><span>{escape(facts)}</span>{buttons}</li>"
    )


def _trash(trash: Sequence[TrashEntry]) -> str:
    head = f"<h3>{escape(messages.effects.TRASH_TITLE)}</h3>"
    if not trash:
        return f'<section id="trash">{head}<p class="pb-plan-help">{escape(messages.effects.TRASH_EMPTY)}</p></section>'
    rows = "".join(
        f'<li data-item="{escape(entry.id)}"><span class="pb-row-name">{escape(_called(entry))}</span>'
        f"<span>{entry.deleted.astimezone():%d %b %H:%M}, {escape(messages.common.readable_bytes(entry.bytes))}</span>"
        f"{_restore(entry)}</li>"
        for entry in trash
    )
    size = messages.common.readable_bytes(sum(entry.bytes for entry in trash))
    sure = escape(messages.effects.EMPTY_SURE.format(size=size))
    empty = (
        f'<button type="button" class="pb-button" id="trash-empty" data-action="empty" data-confirm="{sure}">'
        f"{escape(messages.effects.EMPTY_TRASH)}</button>"
    )
    return (
        f'<section id="trash">{head}<ul class="pb-rows">{rows}</ul>'
        f'<p class="pb-plan-help">{escape(messages.effects.TRASH_HELP)}</p>{empty}</section>'
    )


def _restore(entry: TrashEntry) -> str:
    label = messages.effects.RESTORE_LABEL.format(name=_called(entry))
    return button(messages.effects.RESTORE, "restore", label=label, is_small=True)


def _called(entry: TrashEntry) -> str:
    if entry.kind != "pairs":
        return messages.effects.TRASHED_AS.format(name=entry.name, kind=messages.effects.TRASH_KINDS[entry.kind])
    return messages.effects.trashed_pairs(entry.pairs, entry.name)
