"""Looking inside a run: the ways to draw F, reading numbers, a picture of one's own, and all pairs at a glance."""

import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from editor.ui.components.figures import SECTIONS
from tests.browser.pages import choose_effect, looks_like_something, open_app, open_tab, pixels, screenshot, wait_until
from tests.conftest import draw_toy_pair

LOADED = """async (place) => {
    const image = new Image();
    image.src = getComputedStyle(place).backgroundImage.slice(5, -2);
    await image.decode();
}"""
# The addresses of all pictures, once they are of one answer, which is none in the folder `old`, of so many pictures.
ANSWER = """([old, count]) => {
    const sources = [...document.querySelectorAll("[id^=inspect-].pb-picture img")].map((image) => image.src);
    const [folder, ...others] = new Set(sources.map((source) => source.replace(/[^/]*$/, "")));
    return sources.length === count && folder !== old && !others.length && sources;
}"""
PICTURES = sum(
    len(figure.fields) for section in SECTIONS for figure in section.figures
)  # of one step, without a canvas


@pytest.fixture
def tab(page, app_url, add_run):
    """The Inspect tab with a trained run."""
    add_run("Looked into", "toy")
    open_app(page, app_url)
    choose_effect(page, "Runs without an effect")  # that effect is not there
    open_tab(page, "3 Inspect")
    expect(page.locator("#inspect-i input")).to_have_value(re.compile("^00"))  # no pair of the sample
    wait_until(page, "() => document.querySelector('#inspect-flow img')?.naturalWidth === 32")
    expect(page.locator("#inspect-flow-facts")).to_contain_text("px at the median")
    return page


def answered(tab, old=None, count=PICTURES):
    """Wait for another answer than `old`, and return its folder and its pictures by their names there."""
    sources = wait_until(tab, ANSWER, arg=[old and old[0], count]).json_value()
    pictures = {}
    for source in sources:
        folder, name = re.fullmatch(r"(.*/)(.*)\.png", source).groups()
        picture = Image.open(BytesIO(tab.request.get(source).body())).convert("RGB")
        pictures[name] = np.asarray(picture, dtype=float)
    return folder, pictures


def changed(before, after):
    """Return the names of all pictures that differ between two answers, or are in one of them only."""
    names = before[1].keys() | after[1].keys()
    return {name for name in names if not np.array_equal(before[1].get(name), after[1].get(name))}


def test_looking_inside(tab, tmp_path, errors):
    page, facts = tab, tab.locator("#inspect-flow-facts")

    # F in another way.
    assert pixels(page, page.locator("#inspect-flow img")).shape == (32, 32, 3)
    page.get_by_label("Warped grid").click()
    expect(facts).to_contain_text("Graph paper")
    assert pixels(page, page.locator("#inspect-flow img")).shape == (512, 512, 3)

    # Numbers under the pointer, by keyboard too, and the same place in the others.
    line = page.locator("#inspect-readout")
    expect(line).to_contain_text("Point at a picture")
    page.hover("#inspect-y-j-hat img")
    expect(line).to_contain_text(re.compile(r"Pixel \(\d+, \d+\).*F.*dx.*px.*C.*scale.*%"))
    expect(line).to_be_in_viewport(ratio=1)  # far below where it stands in the page
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
        expect(truth).to_contain_text("nobody knows the truth")
        expect(page.locator("#inspect-y-error img")).to_have_count(0)
        if page.locator("#inspect-j input").input_value() != "0002":  # who chooses another pair wants to see it
            page.click("#inspect-j input")
            page.get_by_role("option", name="0002").click()
            expect(truth).to_contain_text("dB")
            expect(page.locator("#inspect-photo")).not_to_contain_text("mine.png")

    # All pairs: a click opens one above.
    page.click("#inspect-matrix-start")
    cells = page.locator("#inspect-matrix tbody td[style]")
    expect(cells).to_have_count(256, timeout=240_000)
    expect(page.locator("#inspect-matrix .pb-matrix-verdict")).to_contain_text("dB on average")
    cells.nth(16 * 3 + 5).hover()
    look = page.locator("#inspect-matrix .pb-matrix-look")
    expect(look).to_contain_text("i = 0003, j = 0005")
    look.locator("i").first.evaluate(LOADED)
    assert looks_like_something(screenshot(look.locator("i").first))
    cells.nth(16 * 3 + 5).click()
    expect(page.locator("#inspect-i input")).to_have_value("0003")
    expect(page.locator("#inspect-j input")).to_have_value("0005")
    expect(page.locator("#inspect-target-facts")).to_contain_text("dB")
    expect(page.locator("#inspect-y-error img")).to_have_count(1)
    assert not errors


def test_noise_level_and_sampling_steps_change_the_edit_and_nothing_before_it(tab, errors):
    of_the_edit = {"move", "move_legend", "kept", "paint", "y_j_hat", "y_error"}
    noise, steps = (tab.locator(f"#inspect-{name} input[type=number]") for name in ("noise", "steps-count"))
    first = answered(tab)
    noise.fill("0.2")
    less_noise = answered(tab, first)
    assert "y_j_hat" in changed(first, less_noise) <= of_the_edit
    noise.fill("1")
    again = answered(tab, less_noise)
    assert not changed(first, again)

    steps.fill("3")
    three = answered(tab, again, PICTURES + 1)
    assert {"y_j_hat", "steps"} <= changed(first, three) <= of_the_edit | {"steps"}
    assert three[1]["steps"].shape[1] // 192 == 3  # one edit after the other
    steps.fill("1")
    again = answered(tab, three)
    assert not changed(first, again)
    assert not errors


def test_the_range_of_c_changes_its_pictures_and_their_legends(tab, errors):
    first = answered(tab)
    tab.click("#inspect-color-range input")
    tab.get_by_role("option", name="±5 %").click()
    fixed = answered(tab, first)
    assert changed(first, fixed) == {"scale", "scale_legend", "shift", "shift_legend"}
    tab.click("#inspect-color-range input")
    tab.get_by_role("option", name="±100 %").click()
    wide = answered(tab, fixed)
    assert changed(fixed, wide) == {"scale", "scale_legend", "shift", "shift_legend"}
    paleness = [answer[1]["shift"].min(axis=2).mean() for answer in (fixed, wide)]  # white is where C does nothing
    assert paleness[0] < paleness[1]
    tab.click("#inspect-color-range input")
    tab.get_by_role("option", name="Automatic").click()
    assert not changed(first, answered(tab, wide))
    assert not errors


def test_the_page_says_that_it_computes_before_the_pictures_come_and_not_after(page, app_url, add_run, errors):
    page.add_init_script("""
        window.said = [];
        document.addEventListener("pb-wait", ({ detail: { key, words } }) => {
            if (key === "inspect") said.push(words);
        });
    """)
    add_run("Waited for", "toy")
    open_app(page, app_url)
    choose_effect(page, "Runs without an effect")
    open_tab(page, "3 Inspect")
    open_tab(page, "1 Pairs")  # where nobody looks again, which would end a wait, too
    wait_until(page, "() => said.includes('')")
    assert page.evaluate("said[0]"), "it was over before it began"
    assert not errors
