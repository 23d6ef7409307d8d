"""Checks what a browser sends before any handler sees it. What our own pages send always passes."""

from __future__ import annotations

import logging
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import gradio as gr

from editor.ui import messages
from editor.ui.handlers import mistake

# What a browser, or Gradio, may not know to be pictures without a list of types on the machine.
PICTURES = ["image", ".jfif", ".avif", ".heic", ".heif"]
MAX_DEPTH = 12
MAX_TEXT = 10_000  # characters
MAX_ITEMS = 10_000  # the files of a dropped folder are the longest list
MAX_NUMBER = 2**53  # what JSON holds exactly
DESCRIPTIONS = ("api_info", "api_info_as_input", "api_info_as_output", "example_inputs")  # of a control, for programs
DECIMAL = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?", re.IGNORECASE)


logger = logging.getLogger(__name__)


class CheckedBlocks(gr.Blocks):
    """Blocks that refuse values that no control can send, in one sentence, and whose pages and sessions stay small."""

    def get_config_file(self) -> dict[str, Any]:
        """Return what a page is made from, without what it has no use for.

        Gradio (6.31) describes every control for programs, which know only the events that they may call: a fifth of
        the page. An event that follows another one has the target None, for which a page that opens searches all its
        controls, and which it compares with every one of them: a fifth of the work of opening it.
        """
        config = super().get_config_file()
        public = [event for event in config["dependencies"] if event["api_visibility"] == "public"]
        described = {control for event in public for control in (*event["inputs"], *event["outputs"])}
        for control in config["components"]:
            if control["id"] not in described:
                for name in DESCRIPTIONS:
                    control.pop(name, None)
        for event in config["dependencies"]:
            event["targets"] = [(control, name) for control, name in event["targets"] if control is not None]
        return config

    async def preprocess_data(self, block_fn: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Turn the values of controls into what the handler takes.

        Raises:
            gr.Error: They do not fit the controls.
        """
        require_plain(inputs)
        require_one_choice(block_fn.inputs, inputs)
        with _in_words(block_fn):
            return await super().preprocess_data(block_fn, inputs, *args, **kwargs)

    async def call_function(self, block_fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Call the handler with the event's data. The errors of a handler are sentences already, see `bound`.

        Raises:
            gr.Error: That of the handler, or that the event does not belong to this page.
        """
        with _in_words(block_fn):
            return await super().call_function(block_fn, *args, **kwargs)

    async def postprocess_data(self, block_fn: Any, predictions: Any, state: Any) -> list[Any]:
        """Turn what a handler returns into what the page is sent.

        What is skipped is kept from Gradio (6.31), which would make a new control for it all the same: most of the cost
        of a tick.

        An update makes Gradio put a new control with an id of its own in the old one's place. The next plain value for
        it would then be kept under that id beside the old one: tens of kilobytes for every tick of a page. So the new
        control takes the old one's id.
        """
        outputs = block_fn.outputs
        values = [predictions] * len(outputs) if len(outputs) == 1 or _is_skipped(predictions) else predictions
        if not isinstance(values, (list, tuple)) or len(values) != len(outputs):  # nothing is sent, or it raises
            return await super().postprocess_data(block_fn, predictions, state)
        new = [(block, value) for block, value in zip(outputs, values) if not _is_skipped(value)]
        changed = copy(block_fn)
        changed.outputs = [block for block, _ in new]
        changes = [value for _, value in new]
        sent = iter(await super().postprocess_data(changed, changes[0] if len(changes) == 1 else changes, state))
        if state is not None:
            for block in changed.outputs:
                state.blocks_config.blocks.get(block._id, block)._id = block._id
        nothing = [None if block.stateful else gr.skip() for block in outputs]  # as Gradio says it
        return [no if _is_skipped(value) else next(sent) for no, value in zip(nothing, values)]


def _is_skipped(value: Any) -> bool:
    return isinstance(value, dict) and value == gr.skip()


def require_one_choice(controls: Iterable[Any], values: Iterable[Any]) -> None:
    """Make sure that a dropdown for one choice gets one: Gradio would pass a list of them on.

    Raises:
        gr.Error: It gets several.
    """
    for control, value in zip(controls, values):
        if isinstance(control, gr.Dropdown) and not control.multiselect and isinstance(value, (list, tuple, dict)):
            raise mistake(messages.errors.STALE_PAGE)


@contextmanager
def _in_words(block_fn: Any) -> Iterator[None]:
    """Replace errors of Gradio about odd values, which are for programmers, by ours, which are known by their title."""
    try:
        yield
    except Exception as error:
        if isinstance(error, gr.Error) and error.title == messages.errors.ERROR_TITLE:
            raise
        logger.warning("%s was called with something odd: %.500r", getattr(block_fn, "name", block_fn), error)
        raise mistake(messages.errors.STALE_PAGE) from error


def sent(data: Any, **kinds: type) -> list[Any]:
    """Return the named values of an event's data, each of the wanted type.

    Raises:
        gr.Error: One is missing, or is of another type.
    """
    require_plain(data)
    if not isinstance(data, dict) or not all(type(data.get(name)) is kind for name, kind in kinds.items()):
        raise mistake(messages.errors.STALE_PAGE)
    return [data[name] for name in kinds]


def number(typed: str | float | None) -> float | None:
    """Return the number that a person typed, with a point or a comma: NaN for what is none, None for nothing."""
    text = re.sub(r"\s", "", str(typed)) if typed is not None else ""
    if not text:
        return None
    return float(text.replace(",", ".")) if DECIMAL.fullmatch(text) else math.nan


def whole(text: str) -> int:
    """Return the number that a button sends as text.

    Raises:
        gr.Error: It is no whole number, or too long a one.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_NUMBER))):
        raise mistake(messages.errors.STALE_PAGE)
    return int(text)


def require_plain(value: Any, depth: int = 0) -> None:
    """Make sure that data from a browser is of a sane size and holds only text and numbers that can be stored.

    Raises:
        gr.Error: It does not.
    """
    if not _is_fine(value, depth):
        raise mistake(messages.errors.STALE_PAGE)
    if isinstance(value, dict):
        require_plain([*value, *value.values()], depth)
    elif isinstance(value, (list, tuple)):
        for item in value:
            require_plain(item, depth + 1)


def _is_fine(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and "\0" not in value and _can_be_stored(value)
    if isinstance(value, dict) and not _may_be_file(str(value.get("path"))):
        return False
    if isinstance(value, (list, tuple, dict)):
        return len(value) <= MAX_ITEMS and depth <= MAX_DEPTH
    return not isinstance(value, (int, float)) or abs(value) <= MAX_NUMBER  # which NaN is not


def _may_be_file(path: str) -> bool:
    """Return whether Gradio may open a path: it would download a URL, and does not recover from a folder."""
    return not path.lower().startswith(("http:", "https:")) and not os.path.isdir(path)  # noqa: PTH112 (never raises)


def _can_be_stored(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
