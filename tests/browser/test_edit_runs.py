"""Edits and the runs behind them: several side by side, one that is learning, and one that goes on from another."""

import re
from functools import partial

import numpy as np
from playwright.sync_api import expect

from editor.editing.editor import Editor
from editor.image_files import load_image
from editor.models.editing_model import EditingModel
from editor.training.checkpoint import save_weights
from editor.training.history import read_history
from editor.training.manifest import save_version
from editor.training.run_folder import RunFolder
from tests.browser.pages import PATIENCE, STATUS, before_and_after, drop, expect_error, expect_state, open_tab, pixels
from tests.conftest import draw_toy_pair


def edit_photo(tab, tmp_path):
    """Drop mine.png, 90 x 90 pixels, and return its edit."""
    draw_toy_pair(62, 90)[0].save(tmp_path / "mine.png")
    drop(tab, "edit-photo", [tmp_path / "mine.png"])
    expect(tab.locator("#edit-note")).to_contain_text("90 x 90 pixels")
    return before_and_after(tab)[1]


def src(tab):
    return tab.locator("#edit-after img").get_attribute("src")


def expect_another_edit(tab, old):
    expect(tab.locator("#edit-after img")).not_to_have_attribute("src", old)


def stop(tab):
    tab.click("#train-stop")
    expect_state(tab, "stopped")


def forget(path):
    """Give a run the weights of one that has not been trained."""
    run = RunFolder.open(path)
    for weights in (run.weights_path, run.chosen_weights_path):
        save_version(weights, partial(save_weights, model=EditingModel(run.config), step=1))


def test_runs_that_have_learned_are_compared(tab, run, add_run, tmp_path, errors):
    add_run("Forgetful", run, forget)
    add_run("Untrained", run, lambda path: [weights.unlink() for weights in path.glob("*weights*")])
    edited = edit_photo(tab, tmp_path)
    tab.locator("#edit-compare button").first.click()
    tab.click("#edit-compare-runs input")
    offered = tab.locator("#edit-compare-runs").get_by_role("option")
    expect(offered.filter(has_text="Forgetful")).to_be_visible()
    expect(offered.filter(has_text="Untrained")).to_have_count(0)
    offered.filter(has_text="Edit tests").click()
    tab.click("#edit-compare-button")
    expect_error(tab, "Choose 2 to 4 runs")
    tab.click("#edit-compare-runs input")
    offered.filter(has_text="Forgetful").click()
    tab.click("#edit-compare-button")

    takes = tab.locator("#edit-takes figure")
    expect(takes.locator("strong")).to_have_text(["Edit tests", "Forgetful"])
    learned, forgotten = (pixels(tab, takes.nth(index).locator("img")) for index in range(2))
    np.testing.assert_array_equal(learned, edited)
    assert np.abs(learned - forgotten).mean() > 1

    old = src(tab)
    tab.get_by_role("button", name="Edit with Forgetful").click()
    expect_another_edit(tab, old)
    expect(tab.locator("#edit-run input")).to_have_value(re.compile("^Forgetful,"))
    np.testing.assert_array_equal(before_and_after(tab)[1], forgotten)
    assert not errors


