from pathlib import Path

import gradio as gr
import pytest

from editor.errors import UserError
from editor.ui.tabs import pairs
from tests.conftest import draw_toy_pair


@pytest.fixture
def files(tmp_path):
    """Names of pictures to paths, on both sides."""
    found = {"source": [], "target": []}
    for seed, name in enumerate(("cat", "dog")):
        for side, picture in zip(found, draw_toy_pair(seed)):
            path = tmp_path / side / f"{name}.png"
            path.parent.mkdir(exist_ok=True)
            picture.save(path)
            found[side].append(str(path))
    return found


def event(**data):
    return gr.EventData(None, data)


def rendered(services, effect, *, selected="", problem=""):
    found = services.workspace.pairs(effect)
    return pairs.render(services, effect if selected == "" else selected, effect, found, problem)


def names(services):
    return [pair.name for pair in services.workspace.store("toy").pairs()]


def test_create_selects_the_new_effect(services):
    update, name = pairs.create(services, "Sunglasses")
    assert update["value"] == "sunglasses"
    assert ("Sunglasses", "sunglasses") in update["choices"]
    assert name == ""


def test_both_sides_make_pairs_at_once(services, files):
    sources, targets, report = pairs.add_files(services, "toy", files["source"], files["target"])
    assert (sources, targets) == (None, None)
    assert "Added 2 pairs." in report
    assert {"cat", "dog"} <= set(names(services))


def test_one_side_waits_for_the_other(services, files):
    sources, targets, report = pairs.add_files(services, "toy", files["source"], None)
    assert sources == targets == {"__type__": "update"}
    assert "cat.png, dog.png" in report
    assert len(names(services)) == 8


def test_what_has_no_partner_is_named_and_stays(services, files):
    sources, targets, report = pairs.add_files(services, "toy", files["source"], files["target"][:1])
    assert (sources, targets) == (files["source"][1:], None)
    assert "Added 1 pair." in report
    assert "dog.png" in report
    assert "cat" in names(services)


def test_a_bad_file_is_named_and_loses_only_its_pair(services, files):
    Path(files["target"][1]).write_text("not a picture")
    *_, report = pairs.add_files(services, "toy", files["source"], files["target"])
    assert "dog.png (after) is not a picture" in report
    assert "cat" in names(services)
    assert "dog" not in names(services)


def test_files_need_an_effect(services, files):
    with pytest.raises(gr.Error, match="effect"):
        pairs.add_files(services, None, files["source"], files["target"])


@pytest.mark.parametrize("data", [{"files": []}, {"files": [], "failed": True}, {}])
def test_an_empty_folder_is_told(services, data):
    with pytest.raises(gr.Error):
        pairs.add_folder(services, "toy", event(**data))


def test_a_folder_that_was_not_uploaded_is_refused(services, files):
    with pytest.raises(UserError):
        pairs.add_folder(services, "toy", event(files=[{"path": files["source"][0], "name": "x/source/cat.png"}]))


def test_buttons_of_a_card(services):
    store = services.workspace.store("toy")
    pairs.act(services, "toy", event(action="hold", name="0000"))
    assert "0000" in {pair.name for pair in store.held_out()}
    pairs.act(services, "toy", event(action="learn", name="0000"))
    assert "0000" not in {pair.name for pair in store.held_out()}
    removed, button = pairs.act(services, "toy", event(action="remove", name="0000"))
    assert "0000" not in names(services)
    assert button["visible"] and "0000" in button["value"]
    forgotten, button = pairs.undo(services, removed)
    assert "0000" in names(services)
    assert forgotten is None and not button["visible"]
    with pytest.raises(UserError):
        pairs.act(services, "toy", event(action="remove", name="../../effect"))


def test_render_shows_every_pair(services):
    update, summary, cards = rendered(services, "toy", selected=None)
    assert update["value"] == "toy"
    assert "8 pairs: 7 to learn from, 1 held out" in summary
    assert cards.count("<li ") == 8
    assert cards.count('data-held-out="true"') == 1
    assert cards.count("<img ") == 16


def test_names_are_escaped(services):
    services.workspace.store("toy").add("<b>&", *draw_toy_pair(0))
    *_, cards = rendered(services, "toy")
    assert "<b>" not in cards


def test_an_empty_effect_says_what_to_do(services):
    services.workspace.create_effect("Empty")
    *_, cards = rendered(services, "empty")
    assert "No pairs yet" in cards


def test_an_upload_is_imported_once(services, files):
    """Two events may be under way with the same files, when both sides were dropped quickly on a busy machine."""
    uploads = {side: [] for side in files}
    for side, paths in files.items():
        for path in map(Path, paths):
            place = services.workspace.fresh_cache(f"uploads-{side}-{path.stem}") / path.name
            place.write_bytes(path.read_bytes())
            uploads[side].append(str(place))
    pairs.add_files(services, "toy", uploads["source"], uploads["target"])
    count = len(names(services))
    again = pairs.add_files(services, "toy", uploads["source"], uploads["target"])
    assert again == tuple([{"__type__": "update"}] * 3)  # not even the report of the first is replaced
    assert len(names(services)) == count
