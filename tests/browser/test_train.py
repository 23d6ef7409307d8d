"""Starting and steering a training, in every page that is open."""

import re

from playwright.sync_api import expect

from tests.browser.pages import (
    STATUS,
    create_effect,
    draw_pairs,
    drop,
    expect_error,
    expect_pairs,
    expect_state,
    open_app,
    open_tab,
)

PATIENCE = 120_000  # milliseconds; a step takes a while on a busy machine


def expect_buttons(page, *names):
    """Expect these of the buttons, and no others."""
    for name in ("start", "measure", "continue", "hold", "preview-now", "save-now", "stop"):
        button = page.locator(f"#train-{name}")
        (expect(button).to_be_visible if name in names else expect(button).to_be_hidden)()


def test_a_training_is_steered_from_every_page(page, context, app_url, workspace, tmp_path, errors):
    open_app(page, app_url)
    create_effect(page, "Steered")
    sources, targets = draw_pairs(tmp_path, [f"{number:02d}" for number in range(6)])
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets)
    expect_pairs(page, 6)

    # The time, by a click or typed; a custom setting; what it will take.
    open_tab(page, "2 Train")
    start = page.locator("#train-start")
    page.get_by_text("10 min", exact=True).click()
    expect(start).to_have_text("Start: 10 minutes, draft 128 px")
    page.fill("#train-minutes input", "20")
    expect(start).to_have_text("Start: 20 minutes, draft 128 px")
    expect(page.locator("#train-time input:checked")).to_have_count(0)
    page.click("#train-advanced > button")
    page.get_by_role("button", name="Basics").click()
    page.fill("#train-image-size input", "100")
    expect(page.locator("#train-settings-note")).to_contain_text("must be a multiple of")
    start.click()
    expect_error(page, "must be a multiple of")
    page.fill("#train-image-size input", "64")
    page.fill("#train-batch-size input", "2")
    expect(start).to_have_text("Start: 20 minutes, custom 64 px")
    expect(page.locator("#train-settings-note")).to_have_text(
        "Custom: Picture size 64 (was 128); Batch size 2 (was 4)."
    )
    page.click("#train-measure")
    forecast = page.locator("#train-forecast .pb-note")
    expect(forecast).to_contain_text(re.compile(r"About [\d,]+ steps? in 20 minutes"), timeout=PATIENCE)
    expect(forecast).to_contain_text("B of memory")

    # Start here, pause here, and see it in a second page.
    start.click()
    expect_state(page, "running")
    expect_buttons(page, "hold", "preview-now", "save-now", "stop")
    page.click("#train-hold")
    expect_state(page, "paused")
    expect_buttons(page, "hold", "stop")
    expect(page.locator("#train-hold")).to_have_text("Resume")
    expect(page.locator("#train-hold")).to_be_focused()
    second = context.new_page()
    open_app(second, app_url)
    open_tab(second, "2 Train")
    expect_state(second, "paused")
    held = second.locator(STATUS).get_attribute("data-step")
    expect(second.locator(STATUS)).to_contain_text(re.compile(rf"Saved\s*step {int(held):,}, \d\d:\d\d"))

    # Resume there, and ask for a preview and a save.
    expect_buttons(second, "hold", "stop")
    second.click("#train-hold")
    expect_state(page, "running")
    expect(page.locator(STATUS)).not_to_have_attribute("data-step", held, timeout=PATIENCE)
    second.click("#train-save-now")
    expect(page.locator(STATUS)).not_to_contain_text(f"step {int(held):,}, ", timeout=PATIENCE)
    (events,) = (workspace / "runs").glob("*-steered/events.jsonl")
    seen = events.read_text().count('"Preview"')
    second.click("#train-preview-now")
    for _ in range(PATIENCE // 200):
        if events.read_text().count('"Preview"') > seen:
            break
        second.wait_for_timeout(200)
    assert events.read_text().count('"Preview"') > seen

    # Stop there; here it can go on with what is left, and the form can be filled with what it was made with.
    second.click("#train-stop")
    expect_state(page, "stopped")
    expect_buttons(page, "start", "measure", "continue")
    expect(page.locator("#train-continue")).to_have_text(re.compile(r"Continue: 1?\d:\d\d left"))
    page.click("#train-reset")
    expect(page.locator("#train-settings-note")).to_have_text("All as in Draft.")
    page.click("#train-clone")
    expect(page.locator("#train-batch-size input")).to_have_value("2")
    expect(start).to_have_text("Start: 20 minutes, custom 64 px")
    assert not errors
