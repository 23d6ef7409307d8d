"""Forged events sent to the real server: each is refused with a message, nothing is lost, and the server goes on."""

import json

import pytest

from tests.faults.pictures import BOMBS, NOT_PICTURES, WHOLE
from tests.faults.sentences import check_sentence, fingerprint
from tests.faults.server import Page, file_data

HUGE = 10**400


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


FORGED = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "nan": float("nan"),
    "infinite": float("inf"),
    "huge": HUGE,
    "huge-float": 1e300,
    "empty": "",
    "parent": "../../../etc/passwd",
    "absolute": "/etc/passwd",
    "nul": "toy\0",
    "half-a-character": "\ud83d",
    "long": "x" * 100_000,
    "markup": "<img src=x onerror=alert(1)>",
    "list": ["toy"],
    "long-list": [0] * 20_000,
    "object": {"toy": 1},
    "deep": nested(200),
    "hidden-run": ".lock",
    "file-of-the-system": file_data("/etc/passwd"),
    "file-up": file_data("../../../../../etc/passwd"),
    "file-of-a-run": file_data("WORKSPACE/runs/toy/config.json"),
    "file-elsewhere": file_data("ELSEWHERE"),
    "file-elsewhere-too": [file_data("/x.png", url="ELSEWHERE"), {"path": "ELSEWHERE", "is_stream": True}],
    "file-missing": file_data("WORKSPACE/cache/none/none.png"),
    "file-folder": file_data("WORKSPACE/cache"),
    "file-stream": file_data("/etc/passwd", is_stream=True),
    "file-without-meta": {"path": "/etc/passwd"},
    "file-number": file_data("/etc/passwd") | {"path": 5},
    "files": [file_data("/etc/passwd"), file_data("/etc/hosts")],
    "update": {"__type__": "update", "choices": ["../../x"], "value": "../../x"},
}


@pytest.mark.parametrize("kind", FORGED)
def test_no_event_is_fooled_by_what_a_page_sends(server, tab, elsewhere, kind):
    """Every event of the app by its number, private or not, gets the same forged value from all controls."""
    text = json.dumps(FORGED[kind]).replace("WORKSPACE", str(server.workspace)).replace("ELSEWHERE", elsewhere)
    value = json.loads(text)
    before = fingerprint(server.workspace / "effects", server.workspace / "runs")
    # Any text may be the name of an effect, see below.
    events = {key: event for key, event in tab.distinct.items() if event["api_name"] != "create_effect"}
    assert len(events) > 50
    for answer in tab.call_all([(key, [value] * len(event["inputs"]), value) for key, event in events.items()]):
        assert "root:" not in json.dumps(answer.output)
        if not answer.success:
            check_sentence(answer.error)
    assert fingerprint(server.workspace / "effects", server.workspace / "runs") == before


@pytest.mark.parametrize("count", [0, 1, 50])
def test_no_event_is_fooled_by_the_number_of_values(tab, count):
    events = {key: event for key, event in tab.distinct.items() if event["api_name"] != "create_effect"}
    wrong = [key for key, event in events.items() if len(event["inputs"]) != count]
    for answer in tab.call_all([(key, [None] * count, None) for key in wrong]):
        if not answer.success:
            check_sentence(answer.error)


BODIES = {
    "no-event": {"fn_index": 9999, "data": [], "session_hash": "a"},
    "negative-event": {"fn_index": -1, "data": [], "session_hash": "a"},
    "huge-event": {"fn_index": HUGE, "data": [], "session_hash": "a"},
    "event-text": {"fn_index": "../x", "data": [], "session_hash": "a"},
    "event-null": {"fn_index": None, "data": [], "session_hash": "a"},
    "event-nan": {"fn_index": float("nan"), "data": [], "session_hash": "a"},
    "no-session": {"fn_index": 0, "data": []},
    "session-list": {"fn_index": 0, "data": [], "session_hash": ["a"]},
    "data-text": {"fn_index": 0, "data": "all of it", "session_hash": "a"},
    "data-null": {"fn_index": 0, "data": None, "session_hash": "a"},
    "data-object": {"fn_index": 0, "data": {"0": 1}, "session_hash": "a"},
    "trigger-text": {"fn_index": 0, "data": [], "session_hash": "a", "trigger_id": "x"},
    "list": [],
    "text": "join",
    "null": None,
    "number": 1e300,
    "deep": nested(500),
    "empty-object": {},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_event_is_refused(tab, body):
    response = tab.join(body)
    assert 400 <= response.status_code < 500
    assert "Traceback" not in response.text and "site-packages" not in response.text


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 10**5, b'{"a":' * 10**5, b"NaN", b"\0" * 1000])
@pytest.mark.parametrize("path", ["queue/join", "call/edit", "run/edit", "cancel", "reset", "call/v2/edit"])
def test_a_body_that_is_no_json_is_refused(tab, path, content):
    headers = {"content-type": "application/json"}
    response = tab.http.post(f"/gradio_api/{path}", content=content, headers=headers)
    assert 400 <= response.status_code < 500
    assert "Traceback" not in response.text and "site-packages" not in response.text


