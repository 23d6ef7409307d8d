"""What the page waits for, in words: an event says what it does when it begins, and takes that back when it is over."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from editor.ui.components.html import from_template, script


def waiting_line() -> gr.HTML:
    """Return the place at the bottom of the window where the words appear."""
    return gr.HTML(from_template("waits"), js_on_load=script("waiting"), elem_id="waiting", elem_classes="pb-waiting")


def wait_begins(key: str, words: str, num_inputs: int) -> str:
    """Return the JavaScript of an event that says what is waited for, and passes the values of its inputs on.

    Args:
        key: Which wait this is: a later one of the same key takes its place.
        words: What is waited for.
        num_inputs: How many inputs the event has.
    """
    return f"(...given) => {{ {_wait_event(key, words)} return given.slice(0, {num_inputs}); }}"


def wait_ends(key: str, begun: Any) -> None:
    """Say that the wait of that key is over once an event has ended, well or not: `then` would miss failures."""
    for outcome in (begun.success, begun.failure):
        outcome(None, None, None, js=f"() => {{ {_wait_event(key, '')} }}", api_visibility="private")


def _wait_event(key: str, words: str) -> str:
    return (
        f"document.dispatchEvent(new CustomEvent('pb-wait', {{ detail: {json.dumps({'key': key, 'words': words})} }}));"
    )
