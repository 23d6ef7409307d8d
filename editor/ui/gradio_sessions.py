"""What Gradio keeps of pages and of logins, and which page a request speaks for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from gradio.server_messages import UnexpectedErrorMessage
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope

API = "/gradio_api/"
# What a browser asks for before anybody has logged in. All other routes under `API` need the login, those that Gradio
# leaves open too: by them, whoever reaches the app could cancel events and count its starts.
BEFORE_LOGIN = frozenset({"login_check", "user", "theme.css"})
SPEAKING = frozenset({"queue/join", "cancel", "reset"})  # whose body names a page


def route(scope: Scope) -> str:
    """Return the route of Gradio's API that a request asks for; an empty text for any other path."""
    return scope["path"].partition(API)[2].strip("/")


def cookies(scope: Scope) -> dict[str, str]:
    """Return the cookies of a request; none where they cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(Headers(scope=scope).get("cookie", "")).items()}
    except CookieError:
        return {}


def tokens(scope: Scope) -> list[str]:
    """Return the tokens of logins that a request brings."""
    brought, id = cookies(scope), scope["app"].cookie_id
    return [brought[name] for name in (f"access-token-{id}", f"access-token-unsecure-{id}") if name in brought]


def needs_login(scope: Scope) -> bool:
    """Whether a request is refused because nobody has logged in with it."""
    app = scope["app"]
    if getattr(app, "auth", None) is None or not route(scope) or route(scope) in BEFORE_LOGIN:
        return False
    if route(scope) == "startup-events" and not app.startup_events_triggered:  # Gradio's own, as it starts
        return False
    return not any(app.tokens.get(token) for token in tokens(scope))


def log_out(scope: Scope) -> None:
    """Let Gradio's `/logout` log out the browser that asks, and not everybody who knows the password."""
    for token in tokens(scope):
        scope["app"].tokens.pop(token, None)
    scope["query_string"] = b"all_session=false"


def named_page(scope: Scope) -> str:
    """Return the id of the page that the address of a request names, or an empty text."""
    place, _, page = route(scope).partition("/")
    if place == "heartbeat":
        return page
    return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[-1]


def page_of(body: bytes) -> str:
    """Return the id of the page that the body of a request names, or an empty text."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    page = values.get("session_hash") if isinstance(values, dict) else None
    return page if isinstance(page, str) else ""


async def read_body(receive: Receive) -> tuple[bytes, Receive]:
    """Read the body of a request. Return it, and a `receive` that replays it for the application behind."""
    parts, has_more = [], True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":  # the client has disconnected
            return b"", _again(message, receive)
        parts.append(message.get("body", b""))
        has_more = message.get("more_body", False)
    body = b"".join(parts)
    return body, _again({"type": "http.request", "body": body, "more_body": False}, receive)


def _again(first: Message, then: Receive) -> Receive:
    messages = [first]

    async def receive() -> Message:
        return messages.pop() if messages else await then()

    return receive


def is_waiting(app: Any, page: str) -> bool:
    """Say whether Gradio has messages for a page, or will have."""
    return page in app.get_blocks()._queue.pending_messages_per_session


def no_such_page() -> Response:
    """Return what Gradio answers a page that it does not know, without the error that it raises then."""
    message = UnexpectedErrorMessage(message="404: Not Found", session_not_found=True)
    text = json.dumps(message.model_dump(), default=str)
    return Response(f"data: {text}\n\n", media_type="text/event-stream")


def forget(app: Any, pages: Iterable[str]) -> None:
    """Drop what Gradio keeps of pages."""
    for page in pages:
        with app.state_holder.lock:
            app.state_holder.session_data.pop(page, None)
            app.state_holder.time_last_used.pop(page, None)
        queue = app.get_blocks()._queue
        if not queue.pending_event_ids_session.get(page):
            queue.pending_messages_per_session.pop(page, None)
            queue.pending_event_ids_session.pop(page, None)
