"""Starts that cannot be: one line, and an exit status that says so. And starts that are hindered."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from tests.faults.server import START_SECONDS, free_port
from tests.processes import ROOT, start
from tests.waiting import wait_until


def test_starts_that_cannot_be_end_with_one_line(server, tmp_path):
    starts = {
        "open in another Pairbrush": ("--workspace", server.workspace),
        "the port is taken": ("--workspace", tmp_path / "new", "--port", urlsplit(server.url).port),
    }
    for words, flags in starts.items():
        log = tmp_path / "app.log"
        process = start("app.py", "--no-browser", *flags, output=log)
        process.join(300)
        process.kill()
        process.join()
        told = log.read_text()
        assert process.exitcode == 1, told
        assert words in told
        assert len(told.strip().splitlines()) == 1, told


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the files of a process")
def test_proxies_and_few_files_stop_no_start_and_half_open_requests_silence_nobody(tmp_path, elsewhere):
    """Started as a person does, for HTTP clients are made while Gradio is imported."""
    proxy = elsewhere.rpartition("/")[0]
    socks = proxy.replace("http", "socks5")
    proxies = {"HTTP_PROXY": proxy, "http_proxy": proxy, "HTTPS_PROXY": proxy, "ALL_PROXY": socks, "all_proxy": socks}
    environment = {**os.environ, **proxies, "OMP_NUM_THREADS": "1", "NO_PROXY": "", "no_proxy": ""}
    port, log = free_port(), tmp_path / "app.log"
    flags = ["--no-browser", "--device", "cpu", "--port", str(port), "--workspace", str(tmp_path / "workspace")]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["bash", "-c", 'ulimit -n 64; exec "$0" "$@"', sys.executable, "app.py", *flags],
            **{"cwd": ROOT, "env": environment, "stdout": output, "stderr": output},
        ) as process,
    ):
        try:
            is_over = lambda: "ready at" in log.read_text() or process.poll() is not None  # noqa: E731
            wait_until(is_over, log.read_text, START_SECONDS)
            assert process.poll() is None, log.read_text()
            with ExitStack() as stack:
                for number in range(90):
                    held = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                    held.sendall(b"GET / HTTP/1.1\r\nHost: loc" if number % 2 else b"")
                for _ in range(3):
                    url = f"http://127.0.0.1:{port}/config"
                    assert httpx.get(url, timeout=60, trust_env=False).status_code == 200
        finally:
            process.terminate()
    assert "Traceback" not in log.read_text(), log.read_text()
