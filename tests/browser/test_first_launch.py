"""What somebody finds who opens the app for the first time, with a workspace that nobody has used."""

from playwright.sync_api import expect

from tests.browser.pages import expect_pairs, looks_like_something, open_app, pixels, screenshot
from tests.faults.server import serving


def test_the_sample_effect_and_its_editor_are_there(page, tmp_path, errors):
    with serving(tmp_path / "workspace") as server:
        open_app(page, server.url)
        see_pairs(page)
        page.locator("#welcome").get_by_role("link", name="Try it").last.click()
        expect(page.get_by_role("tab", name="4 Edit")).to_have_attribute("aria-selected", "true")
        expect(page.locator("#effect input")).to_have_value("Sample: faded film")
        page.locator("#edit-examples button").first.click()
        expect(page.locator("#edit-note")).to_contain_text("going by pair")
        before, after = (pixels(page, page.locator(f"#edit-{side} img")) for side in ("before", "after"))
        assert abs(before - after).mean() > 3
        assert not errors


def see_pairs(page):
    expect_pairs(page, 32)
    expect(page.locator("#pairs-summary")).to_contain_text("32 pairs: enough to start.")
    expect(page.locator("#pairs-summary")).to_contain_text("28 to learn from, 4 kept for testing")
    expect(page.locator("#pairs-doctor")).to_contain_text("found nothing wrong")
    before, after = (pixels(page, page.locator("#pairs-cards img").nth(index)) for index in (0, 1))
    assert looks_like_something(before)
    assert abs(before - after).mean() > 3
    first = page.locator("#pairs-cards .pb-pair").first
    shown = screenshot(first.locator(".pb-stack"))
    assert looks_like_something(shown)
    first.locator("button.pb-sides").focus()
    page.keyboard.press("Space")  # the picture after in place of the one before
    assert abs(screenshot(first.locator(".pb-stack")) - shown).mean() > 3
    page.keyboard.press("Space")
    first.get_by_label("Show the difference").click()
    assert screenshot(first.locator(".pb-stack")).mean() < shown.mean() - 20  # black, but for what changes
