from editor.ui.state import only_changes


def is_skip(value):
    return value == {"__type__": "update"}


def test_the_first_look_gets_everything():
    sent, digests = only_changes(["a", {"choices": [1]}], ())
    assert sent == ["a", {"choices": [1]}]
    assert len(digests) == 2


def test_only_what_changed_is_sent():
    _, digests = only_changes(["a", "b"], ())
    sent, digests = only_changes(["a", "c"], digests)
    assert is_skip(sent[0])
    assert sent[1] == "c"
    sent, _ = only_changes(["a", "c"], digests)
    assert all(map(is_skip, sent))
