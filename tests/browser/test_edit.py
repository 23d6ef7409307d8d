"""Photos in, edits out: many at once, stronger and weaker, mended by hand, and back as a pair."""

import re
import zipfile

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.pages import before_and_after, drop, open_app, open_tab, reload, wait_until
from tests.conftest import draw_toy_pair
from tests.films import TIMES, decoded, film


def test_many_photos_and_a_zip(tab, tmp_path, errors):
    tab.locator("#edit-examples button").first.click()  # the first edit takes one click
    expect(tab.locator("#edit-note")).to_contain_text("going by pair")
    before, after = before_and_after(tab)
    assert np.abs(before - after).mean() > 3

    files = [tmp_path / f"photo {number}.png" for number in range(3)]
    for number, file in enumerate(files):
        draw_toy_pair(60 + number, 90)[0].resize((120, 90)).save(file)
    broken = tmp_path / "broken.jpg"
    broken.write_text("not a photo")
    drop(tab, "edit-photo", [files[0], broken, *files[1:]])
    expect(tab.locator("#edit-note")).to_contain_text("broken.jpg is not a picture")
    expect(tab.locator("#edit-strip")).to_contain_text("4 of 4 photos edited")
    assert tab.locator("#edit-strip img").count() == 4
    with tab.expect_download() as download:
        tab.click("#edit-zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 4
        with archive.open("photo-2-toy.png") as file:
            saved = np.asarray(Image.open(file), dtype=float)
    tab.locator("#edit-strip [data-kind=photo]").last.click()
    expect(tab.locator("#edit-after img")).to_have_attribute("alt", "photo 2.png edited")
    np.testing.assert_array_equal(before_and_after(tab)[1], saved)

    drop(tab, "edit-photo", [film(tmp_path / "moves.mp4")])
    panel = tab.locator("#edit-film")
    expect(panel).to_contain_text("first frame of a clip")
    expect(tab.locator("#edit-download")).to_be_hidden()
    tab.get_by_role("button", name="Edit the whole clip").click()
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download the edited clip").click()
    assert download.value.suggested_filename == "moves-toy.mp4"
    alone = download.value.path().read_bytes()
    assert len(decoded(download.value.path())[0]) == len(TIMES)
    with tab.expect_download() as download:
        tab.click("#edit-zip")
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 5 and archive.read("moves-toy.mp4") == alone
    tab.locator("#edit-strip [data-kind=photo]").first.click()
    expect(panel).to_be_hidden()
    assert not errors


def test_strength_reference_and_view_by_keyboard(tab, errors):
    tab.set_viewport_size({"width": 390, "height": 640})
    tab.locator("#edit-examples button").first.click()
    expect(tab.locator("#edit-note")).to_contain_text("going by pair")
    expect(tab.locator(".pb-stage")).to_be_in_viewport(ratio=0.8)  # all the rest of the page is above it on a phone
    tab.set_viewport_size({"width": 1280, "height": 720})
    divider = tab.get_by_label("Divider between before and after")
    divider.focus()
    tab.keyboard.press("Home")
    expect(tab.locator(".pb-view")).to_have_attribute("style", re.compile(r"--cut: 0%"))

    after = tab.locator("#edit-after img")
    old = after.get_attribute("src")
    tab.get_by_label("Strength").focus()
    tab.keyboard.press("Home")
    expect(tab.locator("#edit-strength-value")).to_have_text("0 %")
    expect(after).not_to_have_attribute("src", old)
    wait_until(tab, "() => document.querySelector('#edit-after img').src.includes('/edit/')")
    np.testing.assert_array_equal(*before_and_after(tab))

    tab.locator("#edit-advanced button").first.click()
    tab.get_by_role("button", name="Average of five").click()
    expect(tab.locator("#edit-note")).to_contain_text("going by 5 pairs")
    tab.get_by_role("button", name="Show disagreement").click()
    expect(tab.locator(".pb-heat")).to_be_visible()
    tab.click("#edit-variations")
    expect(tab.locator("#edit-takes figure")).to_have_count(4)
    assert not errors


def test_an_edit_mended_with_the_brushes_becomes_a_pair(tab, workspace, run, tmp_path, errors):
    draw_toy_pair(61, 90)[0].save(tmp_path / "mine.png")  # the examples are held out
    drop(tab, "edit-photo", [tmp_path / "mine.png"])
    expect(tab.locator("#edit-note")).to_contain_text("going by pair")
    after = tab.locator("#edit-after img")
    edited = before_and_after(tab)[1]

    def paint(tool):
        old = after.get_attribute("src")
        tab.get_by_role("button", name=tool).click()
        tab.locator("#edit-brush-size").fill("20")  # percent of the photo, which has few pixels
        box = tab.locator(".pb-over-pane .pb-layers").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        tab.mouse.move(x, y)
        tab.mouse.down()
        tab.mouse.move(x + 30, y, steps=4)
        tab.mouse.up()
        expect(after).not_to_have_attribute("src", old)
        return before_and_after(tab)

    before, confined = paint("Brush: leave alone")
    assert tab.locator("#edit-scope").input_value() == "brushed"
    left_alone = (confined == before).all(axis=2) & (edited != before).any(axis=2)
    assert left_alone.any()
    assert tab.evaluate(MOST_IN_AREA) == "214,24,154", "the area has a color of its own, and white stripes"

    paint("Paint")
    expect(tab.locator("#edit-note")).to_contain_text("Corrected by you")
    tab.get_by_role("button", name="Undo correction").click()
    expect(tab.locator("#edit-note")).to_contain_text("going by pair")
    np.testing.assert_array_equal(before_and_after(tab)[1], confined)

    # By keys, over strokes of both kinds.
    tab.keyboard.press("Control+z")
    expect(tab.get_by_role("button", name="Undo correction")).to_be_hidden()
    expect(tab.locator("#edit-scope")).to_have_value("learned")
    np.testing.assert_array_equal(before_and_after(tab)[1], edited)
    tab.keyboard.press("Control+Shift+Z")
    expect(tab.locator("#edit-scope")).to_have_value("brushed")
    np.testing.assert_array_equal(before_and_after(tab)[1], confined)
    tab.keyboard.press("[")
    expect(tab.locator("#edit-brush-size")).to_have_value("19")

    tab.get_by_role("button", name="Paint").click()  # puts it down, for `paint` takes it up again
    _, painted = paint("Paint")
    expect(tab.locator("#edit-note")).to_contain_text("Corrected by you")
    share = (painted - confined)[..., 0] / np.where(confined == 34, np.inf, 34 - confined)[..., 0]  # of the color #222
    assert (share > 0.99).any() and ((share > 0.2) & (share < 0.8)).sum() > 10, "the edge of a stroke is soft"
    tab.locator("#edit-brush-color").fill("#ff0000")
    tab.get_by_role("button", name="Pick a color").click()
    tab.locator(".pb-over-pane .pb-layers").click()  # in its middle, where the stroke begins
    expect(tab.locator("#edit-brush-color")).to_have_value(re.compile("^#2.2.2.$"))
    tab.locator("#edit-pair button").first.click()
    tab.click("#edit-add-pair")
    expect(tab.locator("#edit-pair-note")).to_contain_text("17 pairs now")
    targets = (workspace / "effects" / run / "target").glob("*.png")
    assert any(np.array_equal(np.asarray(Image.open(path).convert("RGB"), dtype=float), painted) for path in targets)
    assert not errors


MOST_IN_AREA = """() => {
    const { width, height } = document.querySelector(".pb-area"), counts = {};
    const pixels = document.querySelector(".pb-area").getContext("2d").getImageData(0, 0, width, height).data;
    for (let at = 0; at < pixels.length; at += 4) {
        if (pixels[at + 3] === 255) counts[pixels.slice(at, at + 3)] = (counts[pixels.slice(at, at + 3)] || 0) + 1;
    }
    return Object.keys(counts).sort((one, other) => counts[other] - counts[one])[0];
}"""
UPLOADS = "**/gradio_api/upload*"
PAINTED = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"


def drop_photos(tab, tmp_path, count):
    files = [tmp_path / f"photo {number}.png" for number in range(count)]
    for number, file in enumerate(files):
        draw_toy_pair(70 + number, 90)[0].save(file)
    drop(tab, "edit-photo", files)
    expect(tab.locator("#edit-after img")).to_have_attribute("alt", "photo 0.png edited")
    expect(tab.locator("#edit-note")).to_contain_text("going by pair")


def stroke(tab):
    tab.locator(".pb-stage").scroll_into_view_if_needed()
    box = tab.locator(".pb-over-pane .pb-layers").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x + 30, y, steps=4)
    tab.mouse.up()


