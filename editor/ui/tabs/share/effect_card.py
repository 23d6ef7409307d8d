"""The card of the effect file: what goes along is up to the person."""

from __future__ import annotations

import gradio as gr

from editor.training.effect_file import MAX_PAIRS, SUFFIX
from editor.ui import messages
from editor.ui.tabs.share.cards import Place, card_words, chosen, downloads, file_of, words_of
from editor.ui.tabs.share.choices import license_choice, pair_choice
from editor.workspace import Choices, Services, ShareFacts


class EffectCard:
    """The card of the effect file."""

    def build(self, place: Place) -> gr.HTML:
        """Lay out the card and connect it."""
        words = messages.share
        with gr.Column(min_width=200):
            about = words_of(SUFFIX[1:])
            with gr.Accordion(words.GOES_ALONG, open=False, elem_id="share-along"):
                pairs = pair_choice(place, words.PAIRS, words.PAIRS_HELP, most=MAX_PAIRS, elem_id="share-pairs")
                license = license_choice("share-license")
        downloads(place, about, SUFFIX, make, [pairs, license])
        return about

    def render(self, services: Services, facts: ShareFacts) -> str:
        """Return what the card says of a run."""
        return card_words(SUFFIX, facts, facts.weight_bytes)


def make(services: Services, run: str | None, pairs: list[str] | None, license: str | None) -> dict[str, str]:
    """Make the file and hand it to the browser."""
    path = services.sharing.make(chosen(run), SUFFIX, Choices(tuple(pairs or ()), (license or "").strip()))
    return file_of(path)
