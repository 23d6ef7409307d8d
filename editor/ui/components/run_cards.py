"""The list of runs. Python sends what it says, `assets/run_cards.js` keeps it in place while somebody types in it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import gradio as gr

from editor.ui import messages
from editor.ui.components.chart import compact
from editor.ui.components.html import address, script
from editor.workspace import RunCard


def run_cards() -> gr.HTML:
    """Return the place for `run_cards_data`. Its events are "act" and "compare"."""
    return gr.HTML(
        html_template=_LIST,
        js_on_load=script("bus", "run_cards", words=messages.runs.RUN_WORDS),
        apply_default_css=False,
        elem_id="train-runs",
    )


def run_cards_data(cards: Sequence[RunCard], shown: str | None, problems: Sequence[str]) -> str:
    """Return the list: the same text while nothing changes, also while a run is learning between two previews.

    Args:
        cards: The runs.
        shown: The id of the one that the page shows.
        problems: Why others cannot be shown.
    """
    return compact({"runs": [_row(card) for card in cards], "shown": shown, "problems": list(problems)})


def _row(card: RunCard) -> dict[str, object]:
    run = card.run
    # Time and size of a run that is learning change every second; the card above tells them.
    facts = [] if card.is_live else [messages.common.clock(card.seconds), messages.common.readable_bytes(card.bytes)]
    settings = messages.common.learned_from(run.preset, run.image_size, run.fit)
    effect = "" if run.effect == run.name else f"{run.effect}, "  # a run is called as its effect, if nobody says else
    return {
        "id": run.id,
        "name": run.name,
        "about": f"{effect}{settings}, {run.created.astimezone():%d %b %H:%M}",
        "state": card.state,
        "told": messages.runs.STATES[card.state],
        "live": card.is_live,
        "score": messages.runs.run_score(
            card.best_psnr, card.last_psnr, card.unedited_psnr, is_held_out=card.is_held_out
        ),
        "facts": facts,
        "picture": address(card.thumbnail) if card.thumbnail else "",
    }


def _button(action: str) -> str:
    label, hint = messages.runs.RUN_ACTIONS[action]
    return f'<button type="button" data-action="{action}" title="{escape(hint)}">{escape(label)}</button>'


_LIST = f"""
<div class="pb-note pb-bad" role="status" hidden><ul></ul></div>
<ul class="pb-runs" aria-label="{escape(messages.runs.RUNS)}"></ul>
<p class="pb-help" data-empty>{escape(messages.runs.NO_RUNS)}</p>
<template><li class="pb-run">
  <button type="button" class="pb-run-open" data-action="show"><img alt="" loading="lazy" decoding="async"></button>
  <div class="pb-run-what"><p><strong></strong>
    <input maxlength="60" aria-label="{escape(messages.runs.NEW_NAME)}" hidden>
    <span class="pb-pill"></span></p><p data-about></p><p data-score></p></div>
  <div class="pb-run-do"><label><input type="checkbox">{escape(messages.runs.RUN_COMPARE)}</label>
    {_button("continue")}{_button("rename")}{_button("copy")}{_button("delete")}</div>
</li></template>
"""
