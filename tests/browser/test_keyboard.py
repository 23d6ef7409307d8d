"""Working by keyboard: when the control that has the focus gives way, something sensible gets it, never the page."""

import pytest
from playwright.sync_api import expect

from editor.pairs.store import PairStore
from editor.training.run_folder import RunFolder
from editor.ui import messages
from tests.browser.pages import (
    choose_effect,
    create_effect,
    draw_pairs,
    drop,
    expect_pairs,
    open_app,
    open_tab,
    wait_until,
)
from tests.conftest import TINY, fill_with_toy_pairs
from tests.faults.server import Page

# How long, in milliseconds, the page itself has had the focus at a stretch. A moment passes until answers have come.
WATCH = """() => {
    window.lost = 0;
    let since = null;
    setInterval(() => {
        since = document.activeElement === document.body ? since ?? performance.now() : null;
        window.lost = Math.max(window.lost, since === null ? 0 : performance.now() - since);
    }, 50);
}"""


def press(page, locator, key="Enter"):
    locator.focus()
    page.keyboard.press(key)


def begin_to_watch(page, locator):
    locator.focus()
    page.evaluate(WATCH)


def never_lost(page):
    return page.evaluate("window.lost") < 15_000


def add_pairs(page, tmp_path, effect, names):
    create_effect(page, effect)
    for place, files in zip(("pairs-sources", "pairs-targets"), draw_pairs(tmp_path, names)):
        drop(page, place, files)
    expect_pairs(page, len(names))


def card(page, name):
    return page.locator(f'#pairs-cards .pb-pair[data-pair="{name}"]')


def test_pairs(page, app_url, tmp_path, errors):
    open_app(page, app_url)
    add_pairs(page, tmp_path, "Keys", ["ant", "bee", "cat"])

    # A pair goes to another place in the list under its new name, and takes the focus along.
    begin_to_watch(page, card(page, "ant").locator(".pb-pair-name"))
    page.keyboard.press("Enter")
    page.keyboard.type("zebra")
    page.keyboard.press("Enter")
    expect(card(page, "zebra").locator(".pb-pair-name")).to_be_focused()
    # Whoever changes the name their own way gets the same.
    page.keyboard.press("Enter")
    page.keyboard.type("a/b")
    page.keyboard.press("Enter")
    expect(page.locator("#pairs-cards .pb-pair")).to_have_count(3)
    expect(card(page, "zebra")).to_have_count(0)
    wait_until(page, "document.activeElement.matches('[data-action=rename]')")
    wait_until(page, "document.activeElement.textContent.startsWith('a')")

    # The one after a pair that is gone, then the one before; and nothing that does harm when Enter is pressed twice.
    press(page, card(page, "bee").get_by_label("Remove pair bee"))
    expect(card(page, "cat").locator("button.pb-sides")).to_be_focused()
    press(page, page.locator("#pairs-undo"))
    expect_pairs(page, 3)
    expect(page.locator("#pairs-cards button").first).to_be_focused()
    for left, name in ((2, "bee"), (1, "cat")):
        press(page, card(page, name).get_by_label(f"Remove pair {name}"))
        expect_pairs(page, left)
    press(page, page.locator("#pairs-cards").get_by_label("Remove pair"))
    expect_pairs(page, 0)
    expect(page.locator("#pairs-folder input").first).to_be_focused()
    assert never_lost(page)
    assert not errors


def test_a_plan(page, app_url, tmp_path, errors):
    open_app(page, app_url)
    create_effect(page, "Keys for a plan")
    sources, targets = draw_pairs(tmp_path, ["one", "two", "three"])
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets[:2])
    plan = page.locator("#pairs-plan")
    expect(plan).to_contain_text("2 pairs found, 1 picture left over.")
    begin_to_watch(page, page.locator("#plan-swap"))
    page.keyboard.press("Enter")
    expect(plan).to_contain_text("You swapped the sides.")
    expect(page.locator("#plan-swap")).to_be_focused()
    press(page, plan.get_by_label("Take two apart"))
    expect(plan).to_contain_text("1 pair found, 3 pictures left over.")
    expect(plan.locator("[data-planned] button").first).to_be_focused()
    for path in ("before/two.png", "after/two.png"):
        press(page, plan.locator(f'[data-path="{path}"]'))
    expect(plan).to_contain_text("2 pairs found, 1 picture left over.")
    wait_until(page, "document.activeElement.closest('[data-planned]')?.dataset.planned === 'two'")
    press(page, page.locator("#plan-add"))
    expect_pairs(page, 2)
    expect(plan).to_contain_text("1 picture without a partner")
    wait_until(page, "document.activeElement.closest('#pairs-plan') !== null")
    press(page, page.locator("#plan-discard"))
    expect(plan.locator(".pb-plan")).to_have_count(0)
    expect(page.locator("#pairs-folder input").first).to_be_focused()

    # Nothing is left of the plan: the report gets the focus, so that it is read out.
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets[:1])
    expect(plan).to_contain_text("1 pair found, 2 pictures left over.")
    for name in ("two", "three"):
        press(page, plan.locator(f'[data-path="before/{name}.png"]'))
    press(page, plan.get_by_role("button", name="Add 2 pairs"))
    expect(page.locator("#pairs-report")).to_be_focused()
    expect(page.locator("#pairs-report")).to_contain_text("Added 2 pairs.")
    assert never_lost(page)
    assert not errors


