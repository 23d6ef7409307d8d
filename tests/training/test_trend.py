import math
from dataclasses import replace

import pytest

from editor.training.history import History, PreviewPoint, WeightSelection, best_preview
from editor.training.trend import trend


def previews(curve, seconds=200.0, count=41, is_held_out=True):
    """Return previews at even times, their PSNR given as a function of the seconds."""
    times = [seconds * index / (count - 1) for index in range(count)]
    return [PreviewPoint(int(10 * t), t, curve(t), 0.9, is_held_out, ()) for t in times]


def rising(t):
    return 20 + 10 * t / 200


def saturating(t):
    return 20 + 10 * (1 - math.exp(-t / 10))


def peaking(t):
    return 20 + t / 10 if t < 60 else 26 - (t - 60) / 20


@pytest.mark.parametrize(
    ("curve", "kind"), [(rising, "improving"), (saturating, "flat"), (peaking, "overfitting"), (lambda t: 20.0, "flat")]
)
def test_the_three_shapes_of_a_curve(curve, kind):
    assert trend(previews(curve)).kind == kind


def test_nothing_is_advised_before_an_edit_can_be_seen():
    """A slow computer: ten minutes of a curve that is as flat as that of a run which learns nothing more."""
    slow = [replace(point, step=index) for index, point in enumerate(previews(lambda t: 20.0, seconds=600.0))]
    assert trend(slow).kind == "starting"


@pytest.mark.parametrize("curve", [rising, saturating, peaking])
def test_wavering_previews_do_not_change_the_judgement(curve):
    wavering = previews(lambda t: curve(t) + 0.04 * math.sin(7 * t))
    assert trend(wavering).kind == trend(previews(curve)).kind


def test_one_bad_preview_is_not_overfitting():
    points = previews(rising)
    points[-1] = PreviewPoint(points[-1].step, points[-1].seconds, 20.0, 0.9, True, ())
    assert trend(points).kind == "improving"


def test_overfitting_names_the_best_moment():
    judged = trend(previews(peaking))
    assert judged.best.seconds == pytest.approx(60)
    assert judged.seconds == pytest.approx(140)


@pytest.mark.parametrize("points", [[], previews(rising, seconds=30), previews(peaking, is_held_out=False)])
def test_too_little_to_judge_by(points):
    assert trend(points).kind == "starting"


def test_the_best_is_held_out_and_never_the_untrained_model():
    points = previews(lambda t: 30 - t / 100)
    assert best_preview(points) == points[1]
    assert best_preview(previews(rising, is_held_out=False)) is None


def chosen(*psnrs, color_map=None):
    selection = WeightSelection(color_map)
    accepted = [n for n, psnr in enumerate(psnrs) if selection.accepts(PreviewPoint(n, float(n), psnr, 0.9, True, ()))]
    return accepted[-1] if accepted else None


def test_the_newest_weights_edit_unless_they_are_clearly_worse():
    assert chosen(15.0, 20.0, 25.0, 23.7) == 3
    assert chosen(15.0, 20.0, 25.0, 23.7, 23.4) == 3
    assert chosen(15.0, 20.0, 25.0, 23.4, 25.1, 23.5) == 4
    assert chosen(99.0) is None, "the untrained model edits nothing"


def test_the_color_map_alone_edits_until_the_network_is_clearly_better():
    assert chosen(40.0, 38.0, 41.0, color_map=0.97) == 0
    assert chosen(40.0, 38.0, 41.6, 41.5, 41.4, color_map=0.97) == 3
    assert chosen(40.0, 38.0, color_map=0.0) == 1


def test_m_has_to_be_better_than_the_detail_filter_by_a_margin():
    def point(step, psnr, is_base):
        return PreviewPoint(step, float(step), psnr, 0.9, True, (), is_base)

    filtered = [point(step, psnr, True) for step, psnr in ((0, 20.0), (10, 25.0), (20, 27.0))]
    worse, better = (point(30, psnr, False) for psnr in (27.3, 27.6))
    assert History(previews=(*filtered, worse)).chosen.step == 20
    assert History(previews=(*filtered, worse, better)).chosen.psnr == 27.6
