import asyncio
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from editor.ui.inputs import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NUMBER,
    MAX_TEXT,
    CheckedBlocks,
    require_one_choice,
    require_plain,
    sent,
)


def nested(depth):
    return [] if depth == 0 else [nested(depth - 1)]


@pytest.mark.parametrize(
    "value", [None, True, 3, -2.5, "Müller 👩‍🎨", [], {}, {"path": None}, nested(MAX_DEPTH), MAX_NUMBER]
)
def test_plain_values_pass(value):
    require_plain(value)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        10**400,
        "\0",
        "\ud83d",
        "x" * (MAX_TEXT + 1),
        [0] * (MAX_ITEMS + 1),
        nested(MAX_DEPTH + 1),
    ]
    + [{"a": [{"b": "\0"}]}, {"\0": 1}, {"path": "https://example.org/a.png"}, {"path": "/"}],
)
def test_odd_values_do_not(value):
    with pytest.raises(gr.Error, match="Reload the page"):
        require_plain(value)


@pytest.mark.parametrize("value", [["b"], {"b": 1}])
def test_one_choice_is_not_a_list_of_them(value):
    controls = gr.Dropdown(["a", "b"]), gr.Dropdown(["a", "b"], multiselect=True)
    require_one_choice(controls, ["b", ["b"]])
    with pytest.raises(gr.Error, match="Reload the page"):
        require_one_choice(controls, [value, ["b"]])


def test_values_are_taken_by_name_and_kind():
    assert sent({"name": "a", "count": 2, "more": None}, name=str, count=int) == ["a", 2]
    for data in ({"name": 1}, {}, None, "name", ["name"]):
        with pytest.raises(gr.Error, match="Reload the page"):
            sent(data, name=str)


def test_a_session_does_not_grow_with_its_events():
    with CheckedBlocks() as app:
        choice = gr.Dropdown(["a", "b"])
        app.load(lambda: gr.update(choices=["b", "c"]), None, choice)
        app.load(lambda: "c", None, choice)
    session = SessionState(app)
    update, plain = app.fns.values()
    counts = []
    with ThreadPoolExecutor(1) as pool:  # after a browser test, the main thread has a loop that runs
        for _ in range(5):
            for event in (update, plain):
                answer = pool.submit(asyncio.run, app.process_api(event, [], state=session)).result()
            assert answer["data"] == ["c"]
            counts.append(len(session.blocks_config.blocks))
    assert len(set(counts)) == 1
    assert [value for _, value in session.blocks_config.blocks[choice._id].choices] == ["b", "c"]


def test_what_is_skipped_makes_no_new_control():
    skip, update = gr.skip(), gr.update(choices=["b", "c"])
    with CheckedBlocks() as app:
        outputs = one, other, state = gr.Dropdown(["a", "b"]), gr.Textbox(), gr.State(1)
        answers = [(skip, "x", skip), (update, skip, 2), (skip, skip, skip), skip]
        for answer in answers:
            app.load(lambda answer=answer: answer, None, [*outputs])
        app.load(lambda: skip, None, other)
        app.load(lambda: None)
        app.load(lambda: (skip, skip), None, [*outputs])
    session = SessionState(app)
    *events, too_few = app.fns.values()
    with ThreadPoolExecutor(1) as pool:

        def data(event):
            return pool.submit(asyncio.run, app.process_api(event, [], state=session)).result()["data"]

        assert data(events[0]) == [skip, "x", None]
        assert one._id not in session.blocks_config.blocks or session.blocks_config.blocks[one._id] is one
        sent = data(events[1])
        assert [value for _, value in sent[0]["choices"]] == ["b", "c"] and sent[1:] == [skip, None]
        assert session[state._id] == 2
        made = session.blocks_config.blocks[one._id]
        assert data(events[2]) == data(events[3]) == [skip, skip, None]
        assert data(events[4]) == [skip]
        assert data(events[5]) == []
        assert session.blocks_config.blocks[one._id] is made
        with pytest.raises(ValueError, match="enough output"):
            data(too_few)