@pytest.fixture
def runs(workspace, app_url, tmp_path):
    """Two runs that nobody has trained."""
    store = fill_with_toy_pairs(PairStore(tmp_path / "toy"), 3)
    folder = workspace / "runs"
    names = ["20990101-000000-first", "20990101-000001-second"]
    for name in names:
        RunFolder.create(folder / name, config=TINY, store=store, effect=name[16:])
    return [folder / name for name in names]


def test_runs_and_effects(page, app_url, tmp_path, runs, errors):
    open_app(page, app_url)
    for effect in ("Keys one", "Keys two"):
        create_effect(page, effect)
    begin_to_watch(page, page.locator("#effect-create"))
    press(page, page.get_by_role("button", name="All effects, storage and trash"))
    table = page.locator("#effects-table")
    press(page, table.get_by_label("Delete the effect Keys two"))
    expect(table.locator("#trash")).to_contain_text("Keys two (effect)")
    wait_until(page, "document.activeElement.closest('#effects-table') !== null")

    choose_effect(page, "Runs without an effect")  # these were made at the command line
    open_tab(page, "2 Train")
    press(page, page.locator("#runs > button"))
    row = page.locator("#train-runs .pb-run", has_text="second")
    press(page, row.locator('[data-action="delete"]'))
    expect(row).to_have_count(0)
    wait_until(page, "document.activeElement.matches('#train-runs .pb-run-open')")
    press(page, page.locator("#runs-undo"))
    expect(row).to_have_count(1)
    wait_until(page, "document.activeElement.matches('#train-runs .pb-run-open')")
    for run in runs:
        row = page.locator(f'#train-runs [data-run="{run.name}"]')
        press(page, row.locator('[data-action="delete"]'))
        expect(row).to_have_count(0)
    assert never_lost(page)
    assert not errors


def test_training(page, app_url, tmp_path, errors):
    open_app(page, app_url)
    add_pairs(page, tmp_path, "Keys for training", ["ant", "bee", "cat"])
    open_tab(page, "2 Train")
    page.click("#train-advanced > button")
    page.get_by_role("button", name="Basics").click()
    page.fill("#train-image-size input", "32")
    page.fill("#train-batch-size input", "2")
    page.fill("#train-minutes input", "20")
    status, said = page.locator("#train-status .pb-status"), page.locator("#focus-rules [role=status]")
    expect(page.locator("#train-start")).to_contain_text("20 minutes, custom 32 px")
    begin_to_watch(page, page.locator("#train-start"))
    page.keyboard.press("Enter")
    hold = page.locator("#train-hold")
    expect(hold).to_be_focused()
    expect(said).to_contain_text("can be stopped and steered")
    expect(status).to_have_attribute("data-state", "running")
    expect(hold).to_be_focused()
    press(page, page.locator("#train-preview-now"))
    # The preview may be there before the page knows that it was asked for: somebody else makes the button give way.
    assert Page(app_url).call("hold_training", [None, messages.train.PAUSE]).success
    expect(status).to_have_attribute("data-state", "paused")
    expect(hold).to_be_focused()
    for state, word in (("running", messages.train.PAUSE), ("paused", messages.train.RESUME)):
        expect(hold).not_to_have_text(word)
        page.keyboard.press("Enter")
        expect(status).to_have_attribute("data-state", state)
        expect(hold).to_be_focused()
    press(page, page.locator("#train-stop"))
    expect(page.locator("#train-status")).to_be_focused()
    expect(status).to_have_attribute("data-state", "stopped")
    press(page, page.locator("#train-continue"))
    expect(hold).to_be_focused()
    press(page, page.locator("#train-stop"))
    expect(status).to_have_attribute("data-state", "stopped")
    expect(page.locator("#train-status")).to_be_focused()
    assert never_lost(page)

    # A person who moved the focus elsewhere keeps it there.
    page.locator("#brand").click()
    page.wait_for_timeout(2500)
    assert page.evaluate("document.activeElement === document.body")
    assert not errors
