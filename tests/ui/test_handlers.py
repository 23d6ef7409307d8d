import inspect
from types import SimpleNamespace
from typing import get_type_hints

import gradio as gr
import pytest
from gradio.context import LocalContext

from editor.errors import UserError
from editor.ui.handlers import VISITOR, bound
from editor.workspace import Services
from tests.services import open_visitors


def test_a_users_mistake_becomes_its_sentence(services):
    def fail(services: Services, name: str) -> None:
        raise UserError(f"There is no <{name}>. Choose another.")

    with pytest.raises(gr.Error) as error:
        bound(fail, services)("b")
    assert error.value.message == "There is no &lt;b&gt;. Choose another."


def test_a_bug_becomes_a_sentence_and_a_line_in_the_log(services, caplog):
    def fail(services: Services) -> None:
        raise KeyError("secret detail")

    with pytest.raises(gr.Error) as error:
        bound(fail, services)()
    assert "What is stored is safe" in error.value.message
    assert "secret detail" not in error.value.message
    assert "secret detail" in caplog.text


def test_gradio_still_sees_what_the_handler_asks_for(services):
    def act(services: Services, effect: str, event: gr.EventData) -> None: ...

    handler = bound(act, services)
    assert list(inspect.signature(handler).parameters) == ["effect", "event"]
    assert get_type_hints(handler)["event"] is gr.EventData


def test_what_happens_every_second_shows_no_error(services):
    def fail(services: Services) -> None:
        raise UserError("again and again")

    with pytest.raises(gr.Error) as error:
        bound(fail, services, is_shown=False)()
    assert not error.value.visible


class Sender:
    """What Gradio passes for a `gr.Request`, from the visitor with that secret."""

    def __init__(self, secret, session=None):
        self.request = SimpleNamespace(scope={VISITOR: secret})
        self.session_hash = session


def test_in_public_mode_each_visitor_gets_their_own(tmp_path):
    def names(services: Services, prefix: str) -> list[str]:
        return [prefix + effect.name for effect in services.workspace.effects()]

    with open_visitors(tmp_path / "public") as visitors:
        handler = bound(names, visitors)
        assert get_type_hints(handler)["sender"] is gr.Request
        assert list(inspect.signature(handler).parameters) == ["sender", "prefix"]
        ada, eve = visitors.new_secret(), visitors.new_secret()
        with visitors.services_of(ada) as services:
            services.workspace.create_effect("Private")
            secret_file = services.workspace.new_cache_folder("edits")
        assert set(handler(Sender(ada), "")) == {"Toy", "Private"}
        assert handler(Sender(eve), "") == ["Toy"]
        with pytest.raises(gr.Error) as error:
            handler(Sender(None), "")
        assert "cookies" in error.value.message
        handler(Sender(ada), str(secret_file))
        with pytest.raises(gr.Error):
            handler(Sender(eve), str(secret_file))
        handler(Sender(ada, "her page"), "")
        with pytest.raises(gr.Error):
            handler(Sender(eve, "her page"), "")


def test_an_event_cannot_bring_along_the_file_of_another(tmp_path):
    def act(services: Services, event: gr.EventData) -> str:
        return "done"

    with open_visitors(tmp_path / "public") as visitors:
        ada, eve = visitors.new_secret(), visitors.new_secret()
        with visitors.services_of(ada) as services:
            path = str(services.workspace.new_cache_folder("edits"))
        event = gr.EventData(None, {"files": [{"path": path, "name": "a.png"}]})
        assert bound(act, visitors)(Sender(ada), event) == "done"
        with pytest.raises(gr.Error):
            bound(act, visitors)(Sender(eve), event)


def test_gpus_are_borrowed_in_the_name_of_the_visitor_whose_page_asked_last(tmp_path, monkeypatch):
    with open_visitors(tmp_path) as visitors:
        ada, bob = Sender(visitors.new_secret()), Sender(visitors.new_secret())
        borrower = bound(lambda services: services.training._runner.borrower, visitors)
        assert borrower(ada)._known is None, "where no GPU is lent, nothing of a request is kept"
        monkeypatch.setattr("editor.workspace.training.is_zero_gpu", lambda: True)
        for sender in (ada, bob, ada):
            assert borrower(sender).context()[LocalContext.request] is sender