def expect_no_paint(tab):
    """Expect that every stroke was taken in, or taken back."""
    wait_until(tab, f"() => !({PAINTED})(document.querySelector('.pb-paint'))")


def test_a_stroke_on_its_way_belongs_to_the_photo_it_was_made_on(tab, tmp_path, errors):
    drop_photos(tab, tmp_path, 2)
    expect(tab.locator("#edit-strip")).to_contain_text("2 of 2 photos edited")
    held = []
    tab.route(UPLOADS, lambda route: held.append(route))
    tab.get_by_role("button", name="Paint").click()
    with tab.expect_request(UPLOADS):
        stroke(tab)
    after = tab.locator("#edit-after img")
    first, second = (tab.locator("#edit-strip [data-kind=photo]").nth(index) for index in range(2))
    second.click()
    expect(after).to_have_attribute("alt", "photo 1.png edited")
    held[0].continue_()
    tab.unroute(UPLOADS)
    expect(first.locator("img")).to_have_attribute("src", re.compile("/thumbnails/"))
    assert "/edit/" in after.get_attribute("src")
    expect(tab.get_by_role("button", name="Undo correction")).to_be_hidden()
    first.click()
    expect(after).to_have_attribute("src", re.compile("/corrected/"))
    expect_no_paint(tab)
    assert not errors


