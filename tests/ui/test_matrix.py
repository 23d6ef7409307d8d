import json
import re
from html import unescape

import gradio as gr
import pytest

from editor.ui import messages
from editor.ui.components.pair_matrix import pair_matrix
from editor.ui.tabs.inspect import matrix
from editor.workspace import Hardest, PairMatrix, inspecting

KNOWN = ((40.0, 20.0, 10.0), (21.0, 41.0, 11.0), (22.0, 20.0, 42.0))


def a_matrix(values=KNOWN, **changes) -> PairMatrix:
    names = ("0001", "<b>", "0003")
    fields = {
        "names": names,
        "held_out": frozenset(["0003"]),
        "num_pairs": 3,
        "step": 250,
        "is_newest": True,
        "num_done": sum(value is not None for row in values for value in row),
        "seconds_left": 4.0,
        "source": values,
        "target": values,
        "sheets": None,
    }
    return PairMatrix(**fields | changes)


@pytest.fixture
def draw(services, trained):
    """Draws a matrix of three pairs."""
    pairs = services.training.pairs(trained)[:3]
    names = [pair._replace(name=name) for pair, name in zip(pairs, ("0001", "<b>", "0003"))]
    return lambda found, kind="target": pair_matrix(found, kind, names, services.workspace.thumbnail)


def test_every_cell_has_its_number_and_its_shade(draw):
    cells = re.findall(r'<td style="--e:([\d.]+)">([\d.]+)</td>', draw(a_matrix()))
    assert [float(text) for _, text in cells] == [value for row in KNOWN for value in row]
    shades = [float(shade) for shade, _ in cells]
    assert shades[2] == 1.0  # the worst of all
    assert shades[0] == shades[4] == shades[8] == 0.0  # a pair explains itself
    assert 0 < shades[1] < 0.2


def test_held_out_pairs_are_marked_in_rows_and_columns(draw):
    heads = re.findall(r'<th scope="(\w+)" class="pb-held" title="held out"><span>(.*?)</span>', draw(a_matrix()))
    assert heads == [("col", "0003"), ("row", "0003")]


def test_names_are_no_markup(draw):
    html = draw(a_matrix())
    assert "<b></span>" not in html.replace('<b class="pb-held">', "")
    data = json.loads(unescape(re.search(r'data-matrix="([^"]*)"', html)[1]))
    assert data["names"][1] == "<b>"
    assert data["heldOut"] == [False, False, True]


def test_the_hardest_pair_is_named_with_what_to_do(draw):
    html = draw(a_matrix())
    assert "0003 is the hardest to predict from all others (10.5 dB on average" in html
    assert "look whether its two sides belong together" in html
    assert "Which pair is the reference matters: it changes a prediction by 0." in html
    assert "typical held-out pair" in messages.inspect.matrix_verdict(Hardest("a", True, 10.0, 20.0, True), "target")
    assert "two sides" not in messages.inspect.matrix_verdict(Hardest("a", False, 10.0, 20.0, True), "source")
    assert "No pair stands out" in messages.inspect.matrix_verdict(Hardest("a", False, 10.0, 10.5, False), "target")


def test_while_it_is_computed_it_says_how_far_it_is(draw):
    half = ((40.0, 20.0, 10.0), (21.0, None, None), (None, None, None))
    html = draw(a_matrix(half))
    assert "4 of 9 edits, about 0:04 left" in html
    assert html.count("<td></td>") == 5
    assert "hardest" not in html
    assert "There are newer weights" in draw(a_matrix(is_newest=False))
    assert "3 pairs taken evenly from 80" in draw(a_matrix(num_pairs=80))


def test_it_is_computed_on_request_and_can_be_stopped(services, trained):
    html, start, stop, timer = matrix.show(services, trained, "target")
    assert "Nothing computed yet" in html
    assert (start["visible"], stop["visible"], timer.active) == (True, False, False)
    _, start, stop, timer = matrix.start(services, trained, "target")
    assert (start["visible"], stop["visible"], timer.active) == (False, True, True)
    html, start, stop, timer = matrix.show(services, trained, "target")
    assert start["value"] == messages.inspect.MATRIX_GO_ON and not timer.active
    while timer_is_on(parts := matrix.advance(services, trained, "source")):
        pass
    assert "<td></td>" not in parts[0]
    assert parts[1]["value"] == messages.inspect.MATRIX_AGAIN
    data = json.loads(unescape(re.search(r'data-matrix="([^"]*)"', parts[0])[1]))
    assert len(data["sheets"]) == 2 and len(data["x"]) == len(data["y"]) == 16


def timer_is_on(parts) -> bool:
    """Return whether a tick leaves the timer on, which it never turns on itself."""
    return parts[3] == gr.skip() or parts[3].active


def test_a_tick_that_is_answered_after_stop_leaves_it_stopped(services, trained, monkeypatch):
    monkeypatch.setattr(inspecting, "CHUNK_SECONDS", 0.0)  # one batch
    matrix.start(services, trained, "target")
    in_flight = matrix.advance(services, trained, "target")
    assert "of 256 edits" in in_flight[0]
    assert in_flight[1:] == (gr.skip(), gr.skip(), gr.skip())


def test_another_run_ends_the_computation(services, trained):
    matrix.start(services, trained, "target")
    assert not timer_is_on(matrix.advance(services, None, "target"))


def test_a_computation_that_cannot_go_on_stops_and_says_why_in_the_page(services, trained):
    matrix.start(services, trained, "target")
    services.library.delete_run(trained)  # on another page
    html, start, stop, timer = matrix.advance(services, trained, "target")
    assert "no longer there" in html
    assert (start["visible"], stop["visible"], timer.active) == (True, False, False)


def test_what_is_missing_or_odd_is_told(services, trained):
    with pytest.raises(gr.Error, match="Choose a run"):
        matrix.start(services, None, "target")
    with pytest.raises(gr.Error, match="Reload"):
        matrix.start(services, trained, "both")
    assert "no longer there" in matrix.show(services, "../secret", "target")[0]
