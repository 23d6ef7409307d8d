"""The list of runs. `assets/run_cards.js` updates its rows in place, so that a name that is being typed stays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import gradio as gr

from editor.ui import messages
from editor.ui.components.chart import compact
from editor.ui.components.html import address, from_template, script
from editor.workspace import RunCard


def run_cards() -> gr.HTML:
    """Return the place for `run_cards_data`. Its events are "act" and "compare"."""
    return gr.HTML(
        html_template=from_template("run_cards"),
        js_on_load=script("bus", "run_cards", words=messages.runs.RUN_WORDS),
        apply_default_css=False,
        elem_id="train-runs",
    )


def run_cards_data(cards: Sequence[RunCard], shown: str | None, problems: Sequence[str]) -> str:
    """Return the list: the same text while nothing changes, also between two previews of a run that is learning.

    Args:
        cards: The runs.
        shown: The id of the one that the page shows.
        problems: Why others cannot be shown.
    """
    return compact({"runs": [_row(card) for card in cards], "shown": shown, "problems": list(problems)})


@lru_cache(maxsize=1024)
def _row(card: RunCard) -> dict[str, object]:
    run = card.run
    # Time and size of a run that is learning change every second; the status above shows them.
    facts = [] if card.is_live else [messages.common.clock(card.seconds), messages.common.readable_bytes(card.bytes)]
    settings = messages.common.learned_from(run.preset, run.image_size, run.fit)
    effect = "" if run.effect == run.name else f"{run.effect}, "  # a run is named after its effect at first
    scores = card.best_psnr, card.last_psnr, card.unedited_psnr
    return {
        "id": run.id,
        "name": run.name,
        "about": f"{effect}{settings}, {run.created.astimezone():%d %b %H:%M}",
        "state": card.state,
        "state_label": messages.runs.STATES[card.state],
        "live": card.is_live,
        "score": messages.runs.run_score(*scores, is_held_out=card.is_held_out),
        "plain": messages.runs.run_closeness(*scores, is_held_out=card.is_held_out),
        "facts": facts,
        "picture": address(card.thumbnail) if card.thumbnail else "",
    }