def test_strokes_that_come_to_nothing_are_taken_back_and_told(tab, tmp_path):
    drop_photos(tab, tmp_path, 1)
    after, trouble = tab.locator("#edit-after img"), tab.locator("#edit-trouble")
    tab.get_by_role("button", name="Paint").click()
    tab.route(UPLOADS, lambda route: route.fulfill(status=507, body="The disk is full."))
    stroke(tab)
    expect(trouble).to_contain_text("did not get through")
    expect_no_paint(tab)

    tab.unroute(UPLOADS)
    tab.route(UPLOADS, lambda route: route.fulfill(json=["/etc/hostname"]))
    stroke(tab)
    expect(trouble).to_be_hidden()
    expect(tab.locator(".toast-body").filter(has_text="does not fit").first).to_be_visible()
    expect_no_paint(tab)
    tab.unroute(UPLOADS)

    strength = tab.get_by_label("Strength")
    strength.evaluate("slider => { slider.value = 50; slider.dispatchEvent(new Event('input')); }")
    expect(after).to_have_attribute("src", re.compile("^data:"))
    stroke(tab)
    expect(trouble).to_contain_text("only a quick look")
    strength.evaluate("slider => slider.dispatchEvent(new Event('change'))")
    expect(after).to_have_attribute("src", re.compile("/edit/"))
    stroke(tab)
    expect(trouble).to_be_hidden()
    expect(after).to_have_attribute("src", re.compile("/corrected/"))


def box(tab, selector):
    return tab.locator(selector).bounding_box()


