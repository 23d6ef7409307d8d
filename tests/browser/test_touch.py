"""The Edit tab on a phone: fingers draw, move and wipe, and the page scrolls only where nothing else is meant."""

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.pages import PATIENCE, choose_effect, drop, open_app, open_tab
from tests.conftest import draw_toy_pair

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 1}
SIZE = (300, 300)


@pytest.fixture
def context(browser):
    """A phone."""
    context = browser.new_context(**PHONE)
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def phone(page, app_url, run, tmp_path):
    """The Edit tab with a photo in it."""
    photo = Image.effect_noise(SIZE, 40).convert("RGB")
    photo.paste(draw_toy_pair(3, 120)[0], (60, 80))
    photo.save(tmp_path / "group.png")
    open_app(page, app_url)
    choose_effect(page, "Edit tests")
    open_tab(page, "4 Edit")
    drop(page, "edit-photo", [tmp_path / "group.png"])
    expect(page.locator("#edit-note")).to_contain_text("300 x 300 pixels")
    page.locator("#edit-slider .pb-stage").evaluate("stage => stage.scrollIntoView({ block: 'center' })")
    return page


def swipe(page, start, end):
    """Move one finger across the photo, between two places that are given as shares of its sides."""
    box = page.locator("#edit-before").bounding_box()
    places = [
        [
            box[origin] + (a + (b - a) * k / 8) * box[side]
            for origin, side, a, b in zip("xy", ("width", "height"), start, end)
        ]
        for k in range(9)
    ]
    session = page.context.new_cdp_session(page)
    for k, (x, y) in enumerate(places):
        kind = "touchMove" if k else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def scrolled(page):
    return page.evaluate("scrollY")


def cut(page):
    return float(
        page.locator("#edit-slider .pb-view").evaluate("view => parseFloat(view.style.getPropertyValue('--cut'))")
    )


def test_a_finger_wipes_across_and_scrolls_down(phone, errors):
    before = scrolled(phone)
    swipe(phone, (0.5, 0.5), (0.9, 0.52))
    assert cut(phone) > 80 and scrolled(phone) == before
    swipe(phone, (0.9, 0.6), (0.9, 0.1))
    phone.wait_for_function("before => scrollY > before", arg=before)
    assert not errors


def test_a_finger_draws_frames_and_strokes_and_the_page_stays(phone, errors):
    after, frame = phone.locator("#edit-after img"), phone.locator("[data-frame]")
    place = "node => ['left', 'top', 'width'].map((side) => parseFloat(node.style[side]))"

    def answered(act, *args):
        old = after.get_attribute("src")
        act(*args)
        expect(after).not_to_have_attribute("src", old)

    def choose(name):
        phone.get_by_role("button", name=name, exact=True).tap()
        phone.locator("#edit-slider .pb-stage").evaluate("stage => stage.scrollIntoView({ block: 'center' })")
        return scrolled(phone)

    before = choose("Frames")
    answered(swipe, phone, (0.2, 0.25), (0.6, 0.65))
    expect(frame).to_have_count(1)
    drawn = frame.evaluate(place)
    answered(swipe, phone, (0.4, 0.45), (0.5, 0.6))
    moved = frame.evaluate(place)
    assert moved[0] > drawn[0] + 10 and moved[1] > drawn[1] + 20 and abs(moved[2] - drawn[2]) < 2
    answered(swipe, phone, (0.7, 0.8), (0.8, 0.9))  # its lower right corner
    assert frame.evaluate(place)[2] > moved[2] + 10
    answered(frame.get_by_role("button").tap)
    expect(frame).to_have_count(0)
    assert scrolled(phone) == before

    for tool in ("Brush: edit here", "Paint"):
        before = choose(tool)
        answered(swipe, phone, (0.3, 0.2), (0.35, 0.8))
        expect(phone.get_by_role("button", name="Undo correction")).to_be_visible()
        assert scrolled(phone) == before
    assert not errors
