import pytest

from editor.editing.editor import Editor
from editor.editing.references import CHUNK_PIXELS, choose
from editor.images import to_tensor
from tests.conftest import draw_toy_pair

NAMES = tuple("abcdefgh")


def ranked() -> list[str]:
    return sorted(NAMES, reverse=True)


def never() -> list[str]:
    raise AssertionError("ranking costs a pass through M_x")


def test_random_groups_follow_from_the_seed_and_ask_nobody():
    first, again, other = (choose(NAMES, never, count=2, choice="random", named=None, seed=seed) for seed in (3, 3, 4))
    assert first == again != other
    assert len(first) == 1 and len(set(first[0])) == 2


def test_best_is_first_and_average_begins_each_group_with_another():
    assert choose(NAMES, ranked, count=1, choice="best", named=None, seed=0) == [["h"]]
    groups = choose(NAMES, ranked, count=2, choice="average", named=None, seed=0)
    assert groups == [["h", "g"], ["g", "f"], ["f", "e"], ["e", "d"], ["d", "c"]]
    few = choose("xy", lambda: ["y", "x"], count=2, choice="average", named=None, seed=0)
    assert few == [["y", "x"], ["x", "y"]]


@pytest.mark.parametrize("choice", ["random", "best", "average"])
def test_a_named_reference_comes_first_whatever_the_choice(choice):
    ((first, *others),) = choose(NAMES, never, count=3, choice=choice, named="c", seed=0)
    assert first == "c" and len(set(others) - {"c"}) == 2


def test_ranking_sends_a_few_references_at_a_time_through_m_x(trained_run, monkeypatch):
    editor = Editor.load(trained_run.path, "cpu")
    x_j = to_tensor(draw_toy_pair(seed=77)[0])[None]
    sizes = []
    editor.model.m_x.register_forward_hook(lambda _module, given, _out: sizes.append(len(given[0])))
    at_once = editor.match(x_j)
    assert sizes == [len(editor.references)] and len(at_once) <= CHUNK_PIXELS // 32**2
    monkeypatch.setattr("editor.editing.references.CHUNK_PIXELS", 3 * 32**2)
    sizes.clear()
    assert editor.match(x_j) == at_once
    assert max(sizes) == 3 and sum(sizes) == len(editor.references)
