"""Middleware before Gradio: limits and origin of requests, visitors' cookies, and sentences instead of failures."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from editor.errors import UserError
from editor.ui import messages
from editor.ui.gradio_sessions import (
    SPEAKING,
    cookies,
    forget,
    is_waiting,
    log_out,
    named_page,
    needs_login,
    no_such_page,
    page_of,
    read_body,
    route,
)
from editor.ui.handlers import VISITOR
from editor.ui.theme import MAX_UPLOAD_BYTES
from editor.workspace import Visitors

MAX_BODY_BYTES = 4 * 2**20  # of any other request; the longest lists the names of thousands of dropped files
MAX_HEADER_BYTES = 64 * 2**10  # of a request; those of a browser, with its cookies, take some 2 KB
SPACE_CHECK_BYTES = 32 * 2**20  # of an upload, between two checks of the free space on the disk

# Routes of Gradio that this app does not use: fetching from other servers, recordings, its editor, its statistics.
# `token` would give the token of a login to any site that the browser visits, and `deep_link` would write the state of
# a page to a file that everybody who has the link can read.
UNUSED = (
    "file=http",
    "file/",
    "proxy=",
    "process_recording",
    "component_server",
    "stream/",
    "vibe",
    "undo-vibe",
    "dev/",
    "token",
    "deep_link",
    "custom_component/",
    "run-history",
    "call/",  # events for programs; they would read the messages of any page whose id they know
    "run/",
    "api/",
)
COOKIE = "{prefix}pairbrush"
COOKIE_SECONDS = 30 * 86_400  # longer than a workspace is kept, for a page may stay open and poll for days
STARTS = ("/", "/config")  # what a browser and what gradio_client ask for first; both get a cookie
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
# Small copies of pictures have another name when the picture changes. A page that opens asks for some fifty of them.
KEPT = "private, max-age=3600"
NOT_FRAMED = {"Content-Security-Policy": "frame-ancestors 'self'"}

logger = logging.getLogger(__name__)


class NotTheirs(Exception):
    """A request speaks for a page that is not the sender's."""


