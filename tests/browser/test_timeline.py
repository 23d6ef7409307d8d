"""Looking back at a run: curves, timeline, two moments compared, the list of runs, and the film of it."""

import json
import shutil
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from editor.pairs.store import PairStore
from editor.training.run_folder import RunFolder
from tests.browser.pages import open_app, open_tab, pixels, reload, wait_until
from tests.conftest import TINY, draw_toy_pair, fill_with_toy_pairs

SCORES = [18.0, 20.0, 22.0, 24.0, 27.0, 26.5]  # dB; the best is the one before the last
HELD_OUT = "0000"
SLIDER = "#train-preview [data-moments]"
SECTION = "#train-preview section"
# All steps that it shows from now on, however short.
WATCH = """section => {
    window.shown = [];
    const watcher = new MutationObserver(() => shown.push(section.dataset.step));
    watcher.observe(section, { attributeFilter: ["data-step"] });
}"""


def write(run, kind, step, **values):
    record = {"kind": kind, "step": step, "seconds": step / 10, **values}
    with run.events_path.open("a") as file:
        file.write(json.dumps(record) + "\n")


def preview(run, step, psnr):
    source, target = draw_toy_pair(int(HELD_OUT))
    path = run.preview_path(step, HELD_OUT)
    path.parent.mkdir(parents=True)
    Image.blend(source, target, min(step / 600, 1)).save(path)
    write(run, "Preview", step, psnr=psnr, ssim=psnr / 30, is_held_out=True, pictures=[HELD_OUT])


def make_run(workspace, name, tmp_path):
    """Write down a run that nobody trained: what it says is known, and it takes no time."""
    store = fill_with_toy_pairs(PairStore(tmp_path / name), 4)
    store.set_held_out([HELD_OUT])
    run = RunFolder.create(workspace / "runs" / name, config=TINY, store=store, effect="Blue disc", name=name)
    start = {"device": "cpu", "num_pairs": 3, "num_held_out": 1, "chance_shift": None, "unedited_psnr": 17.0}
    write(run, "Started", 0, **start, budget_minutes=1.0, budget_steps=None)
    for index, psnr in enumerate(SCORES):
        for step in range(100 * index + 10, 100 * index + 101, 10):
            losses = {"source": 1 / step, "target": (2 if step % 20 else 3) / step}
            speed = {"learning_rate": 0.1, "steps_per_second": 10.0, "eta_seconds": 1.0}
            write(run, "StepDone", step, progress=0.5, losses=losses, **speed)
        preview(run, 100 * (index + 1), psnr)
    write(run, "Finished", 600, was_stopped=False)
    return run


@pytest.fixture
def runs(workspace, app_url, tmp_path):
    """Two runs in the workspace of the app, which are gone afterwards."""
    made = [make_run(workspace, name, tmp_path) for name in ("looked-back-a", "looked-back-b")]
    yield made
    for run in made:
        shutil.rmtree(run.path, ignore_errors=True)


def row_of(page, run):
    return page.locator(f'li[data-run="{run.id}"]')


def open_run(page, app_url, run):
    open_app(page, app_url)
    open_tab(page, "2 Train")
    page.get_by_role("button", name="All runs").click()
    page.get_by_label(f"Show {run.name}").click()
    expect(row_of(page, run)).to_have_attribute("aria-current", "true")
    expect(page.locator(SECTION)).to_be_visible()


def points(page, chart):
    return page.locator(f"#{chart} polyline.pb-line").first.get_attribute("points")


def test_curves_can_be_read_off(page, app_url, runs, errors):
    open_run(page, app_url, runs[0])
    losses, scores = page.locator("#train-losses"), page.locator("#train-psnr")
    expect(losses.locator("polyline")).to_have_count(4)  # two terms, a curve and a trace each
    expect(scores.locator(".pb-dot")).to_have_count(1)
    smooth = points(page, "train-losses")
    losses.locator("[data-tool=smoothing]").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(losses.locator("polyline")).to_have_count(2)  # nothing but the values themselves
    values = points(page, "train-losses")
    assert values != smooth
    losses.get_by_role("button", name="linear").click()
    assert points(page, "train-losses") != values
    scores.get_by_role("button", name="SSIM").click()
    expect(scores.locator("figcaption strong")).to_have_text("Held-out SSIM")
    expect(scores.locator(".pb-legend")).to_contain_text(f"{SCORES[-1] / 30:.3f}")
    scores.get_by_role("button", name="PSNR").click()
    scores.locator(".pb-plot").hover(position={"x": 2, "y": 50})
    expect(scores.locator(".pb-legend")).to_contain_text("18.0 dB")
    expect(scores.locator(".pb-x-title")).to_have_text("steps: 100")
    reload(page, errors)
    open_tab(page, "2 Train")
    expect(losses.get_by_role("button", name="linear")).to_have_attribute("aria-pressed", "true")
    assert not errors


