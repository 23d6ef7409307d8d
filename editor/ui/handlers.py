"""Wraps handlers, which are plain functions, for the events of Gradio: errors become sentences in the page."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from markupsafe import escape

from editor.config import MAX_SEED
from editor.errors import UserError
from editor.ui import messages
from editor.workspace import Services, Visitors

VISITOR = "pairbrush.visitor"  # key in a request's scope: the secret of the visitor who sent it
MAX_PATH = 4096  # characters
logger = logging.getLogger(__name__)


def mistake(sentence: str, *, is_shown: bool = True) -> gr.Error:
    """Return the error that shows `sentence` in the page."""
    return gr.Error(
        str(escape(sentence)), title=messages.errors.ERROR_TITLE, duration=20, visible=is_shown, print_exception=False
    )


def seed_from(value: float | None) -> int:
    """Return the seed that a page asks for.

    Raises:
        gr.Error: It is none.
    """
    if isinstance(value, (int, float)) and 0 <= value <= MAX_SEED and value == int(value):
        return int(value)
    raise mistake(messages.common.BAD_SEED.format(limit=MAX_SEED))


def bound(handler: Callable[..., Any], services: Services | Visitors, *, is_shown: bool = True) -> Callable[..., Any]:
    """Return `handler` with its first argument given, and with every error as one sentence in the page.

    In public mode, the first argument is the services of the visitor who sent the event, and no handler sees another's.

    `functools.partial` would hide the type hints by which Gradio passes `gr.EventData`.

    Args:
        handler: Takes the services first.
        services: What it gets, or those who have them.
        is_shown: Whether the page shows errors; not for what happens every second.
    """
    is_public = isinstance(services, Visitors)

    @wraps(handler)
    def call(*args: Any) -> Any:
        try:
            if not is_public:
                return handler(services, *args)
            with _of_visitor(services, args[0], args[1:]) as own:
                return handler(own, *args[1:])
        except gr.Error:
            raise
        except UserError as error:
            raise mistake(str(error), is_shown=is_shown) from error
        except OSError as error:
            logger.error("%s failed: %s", handler.__name__, error)
            sentence = messages.errors.FILE_TROUBLE.format(reason=error.strerror or type(error).__name__)
            raise mistake(sentence, is_shown=is_shown) from error
        except Exception as error:  # an error in the code: the page says so, and the server goes on
            logger.exception("%s failed", handler.__name__)
            sentence = messages.errors.UNEXPECTED.format(name=type(error).__name__)
            raise mistake(sentence, is_shown=is_shown) from error

    signature = inspect.signature(handler)
    parameters = list(signature.parameters.values())[1:]
    if is_public:  # Gradio passes the request where the hint asks for it
        parameters.insert(0, inspect.Parameter("sender", inspect.Parameter.POSITIONAL_OR_KEYWORD))
        call.__annotations__ = {**call.__annotations__, "sender": gr.Request}
    call.__signature__ = signature.replace(parameters=parameters)
    return call


@contextmanager
def _of_visitor(visitors: Visitors, sender: gr.Request, values: Any) -> Iterator[Services]:
    """Lend the services of the one who sent an event.

    Raises:
        gr.Error: The browser keeps no cookies, or the event is that of a page or names a file of another visitor.
    """
    secret = sender.request.scope.get(VISITOR)
    if secret is None:
        raise mistake(messages.errors.NO_COOKIE)
    session = sender.session_hash
    is_own = session is None or visitors.pages.register(session, visitors.name_of(secret)) is not None
    if not is_own or not all(visitors.owns(secret, path) for path in _paths(values)):
        raise mistake(messages.errors.STALE_PAGE)
    with visitors.services_of(secret) as services:
        services.training.visited(_context(sender))
        yield services


def _context(sender: gr.Request) -> Context:
    """Return a context that knows of a request and of nothing else: the event of the request will have ended."""
    context = Context()
    context.run(LocalContext.request.set, sender)
    return context


def _paths(value: Any) -> Iterator[Path]:
    """Yield every text among the values of an event that may be a path, those in its `EventData` too."""
    if isinstance(value, gr.EventData):
        value = value._data
    if isinstance(value, str) and len(value) < MAX_PATH and ("/" in value or "\\" in value):
        yield Path(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _paths(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _paths(item)
