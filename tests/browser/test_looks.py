import pytest
from playwright.sync_api import expect

from tests.browser.pages import looks_like_something, open_app, open_tab, screenshot

TABS = ("1 Pairs", "2 Train", "3 Inspect", "4 Edit", "5 Share")

# Wait until what moves or fades in has arrived, and was drawn; what goes round and round never does.
STILL = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    const passing = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
    await Promise.allSettled(document.getAnimations().filter(passing).map(({ finished }) => finished));
    await frame();
}"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_every_tab_fits_and_follows_the_theme(page, app_url, errors, theme, width):
    page.set_viewport_size({"width": width, "height": 844})
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    open_app(page, app_url, theme=theme)
    for tab in TABS:
        expect(page.get_by_role("tab", name=tab)).to_be_visible()  # and not in a menu
        open_tab(page, tab)
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        page.evaluate(STILL)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
        image = screenshot(page)
        assert looks_like_something(image), tab
        assert (image[:, 0].mean() < 80) == (theme == "dark"), tab
    assert not errors
    elsewhere = [url for url in requests if not url.startswith((app_url, "data:", "blob:"))]
    assert not elsewhere, "nothing is loaded from other servers"


def test_other_host_names_are_refused(playwright, app_url):
    request = playwright.request.new_context(extra_http_headers={"Host": "evil.example"})
    assert request.get(app_url).status == 400
    request.dispose()


def test_only_the_cache_is_served(page, app_url, workspace):
    secret = next((workspace / "effects").rglob("effect.json"))
    assert page.request.get(f"{app_url}/gradio_api/file={secret}").status == 403
    assert page.request.get(f"{app_url}/gradio_api/file=/etc/passwd").status == 403
    assert page.request.get(f"{app_url}/monitoring").status in (403, 404)
