"""Half-open requests end, too many connections close the idle ones, and a slow start is waited for."""

import socket
import threading
from contextlib import nullcontext
from functools import partialmethod

import httpx
import pytest
import uvicorn
from gradio import http_server
from gradio.exceptions import ServerFailedToStartError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from editor.ui import server as server_module
from editor.ui.access import bypass_proxies
from editor.ui.server import PatientServer, file_limit, patient_server

LIMIT = 12  # connections


async def echo(request):
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def address(monkeypatch):
    """A small app behind the server of the app, with little patience."""
    monkeypatch.setattr(server_module, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(server_module, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(server_module, "file_limit", lambda: 3 * LIMIT)
    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    server = PatientServer(uvicorn.Config(app, port=0, log_level="error"))
    server.run_in_thread()
    yield server.servers[0].sockets[0].getsockname()
    server.close()


def ends(connection: socket.socket) -> bool:
    """Wait until the other side has closed a connection."""
    connection.settimeout(60)
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: loc",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT",  # after a whole one
    ],
    ids=["nothing", "half a header", "half a body", "half of the next"],
)
def test_what_never_becomes_a_request_is_closed(address, said):
    with socket.create_connection(address) as connection:
        connection.sendall(said)
        assert ends(connection)


def test_a_header_that_drips_does_not_begin_the_time_anew(address):
    with socket.create_connection(address) as connection:
        connection.settimeout(0.05)
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(2000):
            try:
                connection.sendall(b"x")
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                return
    pytest.fail("it was never closed")


def test_too_many_half_open_requests_silence_nobody(address, monkeypatch):
    monkeypatch.setattr(server_module, "HEADER_SECONDS", 600.0)
    held = [socket.create_connection(address) for _ in range(3 * LIMIT)]
    for connection in held:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    url = f"http://{address[0]}:{address[1]}/"
    for _ in range(3):
        assert httpx.post(url, content=b"hello", timeout=60, trust_env=False).text == "5"
    assert all(ends(connection) for connection in held[:LIMIT]), "the oldest had to go"
    for connection in held:
        connection.close()


def test_a_slow_start_is_waited_for_and_one_that_failed_is_not(monkeypatch):
    """Gradio gives up after 5 s."""

    goes_on = threading.Event()

    def begin(server, run):
        server.thread = threading.Thread(target=run, args=(server,))
        server.thread.start()
        goes_on.set()
        raise ServerFailedToStartError

    def start_late(server):
        goes_on.wait()
        server.started = True

    for run, has_started in ((start_late, True), (lambda server: None, False)):
        server = PatientServer(uvicorn.Config(Starlette(), port=0))
        monkeypatch.setattr(http_server.Server, "run_in_thread", partialmethod(begin, run))
        with nullcontext() if has_started else pytest.raises(ServerFailedToStartError):
            server.run_in_thread()
        assert server.started == has_started


def test_gradio_starts_this_server_only_where_it_is_asked_to():
    original = http_server.Server
    with patient_server():
        assert http_server.Server is PatientServer
    assert http_server.Server is original


def test_the_limit_of_files_is_only_ever_raised():
    before = file_limit()
    assert 0 < before == file_limit()


@pytest.mark.parametrize("has_public_link", [False, True])
def test_own_addresses_bypass_every_proxy(has_public_link):
    environment = {"ALL_PROXY": "socks5://proxy", "no_proxy": "intern"}
    bypass_proxies(environment, host="[::1]", has_public_link=has_public_link)
    assert environment["NO_PROXY"] and environment["ALL_PROXY"] == "socks5://proxy"
    if has_public_link:  # which alone speaks to others
        assert environment["no_proxy"] == "intern,localhost,127.0.0.1,::1,::1"
    else:
        assert environment["no_proxy"] == environment["NO_PROXY"] == "*"
