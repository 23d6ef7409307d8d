"""Pictures that are not square: what the model would see of them, and a run that learns from their middles."""

import json

import numpy as np
from playwright.sync_api import expect

from tests.browser.pages import create_effect, draw_pairs, drop, expect_pairs, open_app, open_tab, pixels

NARROW = {"width": 390, "height": 844}
PATIENCE = 120_000  # milliseconds


def test_the_choice_shows_what_the_model_would_see(page, app_url, workspace, tmp_path, errors):
    page.set_viewport_size(NARROW)
    open_app(page, app_url, theme="dark")
    create_effect(page, "Round")
    sources, targets = draw_pairs(tmp_path / "square", ["a", "b"])
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets)
    expect_pairs(page, 2)
    choice, preview = page.locator("#train-fit"), page.locator("#train-fit-preview")
    open_tab(page, "2 Train")
    expect(page.locator("#train-start")).to_be_visible()
    expect(choice).to_have_count(0)

    open_tab(page, "1 Pairs")
    sources, targets = draw_pairs(tmp_path / "wide", ["c", "d", "e"], shape=(96, 64))
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets)
    expect_pairs(page, 5)
    open_tab(page, "2 Train")
    expect(choice).to_be_visible()
    expect(preview.locator("img")).to_have_count(6)
    first = preview.get_by_alt_text("c before, as the model would see it")
    whole = pixels(page, first)
    assert whole.shape[0] == whole.shape[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]

    # By the keyboard, and seen at once.
    choice.get_by_label("Whole").focus()
    page.keyboard.press("Tab")  # Gradio makes every choice a stop of its own
    page.keyboard.press("Space")
    expect(preview).to_contain_text("nothing from what is cut off")
    expect(preview.locator("[data-fit=crop] img")).to_have_count(6)
    middle = pixels(page, first)
    assert middle.shape == whole.shape
    assert np.abs(middle - whole).mean() > 2

    # A run is made with it, and gives it back to the form.
    page.fill("#train-minutes input", "10")
    page.click("#train-start")
    status = page.locator("#train-status .pb-status")
    expect(status).to_contain_text("Round", timeout=PATIENCE)
    page.click("#train-stop", timeout=PATIENCE)
    expect(page.locator("#train-continue")).to_be_visible(timeout=PATIENCE)
    (config,) = (workspace / "runs").glob("*-round/config.json")
    assert json.loads(config.read_text())["fit"] == "crop"
    choice.get_by_label("Whole").check()
    expect(preview.locator("[data-fit=whole]")).to_be_visible()
    page.click("#train-advanced > button")
    page.click("#train-clone")
    expect(choice.get_by_label("middle")).to_be_checked()
    expect(preview.locator("[data-fit=crop]")).to_be_visible()
    assert not errors
