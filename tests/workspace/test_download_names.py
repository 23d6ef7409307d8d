"""Names of saved files by a pattern."""

import pytest

from editor.workspace import NamePattern, WorkspaceError


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("{name}-{effect}", "a-b-ink"),
        ("{number}_{name}", "007_a-b"),
        ("../{effect}/x", "ink-x"),
        ("holiday {number}", "holiday-007"),
    ],
)
def test_a_pattern_is_filled_in_and_is_no_path(text, stem):
    assert NamePattern(text).stem(name="a/b", effect="ink", number=7) == stem


@pytest.mark.parametrize(
    "text", ["{name", "}", "{date}", "{}", "{name.__class__}", "{name:>9999}", "{name!r}", "x" * 101]
)
def test_a_bad_pattern_is_told(text):
    with pytest.raises(WorkspaceError, match="pattern of names"):
        NamePattern(text)
