import json
import re
import shutil
from html import unescape

import gradio as gr
import pytest
from PIL import Image

from editor.image_files import ImageError
from editor.ui import messages
from editor.ui.components.figures import EXTRAS, FIELDS, SECTIONS
from editor.ui.components.readout import SOURCES, TARGETS, readout
from editor.ui.state import Seen
from editor.ui.tabs.inspect import handlers
from editor.ui.tabs.inspect.handlers import CALM_SECONDS, Asked, follow, inspect
from editor.workspace import InspectionPictures
from tests.conftest import draw_toy_pair

SKIP = {"__type__": "update"}
OPEN = Seen(digests=(1,))  # a page that knows its runs
BEFORE = 5 + len(handlers.FACTS)  # of the pictures: seen, i, j, note, read-out, facts


def shown(services, run, seen=None, **choices):
    """Return what the page shows, as named parts."""
    seen, i, j, note, line, *rest = inspect(services, *Asked(run, **choices), seen)
    facts, pictures = rest[: len(handlers.FACTS)], rest[len(handlers.FACTS) :]
    return {
        "seen": seen,
        "i": i,
        "j": j,
        "note": note,
        "line": line,
        "facts": dict(zip(handlers.FACTS, facts)),
        "pictures": dict(zip(FIELDS, pictures)),
        "all": (seen, i, j, note, line, *rest),
    }


def drawn(page, field):
    """Return a picture of the page."""
    with Image.open(page["pictures"][field]["value"]) as image:
        return image.convert("RGB")


def is_empty(page):
    """Say whether the page shows no picture and no number."""
    no_pictures = all(picture == gr.update(value=None) for picture in page["pictures"].values())
    return no_pictures and not any(page["facts"].values()) and page["line"] == readout()


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "mine.png"
    draw_toy_pair(seed=50, size=64)[0].save(path)
    return str(path)


def test_every_picture_has_a_place():
    assert sorted(FIELDS) == sorted(InspectionPictures._fields)


def test_every_picture_of_the_models_size_can_be_pointed_at():
    ids = {figure.elem_id for section in SECTIONS for figure in section.figures}
    pasting = {figure.elem_id for figure in EXTRAS["paste"]}
    assert {*SOURCES, *TARGETS} == ids | pasting


def test_without_a_run_it_says_what_to_do(services):
    page = shown(services, None)
    assert page["seen"].notice in page["note"]
    assert "Start a run" in page["note"]
    assert is_empty(page)
    assert all(value == SKIP for value in shown(services, None, page["seen"])["all"])  # said once


def test_a_new_run_starts_with_a_held_out_pair(services, trained):
    page = shown(services, trained)
    held_out = {pair.name for pair in services.training.pairs(trained) if pair.is_held_out}
    assert page["i"]["value"] not in held_out
    assert page["j"]["value"] in held_out
    assert page["note"] == ""
    assert page["seen"].version == services.editing.version(trained)
    extras = {field for figures in EXTRAS.values() for figure in figures for field in figure.fields}
    for field, update in page["pictures"].items():
        is_absent = field == "steps" or field in extras  # of one step, and of a run that neither pastes nor copies
        assert update["visible"] != is_absent, field
        assert is_absent or drawn(page, field).width > 1


def test_pictures_are_files_where_only_their_visitor_is_served(services, trained):
    """Pixels would go where Gradio keeps those of everybody."""
    page = shown(services, trained)
    places = [update["value"] for update in page["pictures"].values() if update["visible"]]
    assert len(places) > 15 and all(map(services.workspace.is_upload, places))


def test_numbers_have_units(services, trained):
    facts = shown(services, trained)["facts"]
    assert re.search(r"[\d.]+ px at the median.*C ", facts["flow"])
    for name in ("source", "target"):
        assert re.search(r"[\d.]+ dB, mean difference [\d.]+ % of the full range", facts[name])
    assert "keeps" in facts["answer"]


