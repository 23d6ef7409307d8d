"""What a page costs while nothing happens: little, and nothing while nobody can see it."""

from tests.browser.pages import open_app

SET_HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_an_idle_page_asks_seldom_and_a_hidden_one_never(page, app_url, errors):
    asked = []
    open_app(page, app_url)
    page.wait_for_timeout(1500)
    page.on("request", lambda request: asked.append(request.url) if "queue/join" in request.url else None)
    page.wait_for_timeout(4500)
    assert 1 <= len(asked) <= 3, "one look in three seconds"
    page.evaluate(SET_HIDDEN, True)
    page.wait_for_timeout(500)
    asked.clear()
    page.wait_for_timeout(4500)
    assert not asked
    page.evaluate(SET_HIDDEN, False)
    page.wait_for_timeout(700)
    assert asked, "it is live again at once"
    assert not errors
