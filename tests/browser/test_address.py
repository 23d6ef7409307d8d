"""The address of the page names tab, effect and run: reloaded, gone back to, or opened in another window."""

import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from editor.workspace import Workspace
from tests.browser.pages import open_app, open_tab, wait_until
from tests.conftest import fill_with_toy_pairs


@pytest.fixture
def places(app_url, workspace, add_run):
    """Two effects, the first with two runs."""
    files = Workspace(workspace)
    slugs = [
        files.create_effect(name, fill=lambda store: fill_with_toy_pairs(store, 3)).slug for name in ("Here", "There")
    ]
    for name in ("One", "Two"):
        add_run(name, slugs[0])
    yield slugs
    for slug in slugs:
        shutil.rmtree(workspace / "effects" / slug)


def address(page):
    query = parse_qs(urlsplit(page.url).query)
    return {name: query.get(name, [""])[0] for name in ("tab", "effect", "run")}


def expect_address(page, tab, effect, run=""):
    wait_until(page, "(wanted) => new URLSearchParams(location.search).get('run') === (wanted || null)", arg=run)
    wait_until(page, "(wanted) => new URLSearchParams(location.search).get('effect') === wanted", arg=effect)
    wait_until(page, "(wanted) => new URLSearchParams(location.search).get('tab') === wanted", arg=tab)
    assert address(page) == {"tab": tab, "effect": effect, "run": run}


def choose(page, picker, name):
    page.click(f"#{picker} input")
    page.get_by_role("option", name=re.compile(rf"^{name}\b")).click()


def test_an_address_keeps_tab_effect_and_run(page, context, app_url, places, errors):
    here, there = places
    open_app(page, app_url)
    choose(page, "effect", "Here")
    expect(page.locator("#pairs-cards .pb-pair")).to_have_count(3)
    wait_until(page, f"location.search.includes('effect={here}')")
    open_tab(page, "2 Train")
    choose(page, "train-run", "One")
    expect_address(page, tab="train", effect=here, run="one")
    choose(page, "effect", "There")
    expect_address(page, tab="train", effect=there)
    expect(page.locator("#train-status")).to_contain_text("No run yet")

    # Back and forth, without a new entry of the history.
    page.go_back()
    expect(page.locator("#effect input")).to_have_value("Here")
    expect(page.locator("#train-status")).to_contain_text("One")
    expect_address(page, tab="train", effect=here, run="one")
    page.go_forward()
    expect(page.locator("#effect input")).to_have_value("There")
    expect(page.locator("#train-status")).to_contain_text("No run yet")
    page.go_back()
    expect(page.locator("#train-status")).to_contain_text("One")
    open_tab(page, "4 Edit")
    expect_address(page, tab="edit", effect=here, run="one")
    page.go_back()
    expect(page.get_by_role("tab", name="2 Train")).to_have_attribute("aria-selected", "true")
    page.go_forward()
    expect(page.get_by_role("tab", name="4 Edit")).to_have_attribute("aria-selected", "true")

    # A reload, and the same address in another window, while the first goes on to something else.
    url = page.url
    page.reload()
    expect(page.locator("#effect input")).to_have_value("Here")
    expect(page.get_by_role("tab", name="4 Edit")).to_have_attribute("aria-selected", "true")
    expect_address(page, tab="edit", effect=here, run="one")
    choose(page, "effect", "There")
    expect_address(page, tab="edit", effect=there)
    second = context.new_page()
    second.goto(url)
    expect(second.locator("#effect input")).to_have_value("Here")
    expect(second.get_by_role("tab", name="4 Edit")).to_have_attribute("aria-selected", "true")
    expect_address(second, tab="edit", effect=here, run="one")
    expect(page.locator("#effect input")).to_have_value("There")

    # What is not there, or never was, is ignored.
    second.close()
    second = context.new_page()
    second.goto(f"{app_url}/?tab=explode&effect=../{here}&run=%00%3Cb%3E&other=1")
    expect(second.locator("#next-step .pb-next")).to_be_visible()
    expect(second.get_by_role("tab", name="1 Pairs")).to_have_attribute("aria-selected", "true")
    wait_until(second, "!location.search.includes('explode')")
    errors.clear()  # of requests that reloads cut off
    assert address(second)["tab"] == "pairs" and "other=1" in second.url
    assert second.locator(".toast-body").count() == 0
