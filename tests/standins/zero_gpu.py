"""A stand-in for the API of ZeroGPU, to which the package `spaces` speaks over HTTP, on a machine without a GPU."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

LENT = {"idle": False, "nvidiaIndex": 0, "nvidiaUUID": "GPU-0", "allowToken": "allowed"}
USED_UP = {"left": 0, "wait": 3600}


class ZeroGpu(ThreadingHTTPServer):
    """Lends a GPU some times and then refuses, as where the quota of a visitor is used up.

    Attributes:
        tokens: What each visitor who was lent a GPU, or refused one, sent to say who they are; None where they did not.
        given_back: How many GPUs were.
    """

    def __init__(self, most: int) -> None:
        """Listen on a free port; `most` is how often a GPU is lent."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.most = most
        self.tokens: list[str | None] = []
        self.given_back = 0


class _Handler(BaseHTTPRequestHandler):
    server: ZeroGpu

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        status, answer = 200, {}
        if url.path == "/schedule":
            self.server.tokens.append(parse_qs(url.query).get("token", [None])[0])
            status, answer = (200, LENT) if len(self.server.tokens) <= self.server.most else (429, USED_UP)
        self.server.given_back += url.path == "/release"
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def zero_gpu(most: int) -> Iterator[ZeroGpu]:
    """Serve as a context."""
    with ZeroGpu(most) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def without_gpu() -> None:
    """Let the processes of `spaces` begin where there is no GPU to find, and compute on the CPU."""
    import torch
    from spaces.zero import torch as part

    from editor.training import slices

    part.init = part.move = lambda *_, **__: None
    part.size = lambda: 0
    slices.pick_device = lambda: torch.device("cpu")
