"""The card of the Hugging Face Hub: an effect goes there in the name of the one who asks, and of nobody else."""

from __future__ import annotations

import gradio as gr
from markupsafe import Markup

from editor.training.effect_file import MAX_PAIRS
from editor.training.effect_repo import MAX_SAMPLES
from editor.ui import messages
from editor.ui.components.html import from_template
from editor.ui.login import can_log_in, login_button, token_of
from editor.ui.tabs.share.cards import Place, about_card, chosen, connect, words_of
from editor.ui.tabs.share.choices import license_choice, pair_choice
from editor.workspace import HubChoices, Services, ShareFacts

KEY = "hub"
MAX_NAME = 200  # characters


class HubCard:
    """The card of the Hub."""

    def build(self, place: Place) -> gr.HTML:
        """Lay out the card and connect it."""
        words = messages.share
        with gr.Column(min_width=200):
            about = words_of(KEY)
            done = gr.HTML(elem_id="hub-done")
            login_button()
            with gr.Accordion(words.HUB_CHOICES, open=False, elem_id="hub-choices"):
                name = gr.Textbox(
                    label=words.HUB_NAME, info=words.HUB_NAME_HELP, max_length=MAX_NAME, elem_id="hub-name"
                )
                seen_by = gr.Radio(
                    [(label, key) for key, label in words.SEEN_BY.items()],
                    value="private",
                    label=words.HUB_SEEN,
                    elem_id="hub-seen",
                )
                license = license_choice("hub-license")
                samples = pair_choice(
                    place, words.HUB_SAMPLES, words.HUB_SAMPLES_HELP, most=MAX_SAMPLES, elem_id="hub-samples"
                )
                pairs = pair_choice(place, words.PAIRS, words.PAIRS_HELP, most=MAX_PAIRS, elem_id="hub-pairs")
        connect(place, about, KEY, words.PUSHING, push, [name, seen_by, license, samples, pairs], done)
        place.run.change(None, None, done, js="() => ''", api_visibility="private", show_progress="hidden")
        return about

    def render(self, services: Services, facts: ShareFacts) -> str:
        """Return what the card says of a run, or why it cannot go to the Hub from here."""
        obstacle = ""
        if services.sharing.is_personal and not services.sharing.hub().knows_who:
            obstacle = messages.share.HUB_NO_LOGIN
        elif not services.sharing.is_personal and not can_log_in():
            obstacle = messages.share.HUB_NOT_HERE
        return about_card(messages.share.HUB, facts.weight_bytes, obstacle=obstacle)


def push(
    services: Services,
    run: str | None,
    name: str | None,
    seen_by: str | None,
    license: str | None,
    samples: list[str] | None,
    pairs: list[str] | None,
    login: gr.OAuthToken | None,
) -> Markup:
    """Upload the run as an effect and return where it is."""
    choices = HubChoices(
        tuple(pairs or ()), (license or "").strip(), samples=tuple(samples or ()), is_private=seen_by != "public"
    )
    pushed = services.sharing.push(chosen(run), name or "", choices, token=token_of(login))
    return from_template("hub_done", pushed=pushed, is_private=choices.is_private)
