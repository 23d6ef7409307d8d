"""From a handler, which is a plain function, to what a Gradio event calls."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from html import escape
from typing import Any

import gradio as gr

from editor.errors import UserError
from editor.ui import messages
from editor.workspace import Services

logger = logging.getLogger(__name__)


def mistake(sentence: str) -> gr.Error:
    """Return the error that shows `sentence` in the page."""
    return gr.Error(escape(sentence), title=messages.ERROR_TITLE, duration=20, print_exception=False)


def bound(handler: Callable[..., Any], services: Services) -> Callable[..., Any]:
    """Return `handler` with its first argument given, and with every error as one sentence in the page.

    `functools.partial` would hide the type hints by which Gradio passes `gr.EventData`.
    """

    @wraps(handler)
    def call(*args: Any) -> Any:
        try:
            return handler(services, *args)
        except gr.Error:
            raise
        except UserError as error:
            raise mistake(str(error)) from error
        except Exception as error:  # whatever it is, the page says so and the server goes on
            logger.exception("%s failed", handler.__name__)
            raise mistake(messages.UNEXPECTED.format(name=type(error).__name__)) from error

    signature = inspect.signature(handler)
    call.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
    return call
