"""All effects of a workspace with the space they take, and the trash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template
from editor.workspace import Damaged, Effect, Storage, TrashEntry


def effects_table(
    effects: Sequence[Effect],
    counts: Mapping[str, int],
    storage: Storage,
    trash: Sequence[TrashEntry],
    damaged: Sequence[Damaged],
) -> Markup:
    """Return the panel; `assets/actions.js` brings its buttons to life.

    Args:
        effects: All of them.
        counts: How many pairs each has, by slug.
        storage: What everything takes.
        trash: What can be restored.
        damaged: What is there and cannot be shown.
    """
    rows = [
        {
            "slug": effect.slug,
            "name": effect.name,
            "facts": _facts(counts.get(effect.slug, 0), storage.effects.get(effect.slug, 0)),
        }
        for effect in effects
    ]
    deleted = [
        {
            "id": entry.id,
            "name": _trashed_name(entry),
            "facts": f"{entry.deleted.astimezone():%d %b %H:%M}, {messages.common.readable_bytes(entry.bytes)}",
        }
        for entry in trash
    ]
    return from_template(
        "effects_table",
        rows=rows,
        total=messages.effects.storage_total(storage.total, storage.free),
        damaged=damaged,
        trash=deleted,
        trash_size=messages.common.readable_bytes(sum(entry.bytes for entry in trash)),
    )


def _facts(count: int, size: int) -> str:
    return f"{messages.common.count(count, 'pair')}, {messages.common.readable_bytes(size)}"


def _trashed_name(entry: TrashEntry) -> str:
    if entry.kind != "pairs":
        return messages.effects.TRASHED_AS.format(name=entry.name, kind=messages.effects.TRASH_KINDS[entry.kind])
    return messages.effects.trashed_pairs(entry.pairs, entry.name)
