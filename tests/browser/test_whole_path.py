"""Pairs in, training, a look inside, an edit: what a person does, in the order they do it."""

import re
from io import BytesIO

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.pages import (
    STATUS,
    create_effect,
    draw_pairs,
    drop,
    expect_error,
    expect_pairs,
    expect_state,
    looks_like_something,
    open_app,
    open_tab,
    pixels,
    reload,
    screenshot,
    wait_until,
)
from tests.conftest import draw_toy_pair

MINUTES = "10"  # never used up: the test stops when enough was learned, however slow the machine is
ENOUGH_STEPS = 10
PATIENCE = 480_000  # milliseconds
PICTURES = """
    x-i y-i x-j flow flow-legend scale scale-legend shift shift-legend
    warped x-j-hat x-error error-legend y-j-hat y-j y-error
""".split()  # noqa: SIM905


def step(page):
    return int(page.locator(STATUS).get_attribute("data-step"))


def expect_step(page, wanted):
    """Expect that so many steps will have been done."""
    wait_until(page, f"() => document.querySelector('{STATUS}').dataset.step >= {wanted}", patience=PATIENCE)


def test_the_whole_path(page, context, app_url, tmp_path, errors):
    # Pairs.
    open_app(page, app_url)
    create_effect(page, "Blue disc")
    sources, targets = draw_pairs(tmp_path, [f"{number:02d}" for number in range(8)])
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets)
    expect_pairs(page, 8)

    # Train: live within seconds, in every page.
    open_tab(page, "2 Train")
    page.fill("#train-minutes input", "0")
    page.click("#train-start")
    expect_error(page, "training time")
    page.fill("#train-minutes input", MINUTES)
    page.click("#train-advanced > button")
    page.get_by_role("button", name="Basics").click()
    page.fill("#train-batch-size input", "2")  # so that steps are done sooner
    page.click("#train-start")
    previewed = page.locator("#train-preview [data-run$=-blue-disc] .pb-triple")  # and not of the run shown before
    expect(previewed).to_have_count(1)
    expect_state(page, "running")
    expect(page.locator("#train-start")).to_be_hidden()
    # Six losses, as they were and smoothed; M_y has to do something first, for there is no logarithm of 0.
    expect(page.locator("#train-losses polyline")).to_have_count(12, timeout=PATIENCE)
    assert looks_like_something(screenshot(previewed))
    reload(page, errors)
    open_tab(page, "2 Train")
    expect_state(page, "running")
    second = context.new_page()
    open_app(second, app_url)
    open_tab(second, "2 Train")
    expect_state(second, "running")
    expect(second.locator("#train-stop")).to_be_visible()
    expect_step(second, step(second) + 1)

    chart = screenshot(second.locator("#train-losses .pb-plot"))
    assert (np.ptp(chart, axis=2) > 60).sum() > 50  # lines are colored, the grid is gray

    # Stop in one page when enough was learned to see it, see that in the other, and continue there.
    expect_step(second, ENOUGH_STEPS)
    second.click("#train-stop")
    expect_state(page, "stopped")
    expect(page.locator("#train-continue")).to_contain_text("left")
    stopped_at = step(page)
    page.click("#train-continue")
    expect(page.locator("#train-continue")).to_be_hidden()
    expect_state(second, "running")
    expect(page.locator(STATUS)).to_have_attribute("data-state", "running")

    # Inspect while it learns.
    open_tab(page, "3 Inspect")
    expect(page.locator("#inspect-x-i img")).to_be_visible(timeout=PATIENCE)
    for name in PICTURES:
        image = pixels(page, page.locator(f"#inspect-{name} img"))
        assert looks_like_something(image) or name == "x-error", name
        if "legend" not in name:
            assert image.shape == (128, 128, 3), name
    held_out = page.locator("#inspect-j input").input_value()
    assert held_out.endswith("held out")
    before = page.locator("#inspect-x-i img").get_attribute("src")
    page.click("#inspect-i input")
    page.get_by_role("option", name="02").click()
    expect(page.locator("#inspect-x-i img")).not_to_have_attribute("src", before, timeout=PATIENCE)

    # Further than where it was stopped, then enough.
    open_tab(page, "2 Train")
    expect_step(page, stopped_at + 1)
    page.click("#train-stop")
    expect_state(page, "stopped")
    expect(page.locator("#train-start")).to_be_visible()
    expect(page.locator(STATUS)).to_contain_text(re.compile(r"Held-out PSNR\s*\d+\.\d dB"))

    # Edit a photo of another size and shape.
    open_tab(page, "4 Edit")
    expect(page.locator("#edit-photo")).to_contain_text("Drop a photo")
    broken = tmp_path / "broken.jpg"
    broken.write_text("not a photo")
    drop(page, "edit-photo", [broken])
    expect(page.locator("#edit-note")).to_contain_text("broken.jpg is not a picture")
    photo = draw_toy_pair(seed=50, size=300)[0].crop((20, 0, 280, 300)).resize((520, 600))
    photo.save(tmp_path / "me.jpg", quality=95)
    drop(page, "edit-photo", [tmp_path / "me.jpg"])
    expect(page.locator("#edit-note")).to_contain_text("520 x 600 pixels", timeout=PATIENCE)
    shown = pixels(page, page.locator("#edit-before img"))
    edited = pixels(page, page.locator("#edit-after img"))
    assert shown.shape == edited.shape == (600, 520, 3)
    assert np.abs(edited - shown).mean() > 0.3
    assert looks_like_something(screenshot(page.locator("#edit-slider .pb-stage")))
    with page.expect_download() as download:
        page.click("#edit-download")
    assert download.value.suggested_filename == "me-blue-disc.png"
    file = Image.open(BytesIO(download.value.path().read_bytes()))
    assert (file.format, file.size) == ("PNG", (520, 600))
    np.testing.assert_array_equal(np.asarray(file, dtype=float), edited)
    assert not errors