def test_all_that_an_edit_needs_is_in_the_window(tab, tmp_path, errors):
    tab.set_viewport_size({"width": 1440, "height": 900})
    drop_photos(tab, tmp_path, 3)
    expect(tab.locator("#edit-strip")).to_contain_text("3 of 3 photos edited")
    for needed in (".pb-stage", "#edit-download", "#edit-strip figure", "#edit-strength", "[data-tool-button=paint]"):
        expect(tab.locator(needed).first).to_be_in_viewport(ratio=1)
    heights = []
    for height in (900, 1100):
        tab.set_viewport_size({"width": 1440, "height": height})
        wait_until(
            tab,
            "height => Math.abs(document.querySelector('#edit-desk').getBoundingClientRect().bottom - height) < 20",
            arg=height,
        )
        heights.append(box(tab, ".pb-stage")["height"])
    assert heights[1] > heights[0] + 150  # it takes what the window gives
    assert box(tab, "#edit-tools")["x"] > box(tab, ".pb-stage")["x"] + box(tab, ".pb-stage")["width"]

    tab.set_viewport_size({"width": 390, "height": 844})
    wait_until(tab, "() => document.documentElement.scrollWidth <= 390")
    places = [box(tab, part)["y"] for part in (".pb-stage", "#edit-strip", "#edit-tools", "#edit-advanced")]
    assert places == sorted(places)
    assert not errors


def test_the_filmstrip_comes_to_the_photo_that_is_shown_and_else_stays_where_it_was_scrolled(tab, tmp_path, errors):
    drop_photos(tab, tmp_path, 24)
    photos = tab.locator("#edit-strip figure")
    expect(photos).to_have_count(24)
    expect(tab.locator("#edit-strip")).to_contain_text("24 of 24 photos edited")
    scrolled = "() => document.querySelector('#edit-strip figure').parentElement.scrollLeft"
    expect(photos.last).not_to_be_in_viewport()
    photos.nth(8).get_by_role("button").first.click()
    expect(tab.locator("#edit-name")).to_have_text("photo 8.png")
    remove = photos.nth(12).get_by_role("button", name="Remove")
    remove.focus()  # which scrolls there
    before = tab.evaluate(scrolled)
    remove.press("Enter")  # which draws the row anew
    expect(photos).to_have_count(23)
    assert tab.evaluate(scrolled) == before > 0
    tab.locator("#edit-examples button").first.click()  # an example comes last
    expect(photos).to_have_count(24)
    expect(photos.last).to_be_in_viewport(ratio=0.9)
    photos.first.get_by_role("button").first.click()
    expect(photos.first).to_be_in_viewport(ratio=0.9)
    draw_toy_pair(3, 90)[0].save(tmp_path / f"{'a long name ' * 9}.png")
    drop(tab, "edit-photo", [tmp_path / f"{'a long name ' * 9}.png"])  # which hides the row until it is read
    expect(photos).to_have_count(25)
    expect(photos.last).to_be_in_viewport(ratio=0.9)
    assert photos.last.bounding_box()["width"] < 90
    assert not errors


def test_a_photo_is_removed_from_the_filmstrip_by_keyboard(tab, tmp_path, errors):
    drop_photos(tab, tmp_path, 3)
    expect(tab.locator("#edit-strip figcaption")).to_have_text([f"photo {number}.png" for number in range(3)])
    remove = tab.get_by_role("button", name="Remove photo 0.png")
    remove.focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#edit-strip figcaption")).to_have_text(["photo 1.png", "photo 2.png"])
    expect(tab.locator("#edit-name")).to_have_text("photo 1.png")
    expect(tab.get_by_role("button", name="photo 1.png", exact=True)).to_be_focused()
    tab.get_by_role("button", name="Remove all").click()
    expect(tab.locator("#edit-photo strong")).to_be_visible()
    expect(tab.locator(".pb-stage")).to_be_hidden()
    assert not errors


DROP = """async ([place, name, bytes]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
    const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: files });
    document.querySelector(place).dispatchEvent(event);
}"""


