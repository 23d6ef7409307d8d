"""What the Share tab offers, and in whose name it speaks to the Hub."""

import gradio as gr
import pytest

from editor.errors import UserError
from editor.sharing import jobs
from editor.ui import live, login, messages
from editor.ui.components.effect_drop import fetch_effect
from editor.ui.state import Seen
from editor.ui.tabs.inspect.handlers import Asked, inspect
from editor.ui.tabs.share import cards, rent_card
from editor.ui.tabs.share.hub_card import HubCard, push
from editor.workspace import ShareFacts
from editor.workspace.rented import Rented
from tests.conftest import TINY
from tests.services import give_effect
from tests.standins.jobs import StandInJobs

FACTS = ShareFacts(5_000_000, None)


def bring(name):
    return gr.OAuthToken(token=f"hf_secret_of_{name}", scope="contribute-repos", expires_at=2**33)


def test_the_card_pushes_for_whoever_brings_a_login(services, trained, hub):
    with pytest.raises(UserError, match="button in step 5"):  # not as "me", who runs the app
        push(services, trained, "hat", "private", "", [], [], None)
    said = push(services, trained, "hat", "public", "cc0-1.0", [], [], bring("you"))
    assert "/you/hat" in said and messages.share.HUB_DONE_PUBLIC in said and "hf_secret" not in said
    assert not hub.repos["you/hat"].is_private
    update, run = fetch_effect(services, "you/hat", None)
    assert services.training.status(run).state == "shared"
    assert update["value"] == services.training.open(run).effect_slug
    assert "without the pairs" in inspect(services, *Asked(run), None)[3], "Inspect says what pair i is"
    assert not inspect(services, *Asked(trained), None)[3]


def test_a_color_table_is_for_looks_that_are_the_same_for_all_photos():
    card = next(card for card in cards.FILES if card.suffix == ".cube")
    look, faded, auto, other = (
        ShareFacts(5_000_000, 0.92),
        ShareFacts(5_000_000, 0.92, has_gains=True),
        ShareFacts(5_000_000, 0.92, has_levels=True),
        FACTS,
    )
    assert [card.is_possible(facts) for facts in (look, faded, auto, other)] == [True, True, False, False]
    said = card.render(None, auto)
    grainy = ShareFacts(5_000_000, 0.92, has_grain=True)
    assert "92% of what the effect does; grain is not in it" in card.render(None, grainy)
    assert messages.share.FILES[".cube"].impossible in said and messages.share.FILES[
        ".cube"
    ].impossible not in card.render(None, look)


def test_runs_that_cannot_be_shared_are_not_listed(services, trained):
    effect = services.workspace.effects()[0].slug
    give_effect(services, trained, effect)
    with services.workspace.using_pairs(effect) as store:
        new = services.training.create(store, config=TINY, effect="Toy", effect_slug=effect, name="New")
    *_, others, shared = live.refresh(services, effect, None, new.id, Seen())
    assert {id for _, id in others["choices"]} == {new.id, trained} and others["value"] == new.id
    assert [id for _, id in shared["choices"]] == [trained] and shared["value"] is None


def test_cards_say_which_packages_they_need(services, monkeypatch):
    cards.can_write_graphs.cache_clear()
    assert all("pip install" not in card.render(services, FACTS) for card in cards.FILES)
    cards.can_write_graphs.cache_clear()
    monkeypatch.setattr(cards, "find_spec", lambda name: None)
    said = {card.suffix: card.render(services, FACTS) for card in cards.FILES}
    cards.can_write_graphs.cache_clear()
    assert [suffix for suffix, text in said.items() if "pip install onnx" in text] == [".html", ".zip"]
    assert not any("<button" in said[suffix] for suffix in (".html", ".zip"))


def test_the_card_says_what_to_do_where_nobody_is_logged_in(services, monkeypatch):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    assert messages.share.HUB_NOT_HERE in HubCard().render(services, FACTS)
    services.sharing.is_personal = True
    assert "hf auth login" in HubCard().render(services, FACTS)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_secret")
    card = HubCard().render(services, FACTS)
    assert messages.share.HUB.reveals in card and "About 5.0 MB" in card and "hf_secret" not in card


def test_machines_are_shown_with_their_prices_before_start(services, trained, tmp_path, monkeypatch):
    cloud = StandInJobs(tmp_path)
    services.rented = Rented(services.workspace, services.training, is_offered=True, hub=cloud.hub)
    assert "pb-rentable" in rent_card.render(services, None)
    machine, start = rent_card.ask_prices(services, "20")
    assert start["visible"] and [name for _, name in machine["choices"]] == ["cpu-basic", "t4-small"]
    assert machine["choices"][1][0].startswith("t4-small: $0.0067 a minute, at most $0.20")
    for what, chosen, sentence in (("draft", None, "Choose a machine"), ("<b>", "t4-small", "Reload the page")):
        with pytest.raises(gr.Error, match=sentence):
            rent_card.begin(services, "toy", trained, what, "20", chosen, False)
    asked: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(services.rented, "start", lambda *_, is_kept: asked.append(is_kept) or trained)
        for keep in (True, False, "yes", None):
            rent_card.begin(services, "toy", None, next(iter(services.presets)), "20", "t4-small", keep)
    assert asked == [True, False, False, False], "a copy stays at the Hub only where somebody has said so"
    about = {"id": "job0", "owner": "me", "flavor": "t4-small", "started": "2026-01-01T00:00:00+00:00"}
    job = jobs.Job(**about, folder="pairbrush-x", lines_before=0, dollars=0.01, minutes=30)
    jobs.JOB.write(services.training.open(trained).path / jobs.JOB_NAME, job.model_dump(mode="json"))
    card = rent_card.render(services, services.training.status(trained))
    assert "About $0.30 until now and at most $0.30" in card and "data-confirm" in card and "pb-rentable" not in card


def page_with_button():
    with gr.Blocks() as page:
        login.login_button()
    return page


def test_the_login_is_offered_on_a_space_that_has_it_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(login, "find_spec", lambda name: object())
    monkeypatch.setattr("gradio.routes.attach_oauth", lambda app: None)  # which needs the packages
    assert not login.can_log_in()
    monkeypatch.setenv("SPACE_ID", "me/pairbrush")
    monkeypatch.setenv("SYSTEM", "spaces")
    assert not login.can_log_in(), "hf_oauth is missing"
    for name in login.NEEDED:
        monkeypatch.setenv(name, "x")
    assert login.can_log_in()
    assert page_with_button().expects_oauth
    monkeypatch.delenv("SYSTEM")  # a copy of the variables on a laptop
    assert not login.can_log_in()
    assert not page_with_button().expects_oauth
