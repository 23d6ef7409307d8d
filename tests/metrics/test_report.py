import json

import pytest
from PIL import Image, ImageDraw

from editor.metrics import report as report_module
from editor.metrics.psnr import MAX_PSNR
from editor.metrics.report import DoNothing, evaluate
from editor.pairs.errors import PairError
from editor.pairs.store import PairStore


def paint(image: Image.Image) -> Image.Image:
    """Put a white square into the middle: the effect of these tests."""
    image = image.copy()
    w, h = image.size
    ImageDraw.Draw(image).rectangle((w // 4, h // 4, 3 * w // 4, 3 * h // 4), fill="white")
    return image


@pytest.fixture
def store(tmp_path) -> PairStore:
    store = PairStore(tmp_path / "pairs")
    for number, color in enumerate(("navy", "teal", "maroon", "black", "purple")):
        source = Image.new("RGB", (32, 32), color)
        store.add(f"{number}", source, paint(source))
    return store


def test_perfect_editor(store):
    report = evaluate(paint, store, size=32)
    assert (report.images, report.size) == (5, 32)
    assert (report.psnr, report.ssim, report.diou) == pytest.approx((MAX_PSNR, 1.0, 1.0))
    assert report.do_nothing.psnr < 15 and report.do_nothing.ssim < 0.8


def test_the_whole_picture_is_edited_where_that_is_asked_for(store):
    given = []
    for at_full_size in (False, True):
        report = evaluate(lambda image: given.append(image.size) or paint(image), store, 16, at_full_size=at_full_size)
        assert report.size == 16
    assert report.psnr == pytest.approx(MAX_PSNR), "the same whole picture was edited and then made smaller"
    assert given == [(16, 16)] * 5 + [(32, 32)] * 5


def test_idle_editor_equals_do_nothing(store):
    report = evaluate(lambda image: image, store, size=32)
    assert report.do_nothing == DoNothing(psnr=report.psnr, ssim=report.ssim)
    assert report.diou == 0


def test_json_has_the_agreed_shape(store):
    content = json.loads(json.dumps(evaluate(paint, store, size=32).to_dict(), allow_nan=False))
    assert list(content) == ["images", "size", "psnr", "ssim", "diou", "do_nothing", "seconds_per_image"]
    assert list(content["do_nothing"]) == ["psnr", "ssim"]
    assert content["images"] == 5 and content["seconds_per_image"] > 0


def test_means_are_over_pictures(store):
    """One perfect picture of five lifts the mean by a fifth of the way."""
    black = Image.new("RGB", (32, 32), "black").tobytes()
    idle = evaluate(lambda image: image, store, size=32)
    mixed = evaluate(lambda image: paint(image) if image.tobytes() == black else image, store, size=32)
    assert mixed.diou == pytest.approx(1 / 5)
    assert mixed.ssim > idle.ssim


def test_other_shapes_and_sizes_are_fitted_alike(tmp_path):
    store = PairStore(tmp_path)
    source = Image.new("RGB", (96, 60), "navy")
    store.add("wide", source, source)
    seen = []
    report = evaluate(lambda image: seen.append(image.size) or image, store, size=32)
    assert seen == [(32, 32)]
    assert report.psnr == MAX_PSNR == report.do_nothing.psnr


def test_what_a_run_has_cut_off_is_not_measured(tmp_path):
    store = PairStore(tmp_path)
    source = Image.new("RGB", (96, 32), "navy")
    target = source.copy()
    target.paste("white", (0, 0, 30, 32))
    store.add("wide", source, target)
    assert evaluate(lambda image: image, store, size=32, fit="crop").psnr == MAX_PSNR
    assert evaluate(lambda image: image, store, size=32).psnr < MAX_PSNR


def test_time_is_that_of_the_edit_alone(store, monkeypatch):
    ticks = iter(range(100))
    monkeypatch.setattr(report_module.time, "perf_counter", lambda: next(ticks))
    assert evaluate(paint, store, size=32).seconds_per_image == 1


def test_progress_is_reported(store):
    calls = []
    evaluate(paint, store, size=32, on_image=lambda done, total: calls.append((done, total)))
    assert calls == [(n, 5) for n in range(1, 6)]


def test_what_cannot_be_measured_is_refused(store, tmp_path):
    with pytest.raises(PairError, match="no pairs"):
        evaluate(paint, PairStore(tmp_path / "nothing"), size=32)
    with pytest.raises(ValueError, match=r"0 has size \(16, 16\)"):
        evaluate(lambda image: image.resize((16, 16)), store, size=32)
