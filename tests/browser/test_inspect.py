"""Looking inside a run: the ways to draw F, reading numbers, a picture of one's own, and all pairs at a glance."""

import re
import shutil

from playwright.sync_api import expect

from tests.browser.pages import looks_like_something, open_app, open_tab, pixels, screenshot
from tests.conftest import draw_toy_pair

RUN = "20200101-000000-inspected"


def test_looking_inside(page, app_url, workspace, trained_run, tmp_path, errors):
    shutil.copytree(trained_run.path, workspace / "runs" / RUN)
    try:
        open_app(page, app_url)
        open_tab(page, "3 Inspect")
        page.click("#inspect-run input")
        page.get_by_role("option", name=re.compile("^toy")).click()
        facts = page.locator("#inspect-flow-facts")
        expect(facts).to_contain_text("px at the median", timeout=30_000)
        expect(page.locator("#inspect-i input")).to_have_value(re.compile("^00"), timeout=20_000)

        # F in another way.
        assert pixels(page, page.locator("#inspect-flow img")).shape == (32, 32, 3)
        page.get_by_label("Warped grid").click()
        expect(facts).to_contain_text("Graph paper", timeout=20_000)
        assert pixels(page, page.locator("#inspect-flow img")).shape == (512, 512, 3)

        # Numbers under the pointer, by keyboard too, and the same place in the others.
        line = page.locator("#inspect-readout")
        expect(line).to_contain_text("Point at a picture")
        page.hover("#inspect-y-j-hat img")
        expect(line).to_contain_text(re.compile(r"Pixel \(\d+, \d+\).*F.*dx.*px.*C.*scale.*%"))
        for other in ("x-i", "x-j", "flow", "y-error"):
            expect(page.locator(f"#inspect-{other} > .pb-cross")).to_have_count(1)
        before = line.inner_text()
        page.locator("#inspect-y-j-hat").focus()
        page.keyboard.press("ArrowRight")
        expect(line).not_to_have_text(before)

        # A picture of one's own has no truth.
        draw_toy_pair(seed=77, size=64)[0].save(tmp_path / "mine.png")
        truth = page.locator("#inspect-target-facts")
        for _ in range(2):
            page.set_input_files("#inspect-photo input[type=file]", tmp_path / "mine.png")
            expect(truth).to_contain_text("nobody knows the truth", timeout=20_000)
            expect(page.locator("#inspect-y-error img")).to_have_count(0)
            if page.locator("#inspect-j input").input_value() != "0002":  # who chooses another pair wants to see it
                page.click("#inspect-j input")
                page.get_by_role("option", name="0002").click()
                expect(truth).to_contain_text("dB", timeout=20_000)
                expect(page.locator("#inspect-photo")).not_to_contain_text("mine.png")

        # All pairs: a click opens one above.
        page.click("#inspect-matrix-start")
        cells = page.locator("#inspect-matrix tbody td[style]")
        expect(cells).to_have_count(256, timeout=240_000)
        expect(page.locator("#inspect-matrix .pb-matrix-verdict")).to_contain_text("dB on average")
        cells.nth(16 * 3 + 5).hover()
        look = page.locator("#inspect-matrix .pb-matrix-look")
        expect(look).to_contain_text("i = 0003, j = 0005")
        assert looks_like_something(screenshot(look.locator("i").first))
        cells.nth(16 * 3 + 5).click()
        expect(page.locator("#inspect-i input")).to_have_value("0003", timeout=20_000)
        expect(page.locator("#inspect-j input")).to_have_value("0005")
        expect(page.locator("#inspect-target-facts")).to_contain_text("dB", timeout=20_000)
        expect(page.locator("#inspect-y-error img")).to_have_count(1)
        assert not errors
    finally:
        shutil.rmtree(workspace / "runs" / RUN)