def test_the_newest_weights_are_followed_while_a_run_learns(tab, workspace, tmp_path, errors):
    edit_photo(tab, tmp_path)
    old = src(tab)
    tab.locator("#edit-scope").select_option("everywhere")
    expect_another_edit(tab, old)
    expect(tab.locator("#edit-note")).to_contain_text("Outside the area, the edit changes")
    edited, old = before_and_after(tab)[1], src(tab)
    folder = workspace / "runs" / "edit-tests"
    saved = (folder / "weights.safetensors").stat().st_mtime_ns
    open_tab(tab, "2 Train")
    tab.fill("#train-minutes input", "10")
    tab.click("#train-continue")
    expect_state(tab, "running")
    open_tab(tab, "4 Edit")
    for _ in range(PATIENCE // 200):
        if is_newer := (folder / "weights.safetensors").stat().st_mtime_ns > saved:
            break
        tab.wait_for_timeout(200)
    assert is_newer
    assert src(tab) == old  # nobody asked for others

    tab.locator("#edit-compare button").first.click()
    tab.get_by_label("Newest weights").check()
    for _ in range(3):  # at once, and then whenever there are others
        expect_another_edit(tab, old)
        old = src(tab)
    open_tab(tab, "2 Train")
    stop(tab)
    open_tab(tab, "4 Edit")
    wanted = np.asarray(Editor.load(folder, "cpu", weights="newest").edit(tmp_path / "mine.png").image, dtype=float)
    for _ in range(PATIENCE // 200):
        if np.abs(before_and_after(tab)[1] - wanted).max() <= 1:
            break
        tab.wait_for_timeout(200)
    assert np.abs(before_and_after(tab)[1] - wanted).max() <= 1
    assert np.abs(wanted - edited).max() > 1
    assert not errors


def test_a_corrected_picture_from_another_program_takes_the_place_of_the_edit(tab, tmp_path, errors):
    edited = edit_photo(tab, tmp_path)
    old, note, undo = src(tab), tab.locator("#edit-note"), tab.get_by_role("button", name="Undo correction")
    picture = draw_toy_pair(62, 90)[1]
    picture.crop((0, 0, 90, 60)).save(tmp_path / "cropped.png")
    picture.save(tmp_path / "corrected.png")
    (tmp_path / "broken.png").write_text("not a picture")
    tab.locator("#edit-pair button").first.click()
    drop(tab, "edit-corrected", [tmp_path / "cropped.png"])
    expect_error(tab, "is 90 x 60 pixels and mine.png is 90 x 90")
    expect(undo).to_be_hidden()
    assert src(tab) == old

    drop(tab, "edit-corrected", [tmp_path / "corrected.png"])
    expect(note).to_contain_text("Corrected by you")
    expect_another_edit(tab, old)
    corrected = src(tab)
    np.testing.assert_array_equal(before_and_after(tab)[1], np.asarray(picture, dtype=float))
    drop(tab, "edit-corrected", [tmp_path / "broken.png"])
    expect_error(tab, "broken.png is not a picture")
    assert src(tab) == corrected
    expect(note).to_contain_text("Corrected by you")

    undo.click()
    expect(undo).to_be_hidden()
    np.testing.assert_array_equal(before_and_after(tab)[1], edited)
    assert not errors


def test_training_goes_on_with_a_corrected_edit(tab, run, workspace, trained_run, tmp_path, errors):
    edit_photo(tab, tmp_path)
    picture = draw_toy_pair(62, 90)[1]
    picture.save(tmp_path / "corrected.png")
    tab.locator("#edit-pair button").first.click()
    drop(tab, "edit-corrected", [tmp_path / "corrected.png"])
    expect(tab.locator("#edit-note")).to_contain_text("Corrected by you")
    told = tab.locator("#edit-pair-note")
    tab.click("#edit-add-pair")
    expect(told).to_contain_text("17 pairs now")
    expect(told).to_contain_text("Continue training")
    tab.fill("#edit-warm-minutes input", "7")
    tab.click("#edit-warm")
    expect(told).to_contain_text("Learning goes on")
    expect(tab.locator("#edit-run input")).to_have_value(re.compile("^Edit tests 2,"))
    tab.click("#edit-warm")
    expect_error(tab, "already in progress")

    open_tab(tab, "2 Train")
    expect_state(tab, "running")
    expect(tab.locator(STATUS)).to_contain_text("Edit tests 2")
    expect(tab.locator(STATUS)).not_to_have_attribute("data-step", "0")
    stop(tab)
    expect(tab.locator("#train-continue")).to_have_text(re.compile(r"Continue: [1-7]:\d\d left"))
    (path,) = (workspace / "runs").glob("*-edit-tests-2")
    begun, old = (read_history(folder) for folder in (RunFolder.open(path), trained_run))
    assert begun.num_pairs == old.num_pairs + 1
    assert begun.num_held_out == old.num_held_out
    assert begun.previews[0].step == 0
    assert begun.previews[0].psnr > begun.unedited_psnr + (old.previews[-1].psnr - old.unedited_psnr) / 2
    assert not errors


def test_the_best_match_is_named_and_can_be_chosen_by_its_picture(tab, workspace, tmp_path, errors):
    edit_photo(tab, tmp_path)
    note = tab.locator("#edit-note")
    editor = Editor.load(workspace / "runs" / "edit-tests", "cpu")
    (best,) = editor.predict(load_image(tmp_path / "mine.png"), choice="best").references
    old = src(tab)
    tab.locator("#edit-advanced button").first.click()
    match = tab.get_by_role("button", name="Best match")
    match.click()
    expect(match).to_have_attribute("aria-pressed", "true")
    expect_another_edit(tab, old)
    expect(note).to_contain_text(f"going by pair {best}.")
    matched, old = before_and_after(tab)[1], src(tab)

    picture = tab.get_by_role("button", name=f"Go by pair {best}")
    picture.click()
    expect(picture).to_have_attribute("aria-pressed", "true")
    expect(match).to_have_attribute("aria-pressed", "false")
    expect_another_edit(tab, old)
    np.testing.assert_array_equal(before_and_after(tab)[1], matched)
    assert not errors
