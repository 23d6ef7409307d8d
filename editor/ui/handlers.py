"""From a handler, which is a plain function, to what a Gradio event calls."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from html import escape
from typing import Any

import gradio as gr

from editor.config import MAX_SEED
from editor.errors import UserError
from editor.ui import messages
from editor.workspace import Services

logger = logging.getLogger(__name__)


def mistake(sentence: str, *, is_shown: bool = True) -> gr.Error:
    """Return the error that shows `sentence` in the page."""
    return gr.Error(escape(sentence), title=messages.ERROR_TITLE, duration=20, visible=is_shown, print_exception=False)


def seed_from(value: float | None) -> int:
    """Return the seed that a page asks for.

    Raises:
        gr.Error: It is none.
    """
    if isinstance(value, (int, float)) and 0 <= value <= MAX_SEED and value == int(value):
        return int(value)
    raise mistake(messages.BAD_SEED.format(limit=MAX_SEED))


def bound(handler: Callable[..., Any], services: Services, *, is_shown: bool = True) -> Callable[..., Any]:
    """Return `handler` with its first argument given, and with every error as one sentence in the page.

    `functools.partial` would hide the type hints by which Gradio passes `gr.EventData`.

    Args:
        handler: Takes the services first.
        services: What it gets.
        is_shown: Whether the page shows errors; not for what happens every second.
    """

    @wraps(handler)
    def call(*args: Any) -> Any:
        try:
            return handler(services, *args)
        except gr.Error:
            raise
        except UserError as error:
            raise mistake(str(error), is_shown=is_shown) from error
        except OSError as error:
            logger.error("%s failed: %s", handler.__name__, error)
            sentence = messages.FILE_TROUBLE.format(reason=error.strerror or type(error).__name__)
            raise mistake(sentence, is_shown=is_shown) from error
        except Exception as error:  # whatever it is, the page says so and the server goes on
            logger.exception("%s failed", handler.__name__)
            sentence = messages.UNEXPECTED.format(name=type(error).__name__)
            raise mistake(sentence, is_shown=is_shown) from error

    signature = inspect.signature(handler)
    call.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])
    return call
