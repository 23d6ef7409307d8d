"""Two visitors of a public app, each with a browser of their own."""

import pytest
from playwright.sync_api import expect

from editor.workspace import Workspace
from tests.browser.app_at_rest import PROGRAM
from tests.browser.pages import create_effect, draw_pairs, drop, expect_pairs, expect_state, open_app, open_tab
from tests.conftest import fill_with_toy_pairs
from tests.faults.server import serving


@pytest.fixture(scope="module")
def public_url(tmp_path_factory):
    root = tmp_path_factory.mktemp("public") / "root"
    template = Workspace(root / "template")
    with template.open():
        template.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, 3))
    with serving(root, "--public", program=PROGRAM) as server:
        yield server.url


@pytest.fixture
def visitors(browser):
    contexts = [browser.new_context() for _ in range(2)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def start(page):
    open_tab(page, "2 Train")
    page.fill("#train-minutes input", "9")
    page.click("#train-start")


def test_two_visitors_share_the_machine_and_nothing_else(visitors, public_url, tmp_path):
    ada, eve = visitors
    sources, targets = draw_pairs(tmp_path, ["ant", "bee"])
    for page in visitors:
        open_app(page, public_url)
        expect(page.locator("#public-limits")).to_contain_text("deleted after 24 hours")
        expect_pairs(page, 3)
    create_effect(ada, "Private")
    drop(ada, "pairs-sources", sources)
    drop(ada, "pairs-targets", targets)
    expect_pairs(ada, 2)
    picture = ada.locator("#pairs-cards img").first.evaluate("image => image.src")
    assert ada.request.get(picture).ok
    assert eve.request.get(picture).status == 404

    # A reload finds the same workspace; another browser does not.
    for page in visitors:
        page.reload()
    expect(ada.locator("#effect input")).to_have_value("Private")
    expect_pairs(ada, 2)
    expect(eve.locator("#effect input")).to_have_value("Toy")
    eve.click("#effect input")
    expect(eve.get_by_role("option")).to_have_count(1)
    eve.keyboard.press("Escape")

    # The second training waits, also while its page is closed, and begins once the first one is stopped.
    start(ada)
    expect_state(ada, "running")
    start(eve)
    line = eve.locator("#next-step")
    expect(line).to_contain_text("first in line")
    expect(line).to_contain_text("minutes")
    context = eve.context
    eve.close()
    ada.click("#train-stop")
    eve = context.new_page()
    open_app(eve, public_url)
    open_tab(eve, "2 Train")
    expect_state(eve, "running")
    expect_state(ada, "stopped")
    eve.click("#train-stop")
    expect_state(eve, "stopped")