@pytest.mark.parametrize("more", [{"batched": True}, {"trigger_id": -5}, {"trigger_id": 10**9}, {"event_id": "x"}])
def test_odd_extras_change_nothing(tab, more):
    answer = tab.call("stop_training", [None], **more)
    assert "Nothing is being trained" in check_sentence(answer.error)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 61, "x" * 9_000, "\0", "\ud800", "a\0b", "Toy", "tOY", None, ["a"] * 20_000],
)
def test_an_effect_cannot_be_called_just_anything(server, tab, name):
    before = fingerprint(server.workspace / "effects")
    answer = tab.call("create_effect", [name])
    assert not answer.success
    check_sentence(answer.error)
    assert fingerprint(server.workspace / "effects") == before


@pytest.mark.parametrize(
    "name", ["../../../x", "/etc/passwd", "C:\\x", "<script>alert(1)</script>", "👩‍🎨", "con", "..."]
)
def test_any_name_of_an_effect_stays_in_its_folder(server, tab, name):
    before = {path.name for path in (server.workspace / "effects").iterdir()}
    assert tab.call("create_effect", [name]).success
    (slug,) = {path.name for path in (server.workspace / "effects").iterdir()} - before
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    looked = json.dumps(Page(server.url).look().output)
    assert "<script>alert" not in looked.replace('["<script>alert(1)</script>", ', "")  # names of choices are text


@pytest.mark.parametrize("minutes", [None, 0, -1, 1e9, "soon", float("nan"), float("inf"), [], {"a": 1}, "3 min", True])
@pytest.mark.parametrize("event", ["start_training", "continue_training"])
def test_no_training_begins_for_a_time_that_makes_no_sense(server, tab, event, minutes):
    before = fingerprint(server.workspace / "runs")
    data = tab.start_data(minutes=minutes) if event == "start_training" else [None, minutes]
    if minutes is True:
        data[-1 if event == "continue_training" else 3] = -1  # True is one minute, so something else must stop it
    check_sentence(tab.call(event, data).error)
    assert fingerprint(server.workspace / "runs") == before


@pytest.mark.parametrize("seed", [-1, 2**31, "7x", float("nan"), [1], {}, None])
def test_no_training_begins_from_a_seed_that_is_none(server, tab, seed):
    before = fingerprint(server.workspace / "runs")
    check_sentence(tab.call("start_training", tab.start_data(seed=seed)).error)
    assert fingerprint(server.workspace / "runs") == before


@pytest.mark.parametrize("preset", ["", "huge", "../draft", None, 5, ["draft"]])
def test_no_training_begins_with_an_unknown_preset(server, tab, preset):
    before = fingerprint(server.workspace / "runs")
    check_sentence(tab.call("start_training", tab.start_data(preset=preset)).error)
    assert fingerprint(server.workspace / "runs") == before


ACTIONS = {
    "nothing": None,
    "text": "remove",
    "list": ["remove"],
    "no-name": {"action": "remove"},
    "no-action": {"name": "0000"},
    "name-number": {"name": 0, "action": "remove"},
    "name-list": {"name": ["0000"], "action": "remove"},
    "name-up": {"name": "../../../runs/toy/config", "action": "remove"},
    "name-absolute": {"name": "/etc/passwd", "action": "remove"},
    "name-empty": {"name": "", "action": "remove"},
    "name-unknown": {"name": "9999", "action": "remove"},
    "name-nul": {"name": "0000\0", "action": "remove"},
    "name-pattern": {"name": "*", "action": "remove"},
    "hold-unknown": {"name": "../x", "action": "hold"},
    "action-unknown": {"name": "0000", "action": "explode"},
    "action-number": {"name": "0000", "action": 1},
}


@pytest.mark.parametrize("event_data", ACTIONS.values(), ids=ACTIONS)
def test_cards_do_only_what_their_buttons_say(server, tab, event_data):
    before = fingerprint(server.workspace / "effects")
    check_sentence(tab.call("change_pair", ["toy"], event_data=event_data).error)
    assert fingerprint(server.workspace / "effects") == before


