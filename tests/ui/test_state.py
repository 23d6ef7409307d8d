from editor.ui.state import Seen, only_changes


def is_skip(value):
    return value == {"__type__": "update"}


def test_the_first_look_gets_everything():
    sent, seen = only_changes(["a", {"choices": [1]}], Seen())
    assert sent == ["a", {"choices": [1]}]
    assert len(seen.digests) == 2


def test_only_what_changed_is_sent_and_once_more():
    """Two responses may arrive in reverse order, so what changed is sent twice: the older one would stay otherwise."""
    _, seen = only_changes(["a", "b"], Seen())
    _, seen = only_changes(["a", "b"], seen)
    sent, seen = only_changes(["a", "c"], seen)
    assert is_skip(sent[0])
    assert sent[1] == "c"
    sent, seen = only_changes(["a", "c"], seen)
    assert is_skip(sent[0]) and sent[1] == "c"
    sent, _ = only_changes(["a", "c"], seen)
    assert all(map(is_skip, sent))


def test_a_list_of_choices_that_may_be_open_is_sent_once():
    _, seen = only_changes([{"choices": [1]}], Seen())
    sent, _ = only_changes([{"choices": [1]}], seen)
    assert all(map(is_skip, sent))


def test_what_else_is_known_of_the_page_is_kept():
    assert only_changes(["a"], Seen(active="run", is_choosing=True))[1].active == "run"
