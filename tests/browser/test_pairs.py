import zipfile

import pytest
from PIL import Image
from playwright.sync_api import expect

from editor.pairs.store import PairStore
from tests.browser.pages import (
    be_in_app,
    create_effect,
    draw_pairs,
    drop,
    expect_error,
    expect_pairs,
    reload,
)
from tests.conftest import draw_toy_pair

HEAP = "pairs-folder"
FOLDER = f"#{HEAP} input[webkitdirectory]"


@pytest.fixture
def page(shared_page):
    """One page, where each test has effects of its own."""
    return shared_page


def card(page, name):
    return page.locator(f'#pairs-cards .pb-pair[data-pair="{name}"]')


def test_a_heap_that_says_what_it_is_needs_no_click(page, app_url, workspace, tmp_path, errors):
    sources, targets = draw_pairs(tmp_path, ["ant", "bee", "cat", "dog", "eel", "fox"])
    heap = [
        path.rename(tmp_path / f"{path.stem}_{side}.png")
        for side, paths in (("before", sources), ("after", targets))
        for path in paths
    ]
    be_in_app(page, app_url)
    create_effect(page, "Heap")
    expect(page.locator("#pairs-cards")).to_contain_text("No pairs yet")
    drop(page, HEAP, heap)
    expect_pairs(page, 6)
    expect(page.locator("#pairs-report")).to_contain_text("Added 6 pairs.")
    page.get_by_role("button", name="Undo: take 6 pairs out again").click()
    expect_pairs(page, 0)
    drop(page, HEAP, heap)
    expect_pairs(page, 6)

    both = page.locator(".pb-pair:is([data-pair=ant], [data-pair=cat])").get_by_text("Keep for testing")
    both.evaluate_all("buttons => buttons.forEach((button) => button.click())")  # before either is answered
    for name in ("ant", "cat"):
        expect(card(page, name)).to_have_attribute("data-held-out", "true")
    card(page, "bee").get_by_label("Remove pair bee").click()
    expect_pairs(page, 5)
    page.get_by_role("button", name="Undo: put pair bee back").click()
    expect_pairs(page, 6)
    expect(page.locator("#pairs-undo")).to_be_hidden()
    card(page, "bee").get_by_label("Rename pair bee").click()
    page.keyboard.type("bumblebee")
    page.keyboard.press("Enter")
    expect(card(page, "bumblebee")).to_be_visible()

    reload(page, errors)
    expect(page.locator("#effect input")).to_have_value("Heap")
    expect_pairs(page, 6)
    expect(card(page, "ant")).to_have_attribute("data-held-out", "true")
    stored = PairStore(workspace / "effects" / "heap").pairs()
    assert [pair.name for pair in stored] == ["ant", "bumblebee", "cat", "dog", "eel", "fox"]
    assert not errors


def test_two_sides_zip_and_what_waits(page, app_url, tmp_path, errors):
    sources, targets = draw_pairs(tmp_path / "mine", ["one", "two", "three"])
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        for path in (*sources, *targets):
            archive.write(path, f"more/{path.parent.name}/zip-{path.name}")
        archive.writestr("../outside.png", b"x")
    be_in_app(page, app_url)
    create_effect(page, "Sides and zip")
    drop(page, "pairs-sources", sources)
    plan = page.locator("#pairs-plan")
    expect(plan).to_contain_text("3 pictures without a partner")
    drop(page, "pairs-targets", targets[:2])
    expect(plan).to_contain_text("2 pairs found, 1 picture left over.")
    page.click("#plan-add")
    expect_pairs(page, 2)
    expect(plan).to_contain_text("1 picture without a partner")
    drop(page, "pairs-targets", targets[2:])
    expect_pairs(page, 3)
    expect(page.locator("#pairs-plan .pb-plan")).to_have_count(0)
    drop(page, HEAP, [tmp_path / "more.zip"])
    expect(plan).to_contain_text("outside.png Its path leads out of the archive.")
    page.click("#plan-add")
    expect_pairs(page, 6)
    expect(page.locator("#pairs-report")).to_contain_text("outside.png was left out")
    assert not errors


def test_a_guess_is_corrected(page, app_url, workspace, tmp_path, errors):
    sources, targets = draw_pairs(tmp_path, ["cat", "dog", "eel"])
    (tmp_path / "mine").mkdir()
    (tmp_path / "target").rename(tmp_path / "mine" / "first")
    (tmp_path / "source").rename(tmp_path / "mine" / "second")
    be_in_app(page, app_url)
    create_effect(page, "Guess")
    page.set_input_files(FOLDER, tmp_path / "mine")
    plan = page.locator("#pairs-plan")
    expect(plan).to_contain_text("This is a guess")
    expect(plan).to_contain_text("guess by alphabet")
    expect_pairs(page, 0)
    page.click("#plan-swap")
    expect(plan).to_contain_text("You swapped the sides.")
    plan.get_by_label("Take eel apart").click()
    expect(page.locator("#plan-left-over")).to_contain_text("Left over: 2 pictures")
    for folder in ("second", "first"):
        plan.locator(f'[data-path="mine/{folder}/eel.png"]').click()
    expect(plan).to_contain_text("You chose these two.")  # paired by the second click
    page.get_by_role("button", name="Add 3 pairs").click()
    expect_pairs(page, 3)
    with Image.open(workspace / "effects" / "guess" / "source" / "eel.png") as stored:
        assert stored.tobytes() == draw_toy_pair(2, 96)[0].tobytes()
    assert not errors


