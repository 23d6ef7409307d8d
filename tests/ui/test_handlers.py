import inspect
from typing import get_type_hints

import gradio as gr
import pytest

from editor.errors import UserError
from editor.ui.handlers import bound
from editor.workspace import Services


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
