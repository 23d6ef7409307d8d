import json
import shutil

import pytest
from playwright.sync_api import expect

from editor.training.run_folder import is_locked
from editor.workspace import Workspace
from editor.workspace.names import slugify
from tests.browser.app_at_rest import PROGRAM
from tests.browser.chromium import find_browser
from tests.browser.pages import PATIENCE, choose_effect, open_app, open_tab
from tests.conftest import fill_with_toy_pairs
from tests.faults.server import Page, serving
from tests.waiting import wait_until

STOP_SECONDS = 120
EMPTY = "about:blank"
FAILED = pytest.StashKey[bool]()

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


class SharedPage:
    """The one page of the tests of a module, see `shared_page`."""

    def __init__(self, context):
        self.context, self.page = context, None

    def open(self):
        self.page = self.page or self.context.new_page()
        return self.page

    def close(self):
        if self.page:
            close([self.page])
        self.page = None


@pytest.fixture(scope="module")
def shared(one_context, kept_page):
    shared = SharedPage(one_context)
    yield shared
    shared.close()


@pytest.fixture
def shared_page(request, shared, context):
    """A page as the test before has left it, for opening the app is most of what a small test costs.

    A module whose tests share one has a fixture `page` that returns this. After a test that failed, it is a new one.
    """
    yield shared.open()
    if FAILED in request.node.stash:
        shared.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def context(one_context, kept_page, shared):
    """The browser as a test should find it: without pages of other tests, and nothing that one has stored is left."""
    yield one_context
    close([page for page in one_context.pages if page not in (kept_page, shared.page)])


def close(pages):
    """Close pages, and delete what they have stored."""
    if pages:
        *others, page = pages
        origins = {each.evaluate("origin") for each in pages}
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
def server_url(workspace):
    """The address of the real app on a workspace that nobody has used yet."""
    with serving(workspace, program=PROGRAM) as server:
        yield server.url


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
    runs = [*(workspace / "runs").iterdir()]
    if any(map(is_locked, runs)):
        Page(url).call("stop_training", [None])
    wait_until(lambda: not any(map(is_locked, runs)), seconds=STOP_SECONDS)


@pytest.fixture
def errors(page):
    """What the browser complains about; every test that opens a page expects nothing."""
    found = []

    def note_exception(error):
        found.append(str(error))

    def note_message(message):
        if message.type == "error":
            found.append(message.text)

    page.on("pageerror", note_exception)
    page.on("console", note_message)
    yield found
    page.remove_listener("pageerror", note_exception)
    page.remove_listener("console", note_message)


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
