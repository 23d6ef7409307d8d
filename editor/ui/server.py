"""Gradio's web server with timeouts for half-open requests, a limit of connections, and more time to start."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import h11
from gradio import http_server
from gradio.exceptions import ServerFailedToStartError
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None

HEADER_SECONDS = 20.0  # for the headers of a request, from its first byte or from the beginning of the connection
BODY_SECONDS = 60.0  # for the next byte of a body that was announced
POLL_SECONDS = 0.02
MAX_FILES = 65_536  # that this process wants to have open at once
PATCHING = threading.Lock()


class PatientProtocol(H11Protocol):
    """HTTP/1.1 where half-open requests end.

    Every connection takes a file. One on which no request arrives in time is closed, and of too many connections the
    one that has been without a request for longest.
    """

    def __init__(self, *args: Any, max_connections: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self._max_connections = max_connections
        self._idle_since = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait(HEADER_SECONDS)
        if len(self.connections) > self._max_connections:
            others = (other for other in self.connections if other is not self and not other.transport.is_closing())
            idle = [other for other in others if other.is_idle]
            min(idle, key=lambda other: other._idle_since, default=self).hang_up()

    def data_received(self, data: bytes) -> None:
        """Take what arrives."""
        super().data_received(data)
        if not self.is_idle and self.conn.their_state is h11.SEND_BODY:
            self._wait(BODY_SECONDS)
        elif not self.is_idle:
            self._stop_waiting()
        elif self._timer is None:  # a header that arrives byte by byte does not begin the time anew
            self._wait(HEADER_SECONDS)

    def on_response_complete(self) -> None:
        """Be idle. For how long without a byte, uvicorn limits."""
        self._stop_waiting()
        self._idle_since = time.monotonic()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether there is no request of which all headers have arrived and that is not answered yet."""
        return self.cycle is None or self.cycle.response_complete

    def hang_up(self) -> None:
        """Close the connection."""
        self._stop_waiting()
        self.transport.abort()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self._expire)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        if self.flow.read_paused:  # it is we who are slow
            self._wait(BODY_SECONDS)
        else:
            self.hang_up()


class PatientServer(http_server.Server):
    """Gradio's server with that protocol, which starts however busy the machine is."""

    def __init__(self, config: Config, *args: Any, **options: Any) -> None:
        """Take the place of Gradio's `Server`."""
        most = file_limit() // 3  # the rest is for pictures, models and threads
        config.http = partial(PatientProtocol, max_connections=most)
        config.backlog = min(config.backlog, max(most // 4, 1))  # so many are accepted before the first is counted
        super().__init__(config, *args, **options)

    def run_in_thread(self) -> None:
        """Return once it answers.

        Raises:
            ServerFailedToStartError: It ended, for instance because the port is taken.
        """
        try:
            super().run_in_thread()
        except ServerFailedToStartError:  # after 5 s
            while not self.started:
                if not self.thread.is_alive():
                    raise
                time.sleep(POLL_SECONDS)


def file_limit() -> int:
    """Raise the number of files that this process may have open to what the system allows, and return it."""
    if resource is None:
        return MAX_FILES
    soft, hard = (MAX_FILES if limit == resource.RLIM_INFINITY else limit for limit in _limits())
    wanted = max(soft, min(hard, MAX_FILES))
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, _limits()[1]))
    except (OSError, ValueError):  # some systems have one more limit
        return soft
    return wanted


def _limits() -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_NOFILE)


@contextmanager
def patient_server() -> Iterator[None]:
    """Let Gradio's `launch` start a `PatientServer` within the block: it has no argument for that."""
    with PATCHING:
        original, http_server.Server = http_server.Server, PatientServer
        try:
            yield
        finally:
            http_server.Server = original