class Guard:
    """ASGI middleware. Refuses in a sentence, and answers in a sentence where Gradio would fail."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        require_space: Callable[[int], None] = lambda coming: None,
        may_be_framed: bool,
        visitors: Visitors | None = None,
    ) -> None:
        """Wrap `app`.

        Args:
            app: Gradio's.
            require_space: Given a number of bytes about to be written, raises UserError where there is no room.
            may_be_framed: Whether other sites may show the page inside theirs, as the Hub does with a Space.
            visitors: In public mode, those who each have a workspace of their own.
        """
        self._app = app
        self._require_space = require_space
        self._visitors, self._may_be_framed = visitors, may_be_framed
        self._turn = asyncio.Lock()
        self._headers = HEADERS if may_be_framed else {**HEADERS, **NOT_FRAMED}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = is_replaced = False
        cookie = self._recognize(scope) if self._visitors else None

        async def answer(message: Message) -> None:
            nonlocal has_begun, is_replaced
            if is_replaced:
                return
            if message["type"] == "http.response.start":
                has_begun = True
                if message["status"] == 503 and _is_event(scope):  # Gradio's own sentence is for programmers
                    is_replaced = True
                    await JSONResponse({"detail": messages.errors.QUEUE_FULL}, 503, self._headers)(scope, receive, send)
                    return
                MutableHeaders(scope=message).update(self._headers)
                if "file=" in scope["path"] and message["status"] in (200, 206):
                    _as_download(MutableHeaders(scope=message))
                    if "/thumbnails/" in scope["path"]:
                        MutableHeaders(scope=message)["cache-control"] = KEPT
                if cookie:
                    MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        try:
            if (response := await self._refusal(scope)) is None:
                await self._pass_on(scope, self._limited(scope, receive), answer)
                return
        except NotTheirs:
            response = PlainTextResponse(messages.errors.NOT_HERE, status_code=404)
        except Exception as error:  # Gradio raises almost any type over a body that no page of ours sends
            if has_begun:
                raise
            logger.warning("%s %.200r failed: %.500r", scope["method"], scope["path"], error)
            response = JSONResponse({"detail": messages.errors.STALE_PAGE}, status_code=400)
        await response(scope, receive, answer)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio answer."""
        if self._visitors and _is_upload(scope):
            await self._take_in(scope, receive, send)
            return
        if self._visitors and route(scope) in SPEAKING:
            body, receive = await read_body(receive)
            try:
                self._register_page(scope, page_of(body))
            except NotTheirs:
                if not _is_event(scope):  # of an event, the handler says it in the page, and only where it is asked for
                    raise
        await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            return PlainTextResponse(messages.errors.LONG_HEADERS, status_code=431)
        headers = Headers(scope=scope)
        if needs_login(scope):
            return PlainTextResponse(messages.errors.NOT_LOGGED_IN, status_code=401)
        inner = scope["path"].partition("/gradio_api/")[2].lower()
        if inner.startswith(UNUSED) or scope["path"].startswith("/monitoring"):
            return PlainTextResponse(messages.errors.NOT_HERE, status_code=404)
        if self._visitors and "file=" in scope["path"]:
            # As Gradio reads it: the path is what is left of the address, already without its quoting.
            path = Path(scope["path"].partition("file=")[2])
            if not all(self._visitors.owns(scope[VISITOR], way) for way in (path, Path(unquote(str(path))))):
                return PlainTextResponse(messages.errors.NOT_HERE, status_code=404)
        is_reading = scope["method"] in ("GET", "HEAD", "OPTIONS")
        # Gradio would let any site read with the cookies of the browser, but links and frames must work.
        is_link = is_reading and headers.get("sec-fetch-mode") == "navigate" and not _is_logout(scope)
        if not is_link and _is_from_another_site(headers):
            return PlainTextResponse(messages.errors.OTHER_SITE, status_code=403)
        if _is_logout(scope):
            if headers.get("sec-fetch-site") not in ("same-origin", "none"):  # a link may come from anywhere
                return PlainTextResponse(messages.errors.OTHER_SITE, status_code=403)
            log_out(scope)
        if self._visitors and (page := named_page(scope)):
            if route(scope).startswith("heartbeat/"):
                self._register_page(scope, page)
            elif self._visitors.pages.owner(page) not in (None, self._visitors.name_of(scope[VISITOR])):
                raise NotTheirs
        if route(scope) == "queue/data" and not is_waiting(scope["app"], named_page(scope)):
            return no_such_page()
        if is_reading:
            return None
        length = headers.get("content-length", "0")
        coming, limit = int(length) if length.isdecimal() else 0, _limit(scope)
        if coming > limit:
            return PlainTextResponse(messages.errors.TOO_LARGE.format(limit=limit // 2**20), status_code=413)
        if _is_upload(scope):
            if self._visitors and scope[VISITOR] is None:
                return PlainTextResponse(messages.errors.NO_COOKIE, status_code=403)
            try:
                await run_in_threadpool(self._require_space_for, scope, coming)
            except UserError as error:
                return PlainTextResponse(str(error), status_code=507)
        return None

    def _register_page(self, scope: Scope, page: str) -> None:
        """Note whose page it is that a request speaks for.

        Raises:
            NotTheirs: That of somebody else, or none.
        """
        forgotten = self._visitors.pages.register(page, self._visitors.name_of(scope[VISITOR])) if page else None
        if forgotten is None:
            raise NotTheirs
        forget(scope["app"], forgotten)

    def _require_space_for(self, scope: Scope, coming: int) -> None:
        if self._visitors:
            self._visitors.require_space(scope[VISITOR], coming)
        else:
            self._require_space(coming)

    def _recognize(self, scope: Scope) -> str | None:
        """Note in the scope which visitor sends a request; return the cookie to set, where a page or program begins."""
        headers = Headers(scope=scope)
        is_https = self._may_be_framed or "https" in (scope["scheme"], headers.get("x-forwarded-proto"))
        name = COOKIE.format(prefix="__Host-" if is_https else "")
        secret = scope[VISITOR] = _secret(cookies(scope).get(name, ""))
        if scope["path"] not in STARTS or scope["method"] != "GET":
            return None
        secret = scope[VISITOR] = secret or self._visitors.new_secret()
        # In the frame that the Hub puts around a Space, browsers keep a cookie only if it is for that frame alone.
        site = "SameSite=None; Partitioned" if self._may_be_framed else "SameSite=Lax"
        return f"{name}={secret}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; {site}{'; Secure' if is_https else ''}"

    async def _take_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Gradio store an upload in the cache that all share, then move it into the visitor's own folder."""
        answer: list[Message] = []
        has_turn = False

        async def keep(message: Message) -> None:
            answer.append(message)

        async with AsyncExitStack() as stack:

            async def in_turn() -> Message:
                nonlocal has_turn
                message = await receive()
                if message["type"] == "http.request" and not message.get("more_body", False) and not has_turn:
                    # Gradio stores equal files at one place, from which the first to be moved would be taken away from
                    # the others. So only one upload ends at a time.
                    await stack.enter_async_context(self._turn)
                    has_turn = True
                return message

            await self._app(scope, in_turn, keep)
            response: Response | None = None
            if answer[0]["status"] == 200:
                paths = json.loads(b"".join(message.get("body", b"") for message in answer))
                try:
                    moved = await run_in_threadpool(
                        self._visitors.move_uploads, scope[VISITOR], [Path(path) for path in paths]
                    )
                    response = JSONResponse([str(path) for path in moved])
                except UserError as error:
                    response = PlainTextResponse(str(error), status_code=507)
        if response is not None:
            await response(scope, receive, send)
            return
        for message in answer:
            await send(message)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """Return `receive` with a limit of its own: a request may state no length, or a wrong one."""
        limit, is_upload = _limit(scope), _is_upload(scope)
        received = checked = 0
        end = b""

        async def limited() -> Message:
            nonlocal received, checked, end
            message = await receive()
            body, has_more = message.get("body", b""), message.get("more_body", False)
            received += len(body)
            end = (end + body)[-16:]
            # After this exception, and no other, Gradio removes the part of an upload that it has written.
            if received > limit:
                raise MultiPartException(messages.errors.TOO_LARGE.format(limit=limit // 2**20))
            if is_upload and not has_more and not end.rstrip().endswith(b"--"):  # the last boundary does
                raise MultiPartException(messages.errors.BROKEN_OFF)
            if is_upload and received - checked > SPACE_CHECK_BYTES:
                checked = received
                try:
                    await run_in_threadpool(self._require_space_for, scope, 0)
                except UserError as error:
                    raise MultiPartException(str(error)) from error
            return message

        return limited


def _is_upload(scope: Scope) -> bool:
    return scope["path"].rstrip("/").endswith("/gradio_api/upload")


def _is_event(scope: Scope) -> bool:
    return scope["path"].rstrip("/").endswith("/gradio_api/queue/join")


def _limit(scope: Scope) -> int:
    return MAX_UPLOAD_BYTES if _is_upload(scope) else MAX_BODY_BYTES


def _is_logout(scope: Scope) -> bool:
    return scope["path"].rstrip("/") == "/logout"


def _as_download(headers: MutableHeaders) -> None:
    """Let a browser show nothing but pictures: Gradio would show texts and films too."""
    if not headers.get("content-type", "").startswith("image/"):
        headers["content-type"] = "application/octet-stream"
        _, semicolon, name = headers.get("content-disposition", "").partition(";")
        headers["content-disposition"] = f"attachment{semicolon}{name}"


def _is_from_another_site(headers: Headers) -> bool:
    """Say whether a page of another site makes the browser send this. Other programs than browsers name no origin."""
    if site := headers.get("sec-fetch-site"):
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _secret(text: str) -> str | None:
    return text if Visitors.is_secret(text) else None