def test_pairing_by_hand_stays_in_sight(page, app_url, tmp_path, errors):
    sources, _ = draw_pairs(tmp_path, [f"picture {number}" for number in range(20)])
    be_in_app(page, app_url)
    create_effect(page, "By hand")
    page.set_viewport_size({"width": 2000, "height": 700})
    box = page.locator("#steps").bounding_box()
    assert abs(box["x"] - (2000 - box["x"] - box["width"])) < 20 and box["width"] > 1500  # in the middle of the window
    page.set_viewport_size({"width": 1280, "height": 700})

    # What is dragged in finds the list of effects closed, and the place there.
    page.click("#effect input")
    expect(page.get_by_role("option").first).to_be_visible()
    place = page.locator("#pairs-folder .pb-drop")
    place.dispatch_event("dragenter")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(place).to_have_css("opacity", "1")
    place.dispatch_event("dragleave")
    drop(page, "pairs-sources", sources)
    plan = page.locator("#pairs-plan")
    expect(plan).to_contain_text("20 pictures without a partner")
    pictures = plan.locator("#plan-left-over [data-path]")
    expect(pictures).to_have_count(20)
    first, second, third = (pictures.nth(index) for index in range(3))
    bar = plan.locator(".pb-chosen")
    first.click()
    expect(bar).to_contain_text("Now click the picture after")
    expect(bar).to_be_in_viewport(ratio=1)
    second.click()
    expect(plan).to_contain_text("1 pair found, 18 pictures left over.")
    expect(bar.locator("#plan-undo")).to_be_in_viewport(ratio=1)
    page.click("#plan-undo")
    expect(plan).to_contain_text("20 pictures without a partner")
    expect(bar).to_be_hidden()
    third.drag_to(first)  # the one that is dragged is the one after
    expect(plan).to_contain_text("1 pair found, 18 pictures left over.")
    sides = plan.locator("[data-planned] [data-path]")
    expect(sides.first).to_have_attribute("data-path", "before/picture 0.png")
    expect(sides.last).to_have_attribute("data-path", "before/picture 2.png")
    page.click("#plan-discard")
    expect(plan).not_to_contain_text("pair found")  # else it would wait for the next page, too
    assert not errors


def test_the_doctor_and_effects(page, app_url, tmp_path, errors):
    for seed in range(6):
        source, target = draw_toy_pair(seed, 128)
        source.save(tmp_path / f"{seed}_before.png")
        (target.crop((-6, 0, 122, 128)) if seed == 4 else target).save(tmp_path / f"{seed}_after.png")
    be_in_app(page, app_url)
    create_effect(page, "Doctor")
    drop(page, HEAP, sorted(tmp_path.glob("*.png")))
    doctor = page.locator("#pairs-doctor")
    expect(doctor).to_contain_text("1 pair needs a look")
    expect(card(page, "4")).to_contain_text("The picture after is shifted by about 6 pixels to the right.")
    page.click("#doctor-filter")
    expect_pairs(page, 1)
    card(page, "4").get_by_label("Align 4", exact=True).click()
    expect(doctor).to_contain_text("found nothing wrong")
    page.click("#doctor-filter")
    expect(card(page, "4")).to_contain_text("122 x 128 px")
    card(page, "4").get_by_label("Undo the alignment of 4").click()
    expect(card(page, "4")).to_contain_text("128 x 128 px")
    expect(doctor).to_contain_text("1 pair needs a look")

    chosen, table = page.locator("#effect input"), page.locator("#effects-table")
    page.get_by_role("button", name="All effects, storage and trash").click()
    table.get_by_label("Rename the effect Doctor").click()
    page.keyboard.type("Blue disc, shifted")
    page.keyboard.press("Enter")
    expect(chosen).to_have_value("Blue disc, shifted")
    table.get_by_label("Duplicate the effect Blue disc, shifted").dblclick()  # one copy all the same
    expect(chosen).to_have_value("Blue disc, shifted copy")
    table.get_by_label("Delete the effect Blue disc, shifted copy").click()
    expect(table.locator("#trash")).to_contain_text("Blue disc, shifted copy (effect)")
    expect(chosen).not_to_have_value("Blue disc, shifted copy")
    page.click("#pairs-undo")
    expect(chosen).to_have_value("Blue disc, shifted copy")
    expect_pairs(page, 6)
    assert not errors


def test_bad_input_is_told_in_one_sentence(page, app_url, tmp_path, errors):
    sources, targets = draw_pairs(tmp_path, ["good", "broken", "empty", "narrow"])
    targets[1].write_text("not a picture")
    sources[2].write_bytes(b"")
    draw_pairs(tmp_path / "other", ["narrow"])[0][0].replace(sources[3])
    Image.new("RGB", (200, 50)).save(targets[3])
    (tmp_path / "fake.zip").write_text("not a zip")
    be_in_app(page, app_url)
    page.click("#effect-create")
    expect_error(page, "Give the effect a name")
    create_effect(page, "Bad input")
    drop(page, "pairs-sources", sources)
    expect(page.locator("#pairs-plan")).to_contain_text("4 pictures without a partner")
    drop(page, "pairs-targets", targets)
    expect_pairs(page, 1)
    report = page.locator("#pairs-report")
    for words in ("broken.png (after) is not a picture", "empty.png (before) is empty", "Crop them to the same shape"):
        expect(report).to_contain_text(words)
    drop(page, HEAP, [tmp_path / "fake.zip"])
    expect(report).to_contain_text("fake.zip is not a zip file")
    page.get_by_role("tab", name="2 Train").click()
    page.click("#train-start")
    expect_error(page, "at least 2 are needed")
    page.get_by_role("tab", name="1 Pairs").click()
    expect_pairs(page, 1)
    create = page.locator("#effect-create")
    page.fill("#effect-name textarea, #effect-name input", "bad INPUT")
    create.click()
    expect_error(page, "There is an effect called")
    assert not errors