def test_the_page_gets_the_numbers_under_the_pointer(services, trained):
    line = shown(services, trained)["line"]
    probe = json.loads(unescape(re.search(r'data-probe="([^"]*)"', line)[1]))
    assert (probe["size"], probe["side"]) == (32, 32)
    assert len(probe["data"]) == 4 * -(-7 * 32 * 32 * 2 // 3)
    assert probe["words"] == messages.inspect.READOUT_WORDS


def test_nothing_is_computed_twice(services, trained):
    page = shown(services, trained)
    again = shown(services, trained, page["seen"], i=page["i"]["value"], j=page["j"]["value"])
    assert all(value == SKIP for value in again["all"])


def test_another_pair_keeps_the_choices(services, trained):
    page = shown(services, trained)
    now = shown(services, trained, page["seen"], i=page["j"]["value"], j=page["j"]["value"])
    assert now["seen"].asked.i == page["j"]["value"]
    assert now["i"] == SKIP
    assert now["pictures"]["x_i"] != SKIP


def test_a_pair_that_is_not_there_gives_way(services, trained):
    page = shown(services, trained, i="not-there", j="not-there")
    names = {pair.name for pair in services.training.pairs(trained)}
    assert {page["seen"].asked.i, page["seen"].asked.j} <= names


def test_a_run_that_is_not_there_is_told_in_place(services):
    page = shown(services, "../secret")
    assert "no longer there" in page["note"]
    assert is_empty(page)


def test_another_view_shows_another_picture_of_f(services, trained):
    wheel, grid = (shown(services, trained, view=view) for view in ("wheel", "grid"))
    assert drawn(wheel, "flow").size == (32, 32)
    assert drawn(grid, "flow").size == (512, 512)
    assert not grid["pictures"]["flow_legend"]["visible"]
    assert "Graph paper" in grid["facts"]["flow"]


def test_another_range_shows_other_pictures_of_c(services, trained):
    page = shown(services, trained)
    other = shown(services, trained, page["seen"], i=page["i"]["value"], j=page["j"]["value"], colors=5)
    for field in ("scale", "shift", "scale_legend", "shift_legend"):
        assert drawn(page, field) != drawn(other, field), field
    assert drawn(page, "flow") == drawn(other, "flow")


def test_sampling_steps_are_shown_side_by_side(services, trained):
    page = shown(services, trained, steps=3)
    assert page["pictures"]["steps"]["visible"]
    assert drawn(page, "steps").width > 3 * 192


def test_a_picture_of_ones_own_has_no_truth(services, trained, photo):
    page = shown(services, trained, photo=photo)
    assert not page["pictures"]["y_j"]["visible"]
    assert not page["pictures"]["y_error"]["visible"]
    assert "nobody knows the truth" in page["facts"]["target"]
    assert page["pictures"]["y_j_hat"]["visible"]


def test_a_file_that_is_no_picture_is_named(services, trained, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    with pytest.raises(ImageError, match=r"bad\.png"):
        shown(services, trained, photo=str(bad))


@pytest.mark.parametrize(
    "choices",
    [
        {"view": "upside-down"},
        {"scale": 3},
        {"scale": None},
        {"colors": 7},
        {"colors": "10"},
        {"noise": 1.5},
        {"noise": float("nan")},
        {"noise": "1"},
        {"steps": 0},
        {"steps": 9},
        {"steps": 1.5},
        {"steps": True},
    ],
)
def test_what_no_control_can_say_is_refused(services, trained, choices):
    with pytest.raises(gr.Error, match="Reload"):
        shown(services, trained, **choices)


def test_the_clock_shows_a_run_and_then_leaves_it_alone(services, trained):
    seen, i, *_ = follow(services, trained, None, OPEN)
    assert i["value"]
    assert all(value == SKIP for value in follow(services, trained, seen, OPEN))


def test_new_weights_wait_until_a_person_is_calm(services, trained):
    seen, *_ = follow(services, trained, None, OPEN)
    old = seen._replace(version=1)
    assert all(value == SKIP for value in follow(services, trained, old, OPEN))
    now, *_ = follow(services, trained, old._replace(at=old.at - CALM_SECONDS), OPEN)
    assert now.version == services.editing.version(trained)


def test_the_clock_keeps_what_was_asked_but_not_the_pairs_of_another_run(services, trained):
    seen, *_ = follow(services, trained, None, OPEN)
    other = seen._replace(asked=seen.asked._replace(run="other", i="zzz", view="grid"))
    now, i, *_ = follow(services, trained, other, OPEN)
    assert (now.asked.run, now.asked.view) == (trained, "grid")
    assert i["value"] == now.asked.i != "zzz"


def test_coming_back_to_a_run_shows_it_again(services, trained):
    seen, *_ = follow(services, trained, None, OPEN)
    seen, *rest = follow(services, None, seen, OPEN)
    assert "Start a run" in rest[2]
    assert follow(services, trained, seen, OPEN)[3] == ""


def test_a_page_that_does_not_know_its_runs_yet_says_nothing_of_them(services):
    assert all(value == SKIP for value in follow(services, None, None, Seen()))


def test_what_was_asked_of_a_run_without_weights_is_answered_once_it_has_some(services, trained):
    before = shown(services, trained, view="grid", colors=10, steps=2)
    new = services.library.duplicate_run(trained)
    asked = {"i": before["i"]["value"], "j": before["j"]["value"], "view": "grid", "colors": 10, "steps": 3}
    page = shown(services, new, before["seen"], **asked)
    assert messages.common.NO_WEIGHTS in page["note"] and is_empty(page)
    assert all(value == SKIP for value in follow(services, new, page["seen"], OPEN))
    for weights in services.training.open(trained).path.glob("*.safetensors"):
        shutil.copy(weights, services.training.open(new).path)
    shutil.copy(services.training.open(trained).path / "manifest.json", services.training.open(new).path)
    seen, i, j, *_ = follow(services, new, page["seen"], OPEN)
    assert seen.asked == page["seen"].asked
    assert (i["value"], j["value"]) == (asked["i"], asked["j"])


def test_a_cell_of_the_matrix_opens_its_pair(services):
    event = gr.EventData(None, {"i": "0001", "j": "0002"})
    assert handlers.pick(services, event) == ("0001", "0002", None)
    with pytest.raises(gr.Error, match="Reload"):
        handlers.pick(services, gr.EventData(None, {"i": 1, "j": "0002"}))
