"""Frames: squares of a large photo that are edited instead of all of it, by mouse, by keyboard, and suggested."""

import shutil

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from editor.workspace import Workspace
from tests.browser.pages import before_and_after, choose_effect, drop, open_app, open_tab
from tests.conftest import draw_toy_pair, fill_with_toy_pairs
from tests.editing.test_detection import draw_face, ground

SIZE = (400, 300)


@pytest.fixture
def large(tab, tmp_path):
    """The Edit tab with a large photo that has two small pictures in it, and the tool for frames in hand."""
    photo = Image.effect_noise(SIZE, 40).convert("RGB")
    photo.paste(draw_toy_pair(3, 80)[0], (40, 50))
    photo.paste(draw_toy_pair(4, 100)[0], (260, 150))
    photo.save(tmp_path / "group.png")
    drop(tab, "edit-photo", [tmp_path / "group.png"])
    expect(tab.locator("#edit-note")).to_contain_text("400 x 300 pixels")
    tab.get_by_role("button", name="Frames", exact=True).click()
    return tab


class Answered:
    """Waits until the server has answered with another edit."""

    def __init__(self, tab):
        self.after = tab.locator("#edit-after img")

    def __enter__(self):
        self.old = self.after.get_attribute("src")

    def __exit__(self, *error):
        if not any(error):
            expect(self.after).not_to_have_attribute("src", self.old)


def drag(tab, start, end):
    box = tab.locator("#edit-before").bounding_box()
    scale = box["width"] / SIZE[0]
    (x, y), (to_x, to_y) = ((box["x"] + x * scale, box["y"] + y * scale) for x, y in (start, end))
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(to_x, to_y, steps=4)
    tab.mouse.up()


def changed(tab):
    before, after = before_and_after(tab)
    return (before != after).any(axis=2)


def expect_changed_within(tab, left, top, side):
    mask = changed(tab)
    assert mask[top : top + side, left : left + side].any()
    mask[top : top + side, left : left + side] = False
    assert not mask.any()


def test_frames_are_drawn_moved_resized_and_undone_with_the_mouse(large, errors):
    frames = large.locator("[data-frame]")
    with Answered(large):
        drag(large, (40, 50), (120, 130))
    expect(frames).to_have_count(1)
    expect_changed_within(large, 38, 48, 84)
    with Answered(large):
        drag(large, (300, 170), (350, 250))  # a second one
    expect(frames).to_have_count(2)
    with Answered(large):
        drag(large, (340, 230), (310, 230))  # is moved
    with Answered(large):
        drag(large, (270, 170), (262, 152))  # and its corner
    expect(frames).to_have_count(2)
    mask = changed(large)
    assert mask[50:130, 40:120].any() and mask[152:250, 262:350].any()
    assert not mask[:45].any() and not mask[:, :35].any() and not mask[:, 122:258].any()

    for _ in range(3):
        with Answered(large):
            large.keyboard.press("Control+z")
    expect(frames).to_have_count(1)
    with Answered(large):
        large.get_by_role("button", name="Remove this frame: 1").click()
    expect(frames).to_have_count(0)
    assert not errors


def test_frames_by_keyboard_and_what_is_outside_keeps_every_pixel(large, errors):
    with Answered(large):
        large.locator("[data-frame-add]").press("Enter")
    frame = large.get_by_role("group", name="Frame 1")
    expect(frame).to_be_focused()
    place = "node => ['left', 'top', 'width'].map((side) => parseFloat(node.style[side]))"
    before = frame.evaluate(place)
    with Answered(large):
        for key in ("ArrowLeft", "ArrowUp", "+", "+"):
            large.keyboard.press(key)
    left, top, side = frame.evaluate(place)
    assert left < before[0] and top < before[1] and side > before[2]
    with Answered(large):
        large.keyboard.press("Delete")
    expect(frame).to_have_count(0)
    expect(large.locator("[data-frame-add]")).to_be_focused()
    assert not errors


def test_frames_go_to_the_file_that_is_downloaded(large, errors):
    with Answered(large):
        drag(large, (40, 50), (120, 130))
    shown = before_and_after(large)[1]
    with large.expect_download() as download:
        large.click("#edit-download")
    np.testing.assert_array_equal(np.asarray(Image.open(download.value.path()), dtype=float), shown)
    assert not errors


@pytest.fixture
def faces(page, app_url, workspace, add_run):
    """The Edit tab with a run that has learned from faces, as far as its pairs tell."""

    def learn(path):
        for seed, source in enumerate(sorted((path / "pairs" / "source").iterdir())):
            face = draw_face(seed, 32)
            face.save(source)
            face.paste("blue", (8, 8, 20, 20))
            face.save(path / "pairs" / "target" / source.name)

    effect = Workspace(workspace).create_effect("Faces", fill=lambda store: fill_with_toy_pairs(store, 2))
    add_run("Faces", effect.slug, learn)
    open_app(page, app_url, mode="simple")
    choose_effect(page, "Faces")
    open_tab(page, "4 Edit")
    yield page
    shutil.rmtree(workspace / "effects" / effect.slug)


def test_what_looks_like_the_pairs_is_suggested_in_a_large_photo_and_edited_alone(faces, tmp_path, errors):
    places = [(90, 80, 110), (480, 300, 170)]
    photo = ground()
    for number, (x, y, side) in enumerate(places):
        photo.paste(draw_face(100 + number, side), (x, y))
    photo.save(tmp_path / "group.png")
    drop(faces, "edit-photo", [tmp_path / "group.png"])
    expect(faces.locator("#edit-large-words")).to_contain_text("Dashed: what looks most like them.")
    assert faces.locator(".pb-ghost").count() >= len(places)
    with Answered(faces):
        faces.get_by_role("button", name="Edit only that").click()
    expect(faces.locator("#edit-large")).to_be_hidden()
    expect(faces.locator("[data-frame]").first).to_be_visible()
    mask = changed(faces)
    for x, y, side in places:
        assert mask[y : y + side, x : x + side].any()
    assert not mask[:70].any() and not mask[:, 700:].any()  # where nothing was found

    (tmp_path / "group.png").rename(tmp_path / "again.png")  # declined, it is edited as a whole and asked no more
    drop(faces, "edit-photo", [tmp_path / "again.png"])
    expect(faces.locator("#edit-name")).to_have_text("again.png")
    faces.get_by_role("button", name="No, all of it").click()
    expect(faces.locator("#edit-large")).to_be_hidden()
    expect(faces.locator(".pb-ghost")).to_have_count(0)
    assert not errors
