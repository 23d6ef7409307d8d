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
