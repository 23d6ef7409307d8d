"""What was removed: back with all its files, or gone for good, and what it takes until then."""

import shutil
from contextlib import suppress
from functools import partial

import pytest
from playwright.sync_api import expect

from editor.pairs.store import PairStore
from editor.ui.messages.common import readable_bytes
from editor.workspace import Workspace
from editor.workspace.sizes import folder_bytes
from tests.browser.pages import PATIENCE, expect_error, expect_pairs, open_app, open_tab
from tests.conftest import fill_with_toy_pairs

PANEL = "All effects, storage and trash"
REMOVED = ("0400 (pair of Fruit)", "0401 (pair of Fruit)", "Nuts (effect)", "Herbs (effect)", "Oak (run)", "Elm (run)")


def files(folder):
    """Return all that is in a folder: names and bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def size(*folders):
    return readable_bytes(sum(map(folder_bytes, folders)))


def expect_total(page, workspace):
    """Expect that the page says what everything takes, as soon as no small copy of a picture comes any more."""
    table = page.locator("#effects-table")
    for _ in range(PATIENCE // 1000):
        open_tab(page, "2 Train")
        open_tab(page, "1 Pairs")  # everything is measured anew
        with suppress(AssertionError):
            return expect(table).to_contain_text(f"Everything takes {size(workspace)};", timeout=1000)
    raise AssertionError(table.inner_text())


@pytest.fixture
def things(workspace, add_run):
    """Three effects and two runs, each with all that is in it, which are gone afterwards."""
    effects = {"fruit": 4, "nuts": 5, "herbs": 6}
    opened = Workspace(workspace)
    for slug, count in effects.items():
        opened.create_effect(slug.title(), fill=partial(fill_with_toy_pairs, count=count, first_seed=100 * count))
    PairStore(workspace / "effects" / "fruit").set_held_out(["0401"])
    for name in ("Oak", "Elm"):
        add_run(name, "fruit")
    places = [*(f"effects/{slug}" for slug in effects), "runs/oak", "runs/elm"]
    yield {place: files(workspace / place) for place in places}
    opened.trash.empty(None)
    for slug in effects:
        shutil.rmtree(workspace / "effects" / slug, ignore_errors=True)


def test_what_was_removed_comes_back_whole_or_goes_for_good(page, app_url, workspace, things, errors):
    effects, runs, trash = (workspace / name for name in ("effects", "runs", "trash"))
    Workspace(workspace).trash.empty(None)  # of other tests
    open_app(page, app_url)
    page.click("#effect input")
    page.get_by_role("option", name="Fruit").click()
    expect_pairs(page, 4)
    panel, table = page.get_by_role("button", name=PANEL), page.locator("#effects-table")
    panel.click()
    expect(table.locator("#trash")).to_contain_text("The trash is empty.")
    expect(table.locator("[data-item=nuts]")).to_contain_text(f"5 pairs, {size(effects / 'nuts')}")

    # Remove two of each kind.
    for left, name in ((3, "0400"), (2, "0401")):
        page.locator("#pairs-cards").get_by_label(f"Remove pair {name}").click()
        expect_pairs(page, left)
    for name in ("Nuts", "Herbs"):
        table.get_by_label(f"Delete the effect {name}").click()
        expect(table.locator("#trash")).to_contain_text(f"{name} (effect)")
    open_tab(page, "2 Train")
    page.get_by_role("button", name="All runs").click()
    for name in ("Oak", "Elm"):
        page.get_by_role("button", name=f"Delete {name}").click()
        expect(page.locator(f'li[data-run="{name.lower()}"]')).to_have_count(0)
    open_tab(page, "1 Pairs")
    rows = table.locator("#trash li")
    expect(rows).to_have_count(6)
    for entry in Workspace(workspace).trash.list():
        expect(table.locator(f'[data-item="{entry.id}"]')).to_contain_text(size(trash / entry.id))
    for name in REMOVED:
        expect(rows.filter(has_text=name)).to_have_count(1)
    expect_total(page, workspace)
    assert not any((effects / name).exists() for name in ("nuts", "herbs"))
    assert not any((runs / name).exists() for name in ("oak", "elm"))
    assert not [*(effects / "fruit").rglob("040[01].png")]

    # One of each kind comes back, with all that was in it.
    for name in ("0401 (pair of Fruit)", "Herbs (effect)", "Elm (run)"):
        table.get_by_label(f"Restore {name}").click()
        expect(rows.filter(has_text=name)).to_have_count(0)
    expect(page.locator("#pairs-undo")).to_be_hidden()
    table.get_by_label("Open the effect Fruit").click()
    expect_pairs(page, 3)
    expect(page.locator('#pairs-cards [data-pair="0401"]')).to_have_attribute("data-held-out", "true")

    lost = {path: data for path, data in things["effects/fruit"].items() if path.endswith("0400.png")}

    def expect_what_was_restored():
        for place in ("effects/herbs", "runs/elm"):
            assert files(workspace / place) == things[place]
        assert files(effects / "fruit").items() ^ things["effects/fruit"].items() == lost.items()
        expect(table.locator("[data-item=fruit]")).to_contain_text(f"3 pairs, {size(effects / 'fruit')}")
        expect(table.locator("[data-item=herbs]")).to_contain_text(f"6 pairs, {size(effects / 'herbs')}")

    expect_what_was_restored()

    # The others go for good, after a second click.
    empty = page.locator("#trash-empty")
    entries = [trash / entry.id for entry in Workspace(workspace).trash.list()]
    assert len(entries) == 3
    empty.click()
    expect(empty).to_have_text(f"Delete {size(*entries)} for good? Click again")
    empty.evaluate("button => { if (!button.matches('.pb-sure')) button.click(); button.click(); }")  # it asks for 6 s
    expect(table.locator("#trash")).to_contain_text("The trash is empty.")
    assert not [*trash.iterdir()]
    gone = {data for path, data in {**things["effects/nuts"], **lost}.items() if path.endswith(".png")}
    assert len(gone) == 12
    assert not gone & set(files(workspace).values())
    expect_what_was_restored()
    expect_total(page, workspace)
    open_tab(page, "2 Train")
    expect(page.locator('li[data-run="elm"]')).to_be_visible()
    expect(page.locator('li[data-run="oak"]')).to_have_count(0)
    page.click("#runs-undo")  # offers what the panel has long restored
    expect_error(page, "no longer in the trash")
    expect(page.locator("#runs-undo")).to_be_hidden()
    assert not errors