def test_any_moment_can_be_looked_at_while_more_arrive(page, app_url, runs, errors):
    run = runs[0]
    open_run(page, app_url, run)
    section, slider = page.locator(SECTION), page.locator(SLIDER)
    edited = page.locator("#train-preview .pb-edited img")
    expect(section).to_have_attribute("data-step", "600")
    expect(page.locator("#train-psnr .pb-moment")).to_be_hidden()
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(section).to_have_attribute("data-step", "200")
    expect(page.locator("#train-preview dl")).to_contain_text("20.0 dB, +3.0 over no edit")
    expect(page.locator("#train-preview dl")).to_contain_text("0:20")
    expect(page.locator("#train-psnr .pb-moment")).to_be_visible()
    kept = np.asarray(Image.open(run.preview_path(200, HELD_OUT)), dtype=float)
    np.testing.assert_array_equal(pixels(page, edited), kept)

    preview(run, 700, 25.0)  # arrives while somebody looks back
    expect(slider).to_have_attribute("max", "6")
    expect(section).to_have_attribute("data-step", "200")
    expect(slider).to_be_focused()
    page.get_by_role("button", name="Best so far").click()
    expect(section).to_have_attribute("data-step", "500")
    page.locator("#train-psnr .pb-plot").click(position={"x": 1, "y": 50})
    expect(section).to_have_attribute("data-step", "100")
    page.locator("#train-preview").get_by_role("button", name="Newest", exact=True).click()
    expect(section).to_have_attribute("data-step", "700")
    preview(run, 800, 25.5)  # is followed
    expect(section).to_have_attribute("data-step", "800")
    section.evaluate(WATCH)
    page.locator("#train-preview [data-go=play]").click()
    wait_until(page, "new Set(shown).size > 2 && shown[0] === '100' && shown.at(-1) === '800'")
    assert not errors


def test_two_moments_and_two_runs_side_by_side(page, app_url, runs, errors):
    first, second = runs
    open_run(page, app_url, first)
    page.get_by_text("Compare two moments, or two runs").click()
    left, right = (page.locator(f'#timeline-ab .pb-side[data-side="{side}"]') for side in "ab")
    expect(left).to_contain_text("looked-back-a, step 300, 22.0 dB")
    expect(right).to_contain_text("looked-back-a, step 600, 26.5 dB")
    left.get_by_role("slider").press("Home")
    expect(left).to_contain_text("step 100, 18.0 dB")
    shown = [pixels(page, page.locator(f'.pb-ab-view img[data-side="{side}"]')) for side in "ab"]
    assert np.abs(shown[0] - shown[1]).mean() > 3
    view = page.locator(".pb-ab-view")
    middle = view.evaluate("view => getComputedStyle(view).getPropertyValue('--divider')")
    page.locator(".pb-divider").press("ArrowRight")
    assert view.evaluate("view => getComputedStyle(view).getPropertyValue('--divider')") != middle

    page.click("#timeline-other input")
    page.get_by_role("option", name=second.name).click()
    expect(right).to_contain_text("looked-back-b, step 500, 27.0 dB")  # each at its best
    expect(left).to_contain_text("looked-back-a, step 500, 27.0 dB")
    right.get_by_role("button", name="Newest").click()
    expect(view.locator("[data-tag=b]")).to_have_text("looked-back-b, step 600, 26.5 dB")
    expect(page.locator("#timeline-ab select option")).to_have_text([HELD_OUT])
    assert not errors


def test_the_list_of_runs(page, app_url, runs, errors):
    first, second = runs
    open_run(page, app_url, first)
    row, other = (row_of(page, run) for run in (first, second))
    expect(row).to_contain_text("best 27.0 dB, +10.0 over no edit")
    row.get_by_label("Compare").check()
    other.get_by_label("Compare").check()
    expect(page.locator("#runs-chart polyline")).to_have_count(2)
    expect(page.locator("#runs-chart .pb-legend")).to_contain_text("looked-back-b 26.5 dB")

    row.get_by_role("button", name="Rename").click()
    page.keyboard.type("Renamed <b>here</b>")
    page.keyboard.press("Enter")
    expect(row.locator("strong")).to_have_text("Renamed <b>here</b>")
    expect(page.locator("#runs-chart .pb-legend")).to_contain_text("Renamed <b>here</b>")

    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    expect(page.locator("#runs-chart polyline")).to_have_count(1)
    page.get_by_role("button", name="Undo: bring Renamed").click()
    expect(row).to_have_attribute("aria-current", "true")
    expect(page.locator("#runs-undo")).to_be_hidden()
    assert not errors


def test_the_timeline_as_a_film(page, app_url, runs, errors):
    open_run(page, app_url, runs[0])
    page.get_by_text("Save the timeline as an animation").click()
    page.click("#timeline-save")
    expect(page.locator("#timeline-download")).to_contain_text("Save GIF, ")
    with page.expect_download() as download:
        page.click("#timeline-download")
    film = Image.open(BytesIO(download.value.path().read_bytes()))
    assert (film.format, film.n_frames) == ("GIF", len(SCORES) + 2)  # before, every preview, the truth
    assert not errors
