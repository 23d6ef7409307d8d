"""The card of the effect file: what goes along is up to the person."""

from __future__ import annotations

from typing import Any

import gradio as gr

from editor.training.effect_file import MAX_PAIRS, SUFFIX
from editor.ui import messages
from editor.ui.handlers import bound
from editor.ui.tabs.share.cards import Place, card_words, chosen, downloads, file_of, words_of
from editor.workspace import Services, ShareFacts


class EffectCard:
    """The card of the effect file."""

    def build(self, place: Place) -> gr.HTML:
        """Lay out the card and connect it."""
        with gr.Column(min_width=200):
            about = words_of(SUFFIX)
            with gr.Accordion(messages.share.GOES_ALONG, open=False, elem_id="share-along"):
                pairs = gr.Dropdown(
                    [],
                    multiselect=True,
                    max_choices=MAX_PAIRS,
                    label=messages.share.PAIRS,
                    info=messages.share.PAIRS_HELP,
                    elem_id="share-pairs",
                )
                license = gr.Dropdown(
                    [(words, name) for name, words in messages.share.LICENSES.items()],
                    value="",
                    allow_custom_value=True,
                    label=messages.share.LICENSE,
                    info=messages.share.LICENSE_HELP,
                    elem_id="share-license",
                )
        pairs.focus(
            bound(_names, place.services),
            place.run,
            pairs,
            trigger_mode="once",
            api_visibility="private",
            show_progress="hidden",
        )
        downloads(place, about, SUFFIX, make, [pairs, license])
        place.run.change(lambda: gr.update(value=[]), None, pairs, api_visibility="private", show_progress="hidden")
        return about

    def render(self, facts: ShareFacts) -> str:
        """Return what the card says of a run."""
        return card_words(SUFFIX, facts, facts.weight_bytes)


def make(services: Services, run: str | None, pairs: list[str] | None, license: str | None) -> dict[str, str]:
    """Make the file and hand it to the browser."""
    path = services.sharing.make(chosen(run), SUFFIX, pairs=tuple(pairs or ()), license=(license or "").strip())
    return file_of(path)


def _names(services: Services, run: str | None) -> Any:
    """Return the pairs of a run to choose from."""
    return gr.update(choices=[pair.name for pair in services.training.pairs(run)] if run else [])
