import json
import os
import shutil
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from editor.training.run_folder import is_locked
from editor.workspace import Workspace
from editor.workspace.names import slugify
from tests.browser.chromium import find_browser
from tests.browser.pages import PATIENCE, choose_effect, open_app, open_tab
from tests.conftest import fill_with_toy_pairs
from tests.faults.server import START_SECONDS, Page, free_port
from tests.processes import ROOT

STOP_SECONDS = 120
EMPTY = "about:blank"

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    quiet = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    return {"executable_path": find_browser(), "args": ["--no-sandbox", *quiet]}


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return tmp_path_factory.mktemp("app") / "workspace"


@pytest.fixture(scope="session")
def one_context(browser, browser_context_args):
    """For all tests: its cache keeps the scripts of the page and what they compile to, half of what a page costs."""
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def kept_page(one_context):
    """An empty page that stays open, and with it the process in which pages of the app run."""
    return one_context.new_page()


@pytest.fixture
def context(one_context, kept_page):
    """The browser as a test should find it: no other page is open, and nothing that one has stored is left."""
    yield one_context
    if opened := [page for page in one_context.pages if page != kept_page]:
        *others, page = opened
        origins = {each.evaluate("origin") for each in opened}
        for other in others:
            other.close()
        forget(page, origins - {"null"})
        page.close()


def forget(page, origins):
    """Leave a page empty, and delete what pages of these origins have stored."""
    page.goto(EMPTY)  # nothing is stored again after this
    session = page.context.new_cdp_session(page)
    for origin in origins:
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
    session.detach()


@pytest.fixture(scope="session")
def server_url(workspace, tmp_path_factory):
    """The address of the real app, started as a person does it, on a workspace that nobody has used yet."""
    port = free_port()
    log = tmp_path_factory.mktemp("log") / "app.log"
    command = [sys.executable, "app.py", "--no-browser", "--workspace", str(workspace), "--device", "cpu"]
    with log.open("w") as output:
        # Two threads that wait for one another are many times slower than one beside a busy browser.
        environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "OMP_NUM_THREADS": "1"}
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(url, timeout=5).close()
            break
        except OSError:  # it is not there yet, or only half
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


@pytest.fixture(scope="session")
def compiled(kept_page, server_url):
    """Scripts of the app, compiled in the process that stays: a third of what opening a page costs."""
    open_app(kept_page, server_url)
    forget(kept_page, {server_url})


@pytest.fixture
def app_url(server_url, compiled, workspace):
    """The address, for one test. Photos of the one before are gone: its page may have saved them until it closed."""
    (workspace / "desk.json").unlink(missing_ok=True)
    yield server_url
    stop_training(server_url, workspace)


def stop_training(url, workspace):
    """End what a test that failed midway has left: only one run can be trained at a time, and other tests want to."""
    runs, end = [*(workspace / "runs").iterdir()], time.monotonic() + STOP_SECONDS
    if any(map(is_locked, runs)):
        Page(url).call("stop_training", [None])
    while any(map(is_locked, runs)):
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def errors(page):
    """What the browser complains about; every test that opens a page expects nothing."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


@pytest.fixture
def add_run(app_url, workspace, trained_run):
    """A way to add copies of the trained run, which are gone again after the test, and so are all runs of that time."""
    runs = workspace / "runs"
    before = set(runs.iterdir())

    def add(name, effect, change=lambda path: None):
        beside = workspace / "run.tmp"
        shutil.copytree(trained_run.path, beside)
        about = json.loads((beside / "run.json").read_text())
        (beside / "run.json").write_text(json.dumps({**about, "name": name, "effect_slug": effect}))
        change(beside)
        beside.rename(runs / slugify(name))

    yield add
    stop_training(app_url, workspace)
    for path in set(runs.iterdir()) - before:
        shutil.rmtree(path)


@pytest.fixture
def run(workspace, add_run):
    """A trained run and its effect, whose slug it is."""
    effect = Workspace(workspace).create_effect("Edit tests", fill=lambda store: fill_with_toy_pairs(store, 16))
    add_run("Edit tests", effect.slug)
    yield effect.slug
    shutil.rmtree(workspace / "effects" / effect.slug)


@pytest.fixture
def tab(page, app_url, run):
    """The Edit tab with that run."""
    open_app(page, app_url)
    choose_effect(page, "Edit tests")
    open_tab(page, "4 Edit")
    expect(page.get_by_role("button", name="Try it on 0008")).to_be_visible()  # no longer those of the run before
    return page
