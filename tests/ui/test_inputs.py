import gradio as gr
import pytest

from editor.ui.inputs import MAX_DEPTH, MAX_ITEMS, MAX_NUMBER, MAX_TEXT, require_one_choice, require_plain, sent


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