def test_a_photo_that_is_dropped_anywhere_shows_at_once(tab, tmp_path, errors):
    drop_photos(tab, tmp_path, 1)
    draw_toy_pair(75, 90)[0].resize((120, 90)).save(tmp_path / "mine.png")
    (tmp_path / "broken.png").write_text("no photo")
    held = []
    tab.route(UPLOADS, lambda route: held.append(route))
    veil = tab.locator(".pb-veil")

    def drop_on(place, name):
        with tab.expect_request(UPLOADS):
            tab.evaluate(DROP, [place, name, list((tmp_path / name).read_bytes())])

    drop_on("#edit-tools", "mine.png")
    expect(veil).to_be_visible()
    expect(tab.locator("#edit-name")).to_have_text("mine.png")
    shown = tab.locator("#edit-before img")
    expect(shown).to_have_js_property("naturalWidth", 120)  # the browser's own file: nothing has reached the server
    assert shown.get_attribute("src").startswith("blob:")
    held.pop().continue_()
    expect(veil).to_be_hidden()
    expect(tab.locator("#edit-after img")).to_have_attribute("alt", "mine.png edited")

    drop_on(".pb-stage", "broken.png")
    expect(veil).to_be_visible()
    held.pop().continue_()
    expect(tab.locator("#edit-note")).to_contain_text("broken.png is not a picture")
    expect(veil).to_be_hidden()
    expect(tab.locator("#edit-after img")).to_have_attribute("alt", "mine.png edited")  # as it was before
    tab.unroute(UPLOADS)
    assert not errors


def test_a_reload_and_a_second_window_find_photos_strokes_and_settings(tab, tmp_path, app_url, errors):
    drop_photos(tab, tmp_path, 2)
    after = tab.locator("#edit-after img")
    tab.get_by_role("button", name="Paint").click()
    stroke(tab)
    expect(after).to_have_attribute("src", re.compile("/corrected/"))
    tab.locator("#edit-strip [data-kind=photo]").last.click()
    expect(after).to_have_attribute("alt", "photo 1.png edited")
    old = after.get_attribute("src")
    tab.get_by_label("Strength").focus()
    tab.keyboard.press("ArrowLeft")
    expect(after).not_to_have_attribute("src", old)
    expect(after).to_have_attribute("src", re.compile("/edit/"))
    expect(tab.locator("#edit-strip")).to_contain_text("2 of 2 photos edited")
    left = after.get_attribute("src")
    (tmp_path / "broken.jpg").write_text("not a photo")
    drop(tab, "edit-photo", [tmp_path / "broken.jpg"])
    expect(tab.locator("#edit-strip [data-retry]")).to_have_count(1)
    tab.click("#edit-names > button")
    tab.locator("#edit-name-pattern").locator("textarea, input").fill("{number} {name}")
    tab.keyboard.press("Enter")

    def expect_the_same(page):
        open_tab(page, "4 Edit")
        page.click("#edit-run input")
        page.get_by_role("option", name="Edit tests").click()
        shown = page.locator("#edit-after img")
        expect(shown).to_have_attribute("src", left)
        expect(page.locator("#edit-strength-value")).to_have_text("95 %")
        page.locator("#edit-strip [data-kind=photo]").first.click()
        expect(shown).to_have_attribute("src", re.compile("/corrected/"))
        expect(page.get_by_role("button", name="Undo correction")).to_be_visible()
        page.locator("#edit-strip [data-kind=photo]").last.click()
        expect(shown).to_have_attribute("src", left)
        expect(page.locator("#edit-strip")).to_contain_text("broken.jpg is not a picture")
        page.click("#edit-names > button")
        expect(page.locator("#edit-name-pattern").locator("textarea, input")).to_have_value("{number} {name}")

    reload(tab, errors)
    expect_the_same(tab)
    second = tab.context.new_page()
    open_app(second, app_url)
    expect_the_same(second)
    assert not errors
