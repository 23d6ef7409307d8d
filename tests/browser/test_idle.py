"""What a page costs while nothing happens: little, and nothing while nobody can see it."""

import time

from playwright.sync_api import expect

from editor.ui.components.polling import IDLE_SECONDS, LIVE_SECONDS
from tests.browser.pages import PATIENCE, open_app
from tests.faults.server import Page

SET_HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
    return Date.now() / 1000;
}"""

COUNT_FRAMES = """
    window.asked = 0;
    window.frame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (called) => { window.asked++; return window.frame(called); };
"""
# How many frames anybody asks for while ten of them are drawn.
ASKED = """async () => {
    const before = window.asked;
    for (let drawn = 0; drawn < 10; drawn++) await new Promise(window.frame);
    return window.asked - before;
}"""


def polls_of(url):
    """Return a predicate: whether a request is a poll of a page of that app."""
    poll = Page(url).named("poll_page")
    return lambda request: "queue/join" in request.url and request.post_data_json["fn_index"] == poll


def begun(request):
    """Return when the browser sent it, in seconds: when we hear of it depends on how busy we are."""
    return request.value.timing["startTime"] / 1000


def expect_idle(page, is_poll):
    """Expect that the page asks, and no more often than it should."""
    times = []
    for _ in range(3):
        with page.expect_request_finished(is_poll) as request:
            pass
        times.append(begun(request))
    assert times[-1] - times[0] > IDLE_SECONDS + LIVE_SECONDS, "two pauses, each nearer to the one than to the other"


def test_an_idle_page_asks_seldom_and_a_hidden_one_never(page, app_url, errors):
    is_poll, asked = polls_of(app_url), []
    open_app(page, app_url)
    expect_idle(page, is_poll)
    page.evaluate(SET_HIDDEN, True)
    page.wait_for_timeout(500)
    page.on("request", lambda request: asked.append(request.url) if "queue/join" in request.url else None)
    page.wait_for_timeout(4500)
    assert not asked
    with page.expect_request_finished(is_poll) as request:
        shown = page.evaluate(SET_HIDDEN, False)
    assert begun(request) - shown < IDLE_SECONDS, "it is live again at once"
    assert not errors


def test_who_does_not_watch_a_training_asks_as_seldom(page, app_url, run, errors):
    visitor = Page(app_url)
    visitor.look()
    assert visitor.call("start_training", visitor.start_data(run, minutes=10)).success
    open_app(page, app_url)
    expect(page.locator(f'#polling [data-seconds="{LIVE_SECONDS}"]')).to_have_count(1)
    expect_idle(page, polls_of(app_url))
    assert not errors


def test_an_idle_page_draws_nothing(page, app_url, errors):
    page.add_init_script(COUNT_FRAMES)
    open_app(page, app_url)
    end = time.monotonic() + PATIENCE / 1000
    while page.evaluate(ASKED) >= 10:  # what fades in does so at first
        assert time.monotonic() < end
    assert not errors
