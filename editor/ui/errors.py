"""Mistakes of a person become one sentence in the page; the server stays up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from html import escape
from typing import ParamSpec, TypeVar

import gradio as gr

from editor.errors import UserError
from editor.ui import messages

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


def explained(handler: Callable[P, R]) -> Callable[P, R]:
    """Wrap an event handler so that a page says what is wrong, and never shows a bare exception."""

    @wraps(handler)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except gr.Error:
            raise
        except UserError as error:
            raise gr.Error(escape(str(error)), title=messages.ERROR_TITLE, duration=20, print_exception=False) from error
        except Exception as error:
            logger.exception("%s failed", handler.__name__)
            sentence = messages.UNEXPECTED.format(name=type(error).__name__)
            raise gr.Error(escape(sentence), title=messages.ERROR_TITLE, duration=20, print_exception=False) from error

    return wrapper
