"""The route by which a browser gets all edits as one zip file, which is written while it is sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from editor.ui import messages
from editor.ui.handlers import VISITOR
from editor.workspace import Archive, Downloads, Services, Visitors, packed

PLACE = "gradio_api/edits"  # below Gradio's, so that it needs the same login
MAX_AT_ONCE = 2  # archives of one visitor that are being sent


def archive_address(key: str) -> str:
    """Return where a browser finds an archive that was asked for. Relative, see `html.address`."""
    return f"{PLACE}/{key}"


class ArchiveSender:
    """ASGI application that sends archives. Safe to be asked by many at once."""

    def __init__(self, services: Services | Visitors) -> None:
        """Send what was asked of `services`; in public mode, to the visitor who asked for it and to no other."""
        self._services = services
        self._sending: Counter[str] = Counter()
        self._turn = asyncio.Lock()  # of all archives one photo is edited at a time, for whom waits longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        secret, key = scope.get(VISITOR), scope["path_params"]["key"]
        name = Visitors.name_of(secret)
        wanted = await run_in_threadpool(self._wanted, secret, key)
        if wanted is None:
            await PlainTextResponse(messages.errors.NOT_HERE, status_code=404)(scope, receive, send)
        elif self._sending[name] >= MAX_AT_ONCE:
            await PlainTextResponse(messages.errors.QUEUE_FULL, status_code=429)(scope, receive, send)
        else:
            headers = {"content-disposition": f'attachment; filename="{wanted.name}"', "cache-control": "no-store"}
            parts = self._parts(wanted, secret)
            self._sending[name] += 1
            try:
                await StreamingResponse(parts, media_type="application/zip", headers=headers)(scope, receive, send)
            finally:
                self._sending[name] -= 1

    async def _parts(self, wanted: Archive, secret: str | None) -> AsyncIterator[bytes]:
        parts = packed(wanted, partial(self._downloads, secret))
        while True:
            async with self._turn:
                part = await run_in_threadpool(next, parts, b"")
            if not part:
                return
            yield part

    def _wanted(self, secret: str | None, key: str) -> Archive | None:
        if isinstance(self._services, Services):
            return self._services.archives.get(key)
        if secret is None:
            return None
        with self._services.services_of(secret) as services:
            return services.archives.get(key)

    @contextmanager
    def _downloads(self, secret: str | None) -> Iterator[Downloads]:
        """Lend what edits. A visitor's is lent for a photo, for a browser may take hours to accept the next piece."""
        if isinstance(self._services, Services):
            yield self._services.downloads
            return
        with self._services.services_of(secret) as services:
            yield services.downloads


def archive_route(services: Services | Visitors) -> Route:
    """Return the route, for the application that Gradio makes."""
    return Route(f"/{PLACE}/{{key}}", ArchiveSender(services))
