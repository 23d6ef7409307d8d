"""All effects of a workspace with the space they take, and the trash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from editor.ui import messages
from editor.ui.components.html import from_template
from editor.ui.selection import ORPHANS, place_of
from editor.workspace import Damaged, Effect, RunSummary, Storage, TrashEntry


def effects_table(
    effects: Sequence[Effect],
    counts: Mapping[str, int],
    runs: Sequence[RunSummary],
    storage: Storage,
    trash: Sequence[TrashEntry],
    damaged: Sequence[Damaged],
) -> Markup:
    """Return the panel; `assets/actions.js` brings its buttons to life.

    Args:
        effects: All of them.
        counts: How many pairs each has, by slug.
        runs: All of them; each takes space for its effect.
        storage: What everything takes.
        trash: What can be restored.
        damaged: What is there and cannot be shown.
    """
    sizes: dict[str, list[int]] = {}  # of the runs, by where they are found
    for run in runs:
        sizes.setdefault(place_of(run), []).append(storage.runs.get(run.id, 0))
    rows = [
        {
            "slug": effect.slug,
            "name": effect.name,
            "facts": "; ".join(filter(None, (_pairs(counts, storage, effect.slug), _runs(sizes.get(effect.slug))))),
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
        orphans=_runs(sizes.get(ORPHANS)),
        total=messages.effects.storage_total(storage.total, storage.free),
        damaged=damaged,
        trash=deleted,
        trash_size=messages.common.readable_bytes(sum(entry.bytes for entry in trash)),
    )


def _pairs(counts: Mapping[str, int], storage: Storage, slug: str) -> str:
    size = messages.common.readable_bytes(storage.effects.get(slug, 0))
    return f"{messages.common.count(counts.get(slug, 0), 'pair')}, {size}"


def _runs(sizes: Sequence[int] | None) -> str:
    """Return how many runs of an effect there are and what they take, of the bytes of each; nothing without any."""
    if not sizes:
        return ""
    size = messages.common.readable_bytes(sum(sizes))
    return messages.effects.RUNS_TAKE.format(runs=messages.common.count(len(sizes), "run"), size=size)


def _trashed_name(entry: TrashEntry) -> str:
    if entry.kind != "pairs":
        return messages.effects.TRASHED_AS.format(name=entry.name, kind=messages.effects.TRASH_KINDS[entry.kind])
    return messages.effects.trashed_pairs(entry.pairs, entry.name)