FOLDERS = {
    "nothing": None,
    "text": "files",
    "no-list": {"files": "a"},
    "none": {"files": []},
    "failed": {"files": [], "failed": True},
    "numbers": {"files": [1, 2]},
    "no-path": {"files": [{"name": "source/a.png"}]},
    "path-number": {"files": [{"path": 5, "name": "source/a.png"}]},
    "path-of-the-system": {"files": [{"path": "/etc/passwd", "name": "source/a.png"}]},
    "path-up": {"files": [{"path": "WORKSPACE/cache/../runs/toy/config.json", "name": "source/a.png"}]},
    "path-nul": {"files": [{"path": "/etc/passwd\0.png", "name": "source/a.png"}]},
    "path-folder": {"files": [{"path": "WORKSPACE/cache", "name": "a.zip"}]},
    "zip-of-the-system": {"files": [{"path": "/etc/passwd", "name": "a.zip"}]},
    "thousands": {"files": [{"path": "/x", "name": "source/a.png"}] * 10_001},
}


@pytest.mark.parametrize("event_data", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_holds_only_what_was_uploaded(server, tab, event_data):
    event_data = json.loads(json.dumps(event_data).replace("WORKSPACE", str(server.workspace)))
    before = fingerprint(server.workspace / "effects")
    check_sentence(tab.call("add_files", ["toy", None], event_data=event_data).error)
    assert fingerprint(server.workspace / "effects") == before


@pytest.mark.parametrize(
    "name", ["../../../up", "/absolute", "source/../../x", "source/" + "x" * 5000, "a\\b", "source"]
)
def test_names_in_a_folder_stay_in_it(server, tab, name):
    file = tab.upload("a.png", WHOLE["png"])
    before = fingerprint(server.workspace / "effects", server.workspace / "runs")
    answer = tab.call("add_files", ["toy", None], event_data={"files": [{"path": file["path"], "name": name}]})
    if not answer.success:
        check_sentence(answer.error)
    assert fingerprint(server.workspace / "effects", server.workspace / "runs") == before


PHOTOS = {**{f"bomb-{name}": BOMBS[name] for name in ("png-30000x30000", "gif-65535x65535", "tiff-60000x60000")}}
PHOTOS |= {
    name: NOT_PICTURES[name] for name in ("html", "svg", "pickle", "png-bad-zlib", "tiff-loop", "webp-no-picture")
}
PHOTOS |= {"half-a-jpeg": WHOLE["jpeg"][:300]}


@pytest.mark.parametrize("data", PHOTOS.values(), ids=PHOTOS)
def test_a_bad_photo_is_named_and_left_out(tab, data):
    answer = tab.drop(tab.upload("photo.png", data))
    assert answer.success, answer.error
    _, _, strip, told = answer.output["data"]
    assert "photo.png" in told
    assert not strip


def test_a_good_photo_is_edited_after_all_that(tab):
    photo = tab.upload("photo.png", WHOLE["jpeg"])  # whatever it is called
    answer = tab.drop(photo)
    assert answer.success, answer.error
    answer = tab.call("edit", [None, None])
    assert answer.success, answer.error


CHOICES = {
    "nothing": None,
    "text": "reference",
    "no-value": {"kind": "reference"},
    "number": {"kind": "photo", "value": 0},
    "photo-unknown": {"kind": "photo", "value": "99"},
    "photo-negative": {"kind": "photo", "value": "-1"},
    "photo-superscript": {"kind": "photo", "value": "²"},
    "pair-up": {"kind": "reference", "value": "pair:../x"},
    "pair-unknown": {"kind": "reference", "value": "pair:nobody"},
    "way-unknown": {"kind": "reference", "value": "choice:none"},
    "example-up": {"kind": "example", "value": "../../etc/passwd"},
    "seed-text": {"kind": "seed", "value": "x"},
    "seed-large": {"kind": "seed", "value": "9" * 30},
    "run-up": {"kind": "run", "value": "../runs"},
    "kind-unknown": {"kind": "x", "value": "0"},
}


@pytest.mark.parametrize("event_data", CHOICES.values(), ids=CHOICES)
def test_an_edit_is_chosen_only_among_what_is_shown(tab, event_data):
    check_sentence(tab.call("choose", [None, None], event_data=event_data).error)


@pytest.mark.parametrize("path", [None, 5, "/etc/passwd", "WORKSPACE/runs", "/x\0"])
@pytest.mark.parametrize("event", ["brush", "retouch"])
def test_a_drawing_is_an_upload(server, tab, event, path):
    tab.drop(tab.upload("photo.png", WHOLE["jpeg"]))
    path = path.replace("WORKSPACE", str(server.workspace)) if isinstance(path, str) else path
    check_sentence(tab.call(event, [None, None], event_data={"path": path, "photo": "photo"}).error)


@pytest.mark.parametrize("seed", [-1, 1e300, "x", None])
def test_no_edit_is_drawn_from_a_seed_that_is_none(tab, seed):
    check_sentence(tab.call("set_seed", [None, seed]).error)


def test_direct_calls_do_not_pass_the_queue(tab):
    for event in tab.events.values():
        response = tab.http.post(f"/gradio_api/run/{event['api_name']}", json={"data": []})
        assert response.status_code == 404
