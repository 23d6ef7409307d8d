import json
import math
import re
from dataclasses import replace

from editor.ui.components.chart import Chart, Line, View, Xs, line_chart
from editor.ui.components.run_charts import COLORS, comparison, losses, scores
from editor.workspace.timelines import evenly_spaced
from tests.ui.histories import TERMS, an_hour, watched

VIEWS = (View("PSNR", "dB", "higher is better", 1), View("<SSIM>", "", "higher is better", 3))


def test_a_chart_is_sent_as_numbers():
    chart = Chart("Score", [Xs([1, 2], [0.5, 1.0])], [Line("a", "red", [3.25, None])], mark=1)
    sent = json.loads(chart.to_json())
    assert sent["xs"] == [{"steps": [1, 2], "seconds": [0.5, 1.0]}]
    assert sent["lines"][0] == {"label": "a", "color": "red", "y": [3.25, None], "x": 0, "view": 0, "is_level": False}
    assert sent["mark"] == 1


def test_there_is_a_switch_only_where_there_is_a_choice():
    one = line_chart("one", VIEWS[:1], empty="nothing yet", is_log=True).html_template
    assert "nothing yet" in one
    assert set(re.findall(r'data-tool="(\w+)"', one)) == {"scale", "smoothing"}
    two = line_chart("two", VIEWS, empty="", axes=("steps", "seconds")).html_template
    assert set(re.findall(r'data-tool="(\w+)"', two)) == {"view", "axis"}
    assert "&lt;SSIM&gt;" in two
    assert "<SSIM>" not in two


def test_losses_are_thinned_and_the_newest_is_kept():
    history = an_hour()
    sent = json.loads(losses(history))
    assert len(sent["lines"]) == len(TERMS)
    assert len(sent["xs"][0]["steps"]) <= 300
    assert sent["xs"][0]["steps"][-1] == 20_000
    assert all(len(line["y"]) == len(sent["xs"][0]["steps"]) for line in sent["lines"])
    assert math.isclose(sent["lines"][0]["y"][-1], history.losses[-1].losses["source"], rel_tol=0.01)


def test_a_term_that_appears_later_has_no_value_before():
    history = an_hour(reports=3)
    first = replace(history.losses[0], losses={"target": 0.5})
    sent = json.loads(losses(replace(history, losses=(first, *history.losses[1:]))))
    assert sent["lines"][0]["y"][0] is None
    assert sent["lines"][1]["y"][0] == 0.5


def test_a_chart_is_drawn_again_only_for_another_history():
    """Also for one that is as long and ends at the same step."""
    history, equal = an_hour(3, 3), an_hour(3, 3)
    last = replace(history.losses[-1], losses=dict.fromkeys(TERMS, 0.5))
    better = replace(history.previews[-1], psnr=50.0)
    other = replace(history, losses=(*history.losses[:-1], last), previews=(*history.previews[:-1], better))
    assert hash(history) == hash(equal) == hash(other)
    for draw in (losses, scores):
        assert draw(history) is draw(equal)
        assert json.loads(draw(history))["lines"][0]["y"][:2] == json.loads(draw(other))["lines"][0]["y"][:2]
        assert draw(history) != draw(other)


def test_nothing_to_draw():
    assert json.loads(losses(None))["lines"] == []
    assert json.loads(scores(None))["lines"] == []
    assert json.loads(comparison([]))["lines"] == []


def test_scores_have_the_level_of_no_edit_and_mark_the_best(services, trained):
    snapshot = services.training.status(trained)
    sent = json.loads(scores(snapshot.history))
    psnr, ssim, level = sent["lines"]
    assert (psnr["view"], ssim["view"], level["is_level"]) == (0, 1, True)
    assert sent["xs"][0]["steps"][sent["mark"]] == snapshot.history.best.step
    assert sent["title"] == "Held-out"
    long = json.loads(scores(an_hour()))
    assert len(long["xs"][0]["steps"]) == 300
    assert long["mark"] == 299


def test_equal_pictures_have_a_score_that_a_browser_can_read(services, trained):
    snapshot = services.training.status(trained)
    perfect = replace(snapshot.history.previews[-1], psnr=math.inf)
    sent = json.loads(scores(replace(snapshot.history, previews=(perfect,))))
    assert sent["lines"][0]["y"] == [99.0]


def test_runs_in_one_chart_have_a_color_each(services, trained):
    snapshot = services.training.status(trained)
    untrained = watched(snapshot, replace(snapshot.history, previews=()))
    sent = json.loads(comparison([snapshot, untrained, watched(snapshot, an_hour(50))]))
    assert [len(xs["steps"]) for xs in sent["xs"]] == [len(snapshot.history.previews), 50]
    assert len({line["color"] for line in sent["lines"]}) == 2 <= COLORS
    assert [line["x"] for line in sent["lines"]] == [0, 0, 1, 1]


def test_spread_keeps_both_ends():
    previews = an_hour(101).previews
    chosen = evenly_spaced(previews, 11)
    assert list(chosen) == list(previews[::10])
    assert evenly_spaced(previews, 200) is previews
