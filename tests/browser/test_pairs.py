import zipfile

from PIL import Image
from playwright.sync_api import expect

from editor.pairs.store import PairStore
from tests.browser.pages import (
    create_effect,
    draw_pairs,
    drop,
    expect_error,
    expect_pairs,
    looks_like_something,
    open_app,
    pixels,
    screenshot,
)


def test_the_first_launch_shows_the_sample_effect(page, app_url, errors):
    open_app(page, app_url)
    expect_pairs(page, 32)
    expect(page.locator("#pairs-summary")).to_contain_text("28 to learn from, 4 held out")
    before, after = (pixels(page, page.locator("#pairs-cards img").nth(index)) for index in (0, 1))
    assert looks_like_something(before)
    assert abs(before - after).mean() > 3
    assert looks_like_something(screenshot(page.locator("#pairs-cards .pb-pair").first))
    assert not errors


def test_pairs_from_two_drops(page, app_url, workspace, tmp_path, errors):
    sources, targets = draw_pairs(tmp_path, ["ant", "bee", "cat", "dog", "eel", "fox"])
    open_app(page, app_url)
    create_effect(page, "Two drops")
    expect_pairs(page, 0)
    expect(page.locator("#pairs-cards")).to_contain_text("No pairs yet")

    drop(page, "pairs-sources", sources)
    expect(page.locator("#pairs-report")).to_contain_text("6 pictures before wait")
    drop(page, "pairs-targets", targets[:-1])
    expect_pairs(page, 5)
    expect(page.locator("#pairs-report")).to_contain_text("Added 5 pairs.")
    expect(page.locator("#pairs-report")).to_contain_text("fox.png")
    expect(page.locator("#pairs-sources")).to_contain_text("fox")
    drop(page, "pairs-targets", targets[-1:])
    expect_pairs(page, 6)

    for name in ("ant", "cat"):  # one right after the other
        page.locator(f'.pb-pair[data-pair="{name}"]').get_by_text("Hold out").click()
    for name in ("ant", "cat"):
        expect(page.locator(f'.pb-pair[data-pair="{name}"]')).to_have_attribute("data-held-out", "true")
    card = page.locator('.pb-pair[data-pair="bee"]')
    card.get_by_label("Remove pair bee").click()
    expect_pairs(page, 5)
    page.get_by_role("button", name="Undo: put pair bee back").click()
    expect_pairs(page, 6)
    expect(page.locator("#pairs-undo")).to_be_hidden()
    card.get_by_label("Remove pair bee").click()
    expect_pairs(page, 5)

    page.reload()
    errors.clear()  # of requests that the reload cut off
    expect(page.locator("#effect input")).to_have_value("Two drops", timeout=20_000)
    expect_pairs(page, 5)
    expect(page.locator('.pb-pair[data-pair="ant"]')).to_have_attribute("data-held-out", "true")
    stored = PairStore(workspace / "effects" / "two-drops").pairs()
    assert [pair.name for pair in stored] == ["ant", "cat", "dog", "eel", "fox"]
    assert not errors


def test_pairs_from_a_folder_and_from_a_zip(page, app_url, tmp_path, errors):
    draw_pairs(tmp_path / "mine", ["one", "two", "three"])
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        for path in sorted((tmp_path / "mine").rglob("*.png")):
            archive.write(path, f"more/{path.parent.name}/zip-{path.name}")
        archive.writestr("../outside.png", b"x")
    open_app(page, app_url)
    create_effect(page, "Folder and zip")
    page.set_input_files("#pairs-folder input[webkitdirectory]", tmp_path / "mine")
    expect_pairs(page, 3)
    page.set_input_files("#pairs-folder input[accept='.zip']", tmp_path / "more.zip")
    expect_pairs(page, 6)
    expect(page.locator("#pairs-report")).to_contain_text("outside.png was left out")
    assert not errors


def test_bad_input_is_told_in_one_sentence(page, app_url, tmp_path, errors):
    sources, targets = draw_pairs(tmp_path, ["good", "broken", "empty", "narrow"])
    targets[1].write_text("not a picture")
    sources[2].write_bytes(b"")
    draw_pairs(tmp_path / "other", ["narrow"])[0][0].replace(sources[3])
    Image.new("RGB", (200, 50)).save(targets[3])
    (tmp_path / "fake.zip").write_text("not a zip")
    open_app(page, app_url)
    page.click("#effect-create")
    expect_error(page, "Give the effect a name")
    create_effect(page, "Bad input")
    drop(page, "pairs-sources", sources)
    drop(page, "pairs-targets", targets)
    expect_pairs(page, 1)
    report = page.locator("#pairs-report")
    for words in ("broken.png (after) is not a picture", "empty.png (before) is empty", "Crop them to the same shape"):
        expect(report).to_contain_text(words)
    page.set_input_files("#pairs-folder input[accept='.zip']", tmp_path / "fake.zip")
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
