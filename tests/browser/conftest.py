import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.browser.chromium import find_browser

ROOT = Path(__file__).parents[2]
START_SECONDS = 90


@pytest.fixture(scope="session")
def browser_type_launch_args():
    quiet = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    return {"executable_path": find_browser(), "args": ["--no-sandbox", *quiet]}


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("app") / "workspace"


@pytest.fixture(scope="session")
def app_url(workspace, tmp_path_factory):
    """The address of the real app, in a process of its own, on a workspace that nobody has used yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("log") / "app.log"
    command = [sys.executable, "app.py", "--no-browser", "--workspace", str(workspace), "--device", "cpu"]
    with log.open("w") as output:
        environment = {**os.environ, "GRADIO_SERVER_PORT": str(port)}
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(url, timeout=5).close()
            break
        except (URLError, TimeoutError):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.2)
    yield url
    server.terminate()
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def errors(page):
    """What the browser complains about; every test that opens a page expects nothing."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found
